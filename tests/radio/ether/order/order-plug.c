/* SPDX-License-Identifier: Apache-2.0 */

#include "order/order-run.h"

#include <errno.h>
#include <string.h>

#define LINKS_DEFAULT 32

/* --- plug --- */

static int take_setting(struct call *call, const char *text, struct controller_settings *settings)
{
        long n_links;

        if (strncmp(text, "address=", 8) == 0 && value_address(text + 8, settings->address))
                return 0;
        if (strncmp(text, "links=", 6) == 0 &&
            value_integer(text + 6, 1, CONTROLLER_LINKS_MAX, &n_links)) {
                settings->n_links = (unsigned)n_links;
                return 0;
        }
        if (strcmp(text, "legacy") == 0) {
                settings->legacy = true;
                return 0;
        }
        return refuse(call->refusal, "bad_value",
                      "'%s' is not address=AA:BB:CC:DD:EE:FF, links=1 to links=%d, or legacy", text,
                      CONTROLLER_LINKS_MAX);
}

/* Who is plugged in with this address, or NULL. */
static const struct plug *address_owner(struct room *room, const uint8_t address[6])
{
        const struct plug *plug;

        for (unsigned i = 0; (plug = room_nth(room, i)); i++)
                if (plug_is_in(plug) && memcmp(plug_settings(plug)->address, address, 6) == 0)
                        return plug;
        return NULL;
}

/* What a name is plugged in as that says nothing else. */
static struct controller_settings default_settings(struct room *room, const char *name)
{
        struct controller_settings settings = {.n_links = LINKS_DEFAULT};
        const struct plug *known = room_find(room, name);
        unsigned n = 0;

        if (known && plug_settings(known)->n_links > 0)
                return *plug_settings(known);
        while (room_nth(room, n) && room_nth(room, n) != known)
                n++;
        room_address(n, settings.address);
        return settings;
}

static int take_settings(struct call *call, struct controller_settings *ret_settings)
{
        struct controller_settings settings = default_settings(call->room, call_argument(call, 1));
        const struct plug *other;

        for (unsigned i = 2; call_argument(call, i); i++) {
                int r = take_setting(call, call_argument(call, i), &settings);

                if (r != 0)
                        return r;
        }
        other = address_owner(call->room, settings.address);
        if (other)
                return refuse(call->refusal, "address_taken",
                              "'%s' is plugged in with that address; give another by address=",
                              plug_name(other));
        *ret_settings = settings;
        return 0;
}

/* A name that nothing is plugged in under. */
static int take_new_name(struct call *call)
{
        const char *name = call_argument(call, 1);
        const struct plug *plug = room_find(call->room, name);

        if (!plug_name_valid(name))
                return refuse(call->refusal, "bad_name",
                              "'%s' is not a name; use up to %d letters, digits, '_' and '.'", name,
                              PLUG_NAME_MAX);
        if (plug && plug_is_in(plug))
                return refuse(call->refusal, "already_plugged",
                              "'%s' is plugged in; 'unplug %s' first", name, name);
        return 0;
}

static int refuse_plug(struct call *call, int error)
{
        switch (error) {
        case -ENOSPC:
                return refuse(call->refusal, "full",
                              "there is no room for another; unplug one, or restart ether");
        case -ENOENT:
        case -ENXIO:
        case -ENODEV:
                return refuse(call->refusal, "no_vhci",
                              "the kernel has no /dev/vhci; run 'modprobe hci_vhci'");
        case -EACCES:
        case -EPERM:
                return refuse(call->refusal, "no_vhci",
                              "/dev/vhci may not be opened; run ether as root");
        default:
                return refuse_failure(call->refusal, error, "cannot plug it in");
        }
}

static void describe(struct call *call, const struct plug *plug)
{
        char address[ADDRESS_TEXT];

        (void)fprintf(call->answer, "%s ", plug_name(plug));
        if (plug_is_in(plug))
                (void)fprintf(call->answer, "hci%u ", plug_index(plug));
        else
                (void)fputs("unplugged ", call->answer);
        (void)fputs(address_text(plug_settings(plug)->address, address), call->answer);
}

