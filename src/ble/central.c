/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/central.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ble/bearers.h"
#include "ble/channel.h"
#include "ble/knock.h"
#include "ble/shunned.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"

const struct central_patience central_patience_default = {
        .connect_ms = 4000,
        .services_ms = 10000,
        .grace_ms = 2000,
        .acquire_ms = 5000,
};

enum dial_state {
        DIAL_WAITING,    /* an earlier connection to the device is still being ended */
        DIAL_CONNECTING, /* an attempt is under way */
        DIAL_FAILED,     /* the handler will get the reason */
        DIAL_LINKED,     /* it now lives for its link */
        DIAL_HANGING_UP, /* nobody owns it any more; Disconnect is next, or under way */
};

struct dial {
        struct central *central;
        struct dial *next;
        char device[BLUEZ_PATH_MAX], adapter[BLUEZ_PATH_MAX];
        enum dial_state state;
        enum reason why;
        bool dialled;      /* there is something to hang up */
        bool over_channel; /* the link began over the channel, */
        bool retreats;     /* and waits for GATT now */

        struct attempt *attempt; /* at GATT; held while the link is over the channel */
        struct knock *knock;     /* at the channel */
        struct bearers *bearers;
        sd_event_source *patience, *turn;
        sd_bus_slot *call;

        const struct dial_handler *handler;
        void *userdata;
};

struct central {
        struct adapters *adapters;
        struct bluez *bluez;
        struct bluez_watch *watch;
        enum central_ways ways;
        struct central_patience patience;
        struct shunned shunned;
        struct dial *dials;
};

/* Goes neither way any more. */
static void dial_end_ways(struct dial *d)
{
        d->dialled = d->dialled || (d->attempt && attempt_has_dialled(d->attempt));
        d->attempt = attempt_free(d->attempt);
        d->knock = knock_free(d->knock);
}

static void dial_destroy(struct dial *d)
{
        dial_end_ways(d);
        d->call = sd_bus_slot_unref(d->call);
        loop_drop(&d->patience);
        loop_drop(&d->turn);
        for (struct dial **at = &d->central->dials; *at; at = &(*at)->next)
                if (*at == d) {
                        *at = d->next;
                        break;
                }
        free(d);
}

static struct dial *central_find(struct central *c, const char *device, enum dial_state from,
                                 enum dial_state to)
{
        for (struct dial *d = c->dials; d; d = d->next)
                if (d->state >= from && d->state <= to && strcmp(d->device, device) == 0)
                        return d;
        return NULL;
}

/* The handler is called in a later turn of the loop. */
static void dial_fail(struct dial *d, enum reason why)
{
        d->state = DIAL_FAILED;
        d->why = why;
        loop_disarm(d->patience);
        loop_rearm(d->turn);
}

/* --- hanging up --- */

/* How long an earlier connection takes at most to end. */
static unsigned central_hang_up_ms(const struct central *c)
{
        return c->patience.services_ms + c->patience.connect_ms;
}

static void dial_forget_device(const struct dial *d)
{
        (void)bluez_call(d->central->bluez, NULL, d->adapter, BLUEZ_ADAPTER, "RemoveDevice", NULL,
                         NULL, "o", d->device);
}

/*
 * A dial that waits for the device takes over BlueZ's object; without a dial, BlueZ removes it. So
 * it does, too, where the connection could not be ended: what it holds of that one, a subscription
 * for instance, would be in the way of the next, and a dial that waits fails.
 */
static void dial_end_hang_up(struct dial *d, bool is_ended)
{
        struct dial *next = central_find(d->central, d->device, DIAL_WAITING, DIAL_WAITING);

        if (next && is_ended)
                loop_rearm(next->turn);
        else
                dial_forget_device(d);
        dial_destroy(d);
}

/* A connection that is not there any more has ended. */
static bool is_left(const sd_bus_error *error)
{
        return error && !sd_bus_error_has_name(error, "org.bluez.Error.NotConnected") &&
               !sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_OBJECT) &&
               !sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_METHOD);
}

static int dial_on_hung_up(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *error = sd_bus_message_get_error(m);
        struct dial *d = userdata;

        (void)ret_error;
        if (is_left(error))
                log_info("%s: cannot be disconnected: %s", d->device, error->message);
        dial_end_hang_up(d, !is_left(error));
        return 0;
}

