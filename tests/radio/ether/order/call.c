/* SPDX-License-Identifier: Apache-2.0 */

#include "order/call.h"

#include <stdarg.h>
#include <string.h>

int refuse(struct refusal *refusal, const char *code, const char *format, ...)
{
        va_list arguments;

        refusal->code = code;
        va_start(arguments, format);
        (void)vsnprintf(refusal->text, sizeof(refusal->text), format, arguments);
        va_end(arguments);
        return ORDER_REFUSED;
}

int refuse_failure(struct refusal *refusal, int error, const char *what)
{
        return refuse(refusal, "failed", "%s: %s", what, strerror(-error));
}

const char *call_argument(const struct call *call, unsigned n)
{
        return n < call->words.n ? call->words.at[n] : NULL;
}

int call_integer(struct call *call, unsigned n, long min, long max, long missing, long *ret_value)
{
        const char *text = call_argument(call, n);

        if (!text)
                *ret_value = missing;
        else if (!value_integer(text, min, max, ret_value))
                return refuse(call->refusal, "bad_value",
                              "'%s' is not a whole number from %ld to %ld", text, min, max);
        return 0;
}

int call_number(struct call *call, unsigned n, double min, double max, double *ret_value)
{
        const char *text = call_argument(call, n);

        if (!value_number(text, min, max, ret_value))
                return refuse(call->refusal, "bad_value", "'%s' is not a number from %g to %g",
                              text, min, max);
        return 0;
}

static int name_find(struct call *call, const char *name, struct plug **ret_plug)
{
        struct plug *plug = room_find(call->room, name);

        if (!plug)
                return refuse(call->refusal, "unknown_controller",
                              "'%s' is not plugged in; 'list' shows what is", name);
        *ret_plug = plug;
        return 0;
}

int call_name(struct call *call, struct plug **ret_plug)
{
        return name_find(call, call_argument(call, 1), ret_plug);
}

int call_plugged(struct call *call, struct plug **ret_plug)
{
        struct plug *plug = NULL;
        int r = call_name(call, &plug);

        if (r != 0)
                return r;
        if (!plug_is_in(plug))
                return refuse(call->refusal, "not_plugged",
                              "'%s' is unplugged; 'plug %s' plugs it in again", plug_name(plug),
                              plug_name(plug));
        *ret_plug = plug;
        return 0;
}

static int number_find(struct call *call, const char *name, unsigned *ret_number)
{
        struct plug *plug = NULL;
        int r = name_find(call, name, &plug);

        if (r != 0)
                return r;
        r = room_number(call->room, plug);
        if (r < 0)
                return refuse(call->refusal, "not_plugged",
                              "'%s' is unplugged and has no ways any more; plug it in first", name);
        *ret_number = (unsigned)r;
        return 0;
}

int call_route(struct call *call, struct route *ret_route)
{
        const char *text = call_argument(call, 1);
        size_t n = strcspn(text, ">-");
        struct route route = {.both = text[n] == '-'};
        char from[PLUG_NAME_MAX + 1];
        int r;

        if (n == 0 || n > PLUG_NAME_MAX || !text[n] || !plug_name_valid(text + n + 1))
                return refuse(call->refusal, "bad_way",
                              "'%s' is not a way; write A>B for one direction, A-B for both", text);
        memcpy(from, text, n);
        from[n] = 0;
        r = number_find(call, from, &route.from);
        if (r == 0)
                r = number_find(call, text + n + 1, &route.to);
        if (r == 0 && route.from == route.to)
                r = refuse(call->refusal, "bad_way",
                           "'%s' ends where it begins; name two controllers", text);
        if (r == 0)
                *ret_route = route;
        return r;
}

int call_direction(struct call *call, struct route *ret_route)
{
        struct route route = {.both = false};
        int r = call_route(call, &route);

        if (r != 0)
                return r;
        if (route.both)
                return refuse(call->refusal, "bad_way",
                              "'%s' is for one direction; write A>B, or two orders",
                              call_argument(call, 0));
        *ret_route = route;
        return 0;
}

void call_each_way(const struct call *call, const struct route *route,
                   void (*each)(struct way *way, const void *userdata), const void *userdata)
{
        struct space *space = air_space(room_air(call->room));

        each(space_way(space, route->from, route->to), userdata);
        if (route->both)
                each(space_way(space, route->to, route->from), userdata);
}