int order_plug(struct call *call)
{
        struct controller_settings settings;
        struct plug *plug = NULL;
        int r = take_new_name(call);

        if (r == 0)
                r = take_settings(call, &settings);
        if (r != 0)
                return r;
        r = room_name(call->room, call_argument(call, 1), &plug);
        if (r < 0)
                return refuse_plug(call, r);
        r = room_plug(call->room, plug, &settings);
        if (r < 0) {
                if (plug_settings(plug)->n_links == 0) /* it never was */
                        room_forget(call->room, plug);
                return refuse_plug(call, r);
        }
        describe(call, plug);
        (void)fputc('\n', call->answer);
        return 0;
}

int order_unplug(struct call *call)
{
        struct plug *plug;
        int r = call_plugged(call, &plug);

        if (r == 0)
                plug_out(plug);
        return r;
}

/* --- what can happen to it --- */

static int set_frozen(struct call *call, bool frozen)
{
        struct plug *plug;
        int r = call_plugged(call, &plug);

        if (r == 0)
                plug_freeze(plug, frozen);
        return r;
}

int order_freeze(struct call *call)
{
        return set_frozen(call, true);
}

int order_thaw(struct call *call)
{
        return set_frozen(call, false);
}

static int set_muted(struct call *call, bool muted)
{
        struct plug *plug;
        int r = call_plugged(call, &plug);

        if (r == 0)
                space_mute(air_space(room_air(call->room)), plug_number(plug), muted);
        return r;
}

int order_mute(struct call *call)
{
        return set_muted(call, true);
}

int order_unmute(struct call *call)
{
        return set_muted(call, false);
}

int order_record(struct call *call)
{
        const char *path = call_argument(call, 2);
        struct plug *plug;
        int r = call_name(call, &plug);

        if (r != 0)
                return r;
        r = plug_record(plug, strcmp(path, "off") == 0 ? NULL : path);
        if (r < 0)
                return refuse(call->refusal, "cannot_record",
                              "'%s': %s; name a file that can be written", path, strerror(-r));
        return 0;
}

/* --- list --- */

struct listing {
        struct call *call;
        const struct plug *from, *to;
};

static void list_link(struct link_end *end, void *userdata)
{
        const struct listing *l = userdata;
        struct link_timing timing = link_timing(end);

        if (link_role(end) != LINK_CENTRAL)
                return;
        (void)fprintf(l->call->answer,
                      "%s-%s interval=%.2fms latency=%u timeout=%ums phy=%uM/%uM signal=%d\n",
                      plug_name(l->from), plug_name(l->to), timing.interval * 1.25, timing.latency,
                      timing.timeout * 10U, link_phy(end, true), link_phy(end, false),
                      link_signal(end));
}

static void list_links(struct call *call, const struct plug *from)
{
        struct listing listing = {.call = call, .from = from};

        for (unsigned i = 0; (listing.to = room_nth(call->room, i)); i++)
                if (listing.to != from && plug_is_in(listing.to))
                        air_each_link(room_air(call->room), plug_number(from),
                                      plug_number(listing.to), list_link, &listing);
}

static void list_plug(struct call *call, const struct plug *plug)
{
        describe(call, plug);
        (void)fprintf(call->answer, " links=%u", plug_settings(plug)->n_links);
        if (plug_settings(plug)->legacy)
                (void)fputs(" legacy", call->answer);
        if (plug_is_frozen(plug))
                (void)fputs(" frozen", call->answer);
        if (plug_is_in(plug) && space_muted(air_space(room_air(call->room)), plug_number(plug)))
                (void)fputs(" muted", call->answer);
        if (plug_recording(plug))
                (void)fprintf(call->answer, " record=%s", plug_recording(plug));
        (void)fputc('\n', call->answer);
}

int order_list(struct call *call)
{
        const struct plug *plug;

        for (unsigned i = 0; (plug = room_nth(call->room, i)); i++)
                list_plug(call, plug);
        for (unsigned i = 0; (plug = room_nth(call->room, i)); i++)
                if (plug_is_in(plug))
                        list_links(call, plug);
        return 0;
}