static void dial_disconnect(struct dial *d)
{
        loop_disarm(d->patience);
        if (bluez_call(d->central->bluez, &d->call, d->device, BLUEZ_DEVICE, "Disconnect",
                       dial_on_hung_up, d, NULL) < 0)
                dial_end_hang_up(d, false);
}

static const struct bluez_object *dial_find_device(const struct dial *d)
{
        return bluez_find(d->central->bluez, d->device, BLUEZ_IS_DEVICE);
}

/*
 * Whether bluetoothd is discovering the device's services, or will be as soon as it has noticed the
 * connection, which a channel may be quicker to show.
 */
static bool dial_is_discovered(const struct dial *d)
{
        const struct bluez_object *device = dial_find_device(d);
        bool connected = d->attempt && attempt_is_connected(d->attempt);

        return device && (device->connected || connected) && !device->resolved;
}

/* bluetoothd 5.66 can die of a connection that ends while it discovers. */
static void dial_hang_up(struct dial *d)
{
        bool discovered = dial_is_discovered(d);

        dial_end_ways(d);
        loop_disarm(d->turn);
        d->state = DIAL_HANGING_UP;
        if (!d->dialled)
                dial_destroy(d);
        else if (discovered)
                loop_rearm_timer(d->patience, d->central->patience.services_ms);
        else
                dial_disconnect(d);
}

struct dial *dial_free(struct dial *dial)
{
        if (dial)
                dial_hang_up(dial);
        return NULL;
}

/* Reports the failure, which is the last that the handler gets from the dial. */
static void dial_give_up(struct dial *d, enum reason why)
{
        const struct dial_handler *handler = d->handler;
        void *userdata = d->userdata;

        dial_hang_up(d);
        handler->on_failed(userdata, why);
}

/* --- the two ways, and the resulting link --- */

static void dial_on_link_freed(void *owner)
{
        struct dial *d = owner;

        d->bearers = NULL;
        dial_hang_up(d);
}

/* Somebody else is behind the channel, or nobody. */
static int dial_on_retreat(void *owner)
{
        struct dial *d = owner;

        if (!d->over_channel || d->retreats)
                return -ENOTSUP;
        shunned_add(&d->central->shunned, d->device, time_now_usec());
        if (!d->attempt || !attempt_is_connected(d->attempt))
                return -ENOTSUP;
        log_info("%s: nobody has answered over its L2CAP channel; going on over GATT", d->device);
        d->retreats = true;
        attempt_go_on(d->attempt);
        return 0;
}

static const struct bearers_owner dial_bearers_owner = {
        .on_retreat = dial_on_retreat,
        .on_free = dial_on_link_freed,
};

static void dial_link(struct dial *d, struct link *bearer_take)
{
        int r;

        r = bearers_new(bluez_event(d->central->bluez), &dial_bearers_owner, d, &d->bearers);
        if (r < 0) {
                (void)log_errno(r, "%s: cannot make a link", d->device);
                (void)link_free(bearer_take);
                dial_give_up(d, REASON_INTERNAL);
                return;
        }
        bearers_add(d->bearers, bearer_take);
        d->state = DIAL_LINKED;
        d->handler->on_link(d->userdata, bearers_link(d->bearers));
}

static void dial_on_channel(void *userdata, struct link *link_take)
{
        struct dial *d = userdata;

        d->knock = knock_free(d->knock);
        if (!attempt_hold(d->attempt)) {
                (void)link_free(link_take);
                return;
        }
        d->over_channel = true;
        dial_link(d, link_take);
}

/*
 * A connection that was lost while a channel was being asked for may have been lost because of
 * that: where the other side wants to pair first, the kernel begins to pair.
 */
static void dial_blame_channel(struct dial *d)
{
        if (d->knock && knock_waits(d->knock) && attempt_has_broken(d->attempt))
                shunned_add(&d->central->shunned, d->device, time_now_usec());
}

