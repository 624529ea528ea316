/* SPDX-License-Identifier: Apache-2.0 */

#include "order/order-run.h"

#include <stdint.h>
#include <string.h>

#include "util/defer.h"

#define SIGNAL_MIN          (-127) /* dBm, what HCI can tell */
#define SIGNAL_MAX          20
#define COUNT_MAX           1000000000L
#define FLOOD_ADDRESSES_MAX 100000
#define FLOOD_RATE_MAX      100000
#define FLOOD_SIGNAL        (-70) /* dBm */
#define CONNECTION_TIMEOUT  0x08  /* HCI's reason (Volume 1, Part F, section 2.8) */

static void way_set_signal(struct way *way, const void *userdata)
{
        const long *signal = userdata;

        way->signal = (int8_t)*signal;
}

int order_signal(struct call *call)
{
        struct route route;
        long signal;
        int r = call_route(call, &route);

        if (r == 0)
                r = call_integer(call, 2, SIGNAL_MIN, SIGNAL_MAX, 0, &signal);
        if (r == 0)
                call_each_way(call, &route, way_set_signal, &signal);
        return r;
}

static void way_set_loss(struct way *way, const void *userdata)
{
        const double *loss = userdata;

        way->loss = *loss;
}

int order_loss(struct call *call)
{
        struct route route;
        double loss;
        int r = call_route(call, &route);

        if (r == 0)
                r = call_number(call, 2, 0, 1, &loss);
        if (r == 0)
                call_each_way(call, &route, way_set_loss, &loss);
        return r;
}

static void way_set_held(struct way *way, const void *userdata)
{
        const bool *held = userdata;

        way->held = *held;
}

static int set_held(struct call *call, bool held)
{
        struct route route;
        int r = call_route(call, &route);

        if (r == 0)
                call_each_way(call, &route, way_set_held, &held);
        return r;
}

int order_hold(struct call *call)
{
        return set_held(call, true);
}

int order_release(struct call *call)
{
        return set_held(call, false);
}

static void way_set_drop(struct way *way, const void *userdata)
{
        const long *n = userdata;

        way->drop = (uint64_t)*n;
}

int order_drop(struct call *call)
{
        struct route route;
        long n;
        int r = call_direction(call, &route);

        if (r == 0)
                r = call_integer(call, 2, 0, COUNT_MAX, 0, &n);
        if (r == 0)
                call_each_way(call, &route, way_set_drop, &n);
        return r;
}

static void way_set_refusals(struct way *way, const void *userdata)
{
        const long *n = userdata;

        way->refusals = (unsigned)*n;
}

int order_refuse(struct call *call)
{
        struct route route;
        long n;
        int r = call_direction(call, &route);

        if (r == 0)
                r = call_integer(call, 2, 0, COUNT_MAX, 1, &n);
        if (r == 0)
                call_each_way(call, &route, way_set_refusals, &n);
        return r;
}

static void way_set_forgery(struct way *way, const void *userdata)
{
        const struct forgery *forgery = userdata;

        way->forgery = *forgery;
}

int order_forge(struct call *call)
{
        static const char *const names[] = {
                [FORGERY_OFF] = "off", [FORGERY_RESULT] = "result",   [FORGERY_REJECT] = "reject",
                [FORGERY_MTU] = "mtu", [FORGERY_CREDITS] = "credits", [FORGERY_LENGTH] = "length",
        };
        struct forgery forgery;
        struct route route;
        unsigned kind = 0;
        long value;
        int r = call_direction(call, &route);

        if (r == 0)
                r = call_integer(call, 3, 0, UINT16_MAX, 0, &value);
        if (r != 0)
                return r;
        while (kind < ELEMENTSOF(names) && strcmp(names[kind], call_argument(call, 2)) != 0)
                kind++;
        if (kind == ELEMENTSOF(names))
                return refuse(call->refusal, "bad_value",
                              "'%s' is not one of off, result, reject, mtu, credits, length",
                              call_argument(call, 2));
        forgery = (struct forgery){.kind = (enum forgery_kind)kind, .value = (uint16_t)value};
        call_each_way(call, &route, way_set_forgery, &forgery);
        return 0;
}

/* --- links --- */

struct cut {
        uint8_t reason;
        unsigned n_links;
};

static void cut_link(struct link_end *end, void *userdata)
{
        struct cut *cut = userdata;

        link_cut(end, cut->reason);
        cut->n_links++;
}

int order_cut(struct call *call)
{
        struct cut cut = {.n_links = 0};
        struct route route;
        long reason;
        int r = call_route(call, &route);

        if (r == 0 && !route.both)
                r = refuse(call->refusal, "bad_way", "'cut' is for both directions; write A-B");
        if (r == 0)
                r = call_integer(call, 2, 1, 255, CONNECTION_TIMEOUT, &reason);
        if (r != 0)
                return r;
        cut.reason = (uint8_t)reason;
        air_each_link(room_air(call->room), route.from, route.to, cut_link, &cut);
        if (cut.n_links == 0)
                r = refuse(call->refusal, "no_link",
                           "there is no link between them; 'list' shows the links");
        return r;
}

/* --- strangers --- */

int order_flood(struct call *call)
{
        long n_addresses, per_second = 0, signal;
        int r = call_integer(call, 1, 0, FLOOD_ADDRESSES_MAX, 0, &n_addresses);

        if (r == 0)
                r = call_integer(call, 2, 1, FLOOD_RATE_MAX, 0, &per_second);
        if (r == 0)
                r = call_integer(call, 3, SIGNAL_MIN, SIGNAL_MAX, FLOOD_SIGNAL, &signal);
        if (r == 0 && n_addresses > 0 && per_second == 0)
                r = refuse(call->refusal, "wrong_arguments",
                           "how many a second? write 'flood %ld RATE'", n_addresses);
        if (r == 0)
                air_flood(room_air(call->room), (unsigned)n_addresses, (unsigned)per_second,
                          (int8_t)signal);
        return r;
}