static void dial_on_connecting(void *userdata)
{
        struct dial *d = userdata;
        struct central *c = d->central;
        int r;

        dial_blame_channel(d);
        d->knock = knock_free(d->knock);
        if (c->ways != CENTRAL_GATT_AND_COC || shunned_has(&c->shunned, d->device, time_now_usec()))
                return;
        r = knock_new(c->bluez, d->adapter, d->device, dial_on_channel, d, &d->knock);
        if (r < 0)
                log_debug("%s: no channel beside GATT: %s", d->device, strerror(-r));
}

static void dial_on_open(void *userdata, int in_take, int out_take, unsigned mtu)
{
        struct dial *d = userdata;
        struct channel *channel;
        int r;

        dial_end_ways(d);
        r = channel_new(bluez_event(d->central->bluez), in_take, out_take,
                        fragment_packet_size(mtu, FRAGMENT_ATT_BYTES), NULL, NULL, &channel);
        if (r < 0)
                (void)log_errno(r, "%s: cannot make a link", d->device);
        if (r >= 0 && d->state == DIAL_LINKED)
                bearers_add(d->bearers, channel_link(channel));
        else if (r >= 0)
                dial_link(d, channel_link(channel));
        else if (d->state == DIAL_LINKED)
                bearers_lose(d->bearers, REASON_INTERNAL);
        else
                dial_give_up(d, REASON_INTERNAL);
}

/* While the channel is in use, nobody misses GATT. */
static void dial_on_attempt_failed(void *userdata, enum reason why)
{
        struct dial *d = userdata;

        if (d->state != DIAL_LINKED) {
                dial_blame_channel(d);
                dial_give_up(d, why);
                return;
        }
        dial_end_ways(d);
        if (d->retreats)
                bearers_lose(d->bearers, why);
}

static const struct attempt_handler dial_attempt_handler = {
        .on_connecting = dial_on_connecting,
        .on_open = dial_on_open,
        .on_failed = dial_on_attempt_failed,
};

static int dial_begin(struct dial *d)
{
        const struct attempt_target target = {
                .device = d->device,
                .adapter = d->adapter,
                .patience = &d->central->patience,
        };

        d->state = DIAL_CONNECTING;
        loop_disarm(d->patience);
        return attempt_new(d->central->adapters, &target, &dial_attempt_handler, d, &d->attempt);
}

/* A dial that has waited begins; one that has failed reports it. */
static int dial_on_turn(sd_event_source *source, void *userdata)
{
        struct dial *d = userdata;
        int r;

        (void)source;
        if (d->state == DIAL_FAILED) {
                dial_give_up(d, d->why);
                return 0;
        }
        r = dial_begin(d);
        if (r < 0) {
                (void)log_errno(r, "%s: cannot start to connect", d->device);
                dial_give_up(d, REASON_INTERNAL);
        }
        return 0;
}

/* It has waited long enough: for an earlier connection to end, or for a discovery. */
static int dial_on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct dial *d = userdata;

        (void)source;
        (void)usec;
        if (d->state == DIAL_HANGING_UP)
                dial_disconnect(d);
        else
                dial_give_up(d, REASON_CONNECT_FAILED);
        return 0;
}

static int dial_start(struct dial *d)
{
        sd_event *event = bluez_event(d->central->bluez);
        int r;

        r = loop_add_timer(event, &d->patience, dial_on_patience, d);
        if (r < 0)
                return r;
        r = loop_add_defer(event, &d->turn, dial_on_turn, d);
        if (r < 0)
                return r;
        if (!central_find(d->central, d->device, DIAL_HANGING_UP, DIAL_HANGING_UP))
                return dial_begin(d);
        loop_rearm_timer(d->patience, central_hang_up_ms(d->central));
        return 0;
}

/* Sets the path of the adapter that the device belongs to, which precedes "/dev_...". */
static int dial_set_paths(struct dial *d, const char *device)
{
        const char *end = strrchr(device, '/');

        if (!end || end == device || strlen(device) >= sizeof(d->device))
                return -EINVAL;
        (void)snprintf(d->device, sizeof(d->device), "%s", device);
        (void)snprintf(d->adapter, sizeof(d->adapter), "%.*s", (int)(end - device), device);
        return 0;
}

int central_dial(struct central *central, const char *device, const struct dial_handler *handler,
                 void *userdata, struct dial **ret_dial)
{
        struct dial *d;
        int r;

        if (central_find(central, device, DIAL_WAITING, DIAL_LINKED))
                return -EBUSY;
        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;
        d->central = central;
        d->handler = handler;
        d->userdata = userdata;
        d->next = central->dials;
        central->dials = d;

        r = dial_set_paths(d, device);
        if (r >= 0)
                r = dial_start(d);
        if (r < 0) {
                dial_destroy(d);
                return r;
        }
        *ret_dial = d;
        return 0;
}

bool central_sees_foreign(struct central *central)
{
        const struct bluez_object *o = NULL;

        while ((o = bluez_next(central->bluez, BLUEZ_IS_DEVICE, o)))
                if (o->connected &&
                    bluez_find_characteristic(central->bluez, o->path, BLE_IN_UUID) &&
                    !central_find(central, o->path, DIAL_WAITING, DIAL_HANGING_UP))
                        return true;
        return false;
}

/* The device may still be hung up from an earlier connection. */
unsigned central_limit_sec(const struct central *central)
{
        return (central_hang_up_ms(central) + attempt_limit_ms(&central->patience) + 999) / 1000;
}

/* --- what bluetoothd announces; an attempt has a watch of its own --- */

/* There is no discovery to be waited for any more. */
static void dial_hasten(struct dial *d)
{
        if (loop_is_armed(d->patience))
                loop_rearm_timer(d->patience, 0);
}

static void dial_on_gone(struct dial *d, enum reason why)
{
        if (d->state == DIAL_WAITING)
                dial_fail(d, why);
        else if (d->state == DIAL_LINKED)
                bearers_lose(d->bearers, REASON_LINK_LOST);
        else if (d->state == DIAL_HANGING_UP)
                dial_hasten(d);
}

static void central_on_news(void *userdata, const struct bluez_news *news)
{
        struct dial *d;

        if (news->object->interface != BLUEZ_IS_DEVICE ||
            !(news->has & (BLUEZ_HAS_CONNECTED | BLUEZ_HAS_RESOLVED)))
                return;
        d = central_find(userdata, news->object->path, DIAL_HANGING_UP, DIAL_HANGING_UP);
        if (d && !dial_is_discovered(d))
                dial_hasten(d);
        if (!(news->has & BLUEZ_HAS_CONNECTED) || news->object->connected)
                return;
        d = central_find(userdata, news->object->path, DIAL_LINKED, DIAL_LINKED);
        if (d)
                bearers_lose(d->bearers, REASON_LINK_LOST);
}

static void central_on_gone(void *userdata, const char *path, enum bluez_interface interface)
{
        const struct central *c = userdata;

        for (struct dial *d = c->dials; d; d = d->next)
                if (interface == BLUEZ_IS_ADAPTER && strcmp(d->adapter, path) == 0)
                        dial_on_gone(d, REASON_ADAPTER_MISSING);
                else if (interface == BLUEZ_IS_DEVICE && strcmp(d->device, path) == 0)
                        dial_on_gone(d, REASON_CONNECT_FAILED);
}

static void central_on_down(void *userdata)
{
        const struct central *c = userdata;

        for (struct dial *d = c->dials; d; d = d->next)
                dial_on_gone(d, REASON_BLUETOOTH_DOWN);
}

static const struct bluez_handler central_bluez_handler = {
        .on_news = central_on_news,
        .on_gone = central_on_gone,
        .on_down = central_on_down,
};

int central_new(struct adapters *adapters, enum central_ways ways,
                const struct central_patience *patience, struct central **ret_central)
{
        _defer_(central_free) struct central *c = NULL;
        int r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->adapters = adapters;
        c->bluez = adapters_bluez(adapters);
        c->ways = ways;
        c->patience = *patience;
        r = bluez_watch_new(c->bluez, &central_bluez_handler, c, &c->watch);
        if (r < 0)
                return r;
        *ret_central = take(c);
        return 0;
}

void central_set_ways(struct central *central, enum central_ways ways)
{
        central->ways = ways;
}

struct central *central_free(struct central *central)
{
        if (!central)
                return NULL;
        while (central->dials) {
                assert(central->dials->state == DIAL_HANGING_UP);
                dial_forget_device(central->dials);
                dial_destroy(central->dials);
        }
        (void)bluez_watch_free(central->watch);
        free(central);
        return NULL;
}
