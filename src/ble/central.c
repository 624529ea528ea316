/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/central.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ble/channel.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

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
        DIAL_HANGING_UP, /* Disconnect is under way; nobody owns it any more */
};

struct dial {
        struct central *central;
        struct dial *next;
        char device[BLUEZ_PATH_MAX], adapter[BLUEZ_PATH_MAX];
        enum dial_state state;
        enum reason why;
        bool dialled; /* there is something to hang up */

        struct attempt *attempt;
        struct channel *channel;
        sd_event_source *patience, *turn;
        sd_bus_slot *call;

        const struct dial_handler *handler;
        void *userdata;
};

struct central {
        struct adapters *adapters;
        struct bluez *bluez;
        struct bluez_watch *watch;
        struct central_patience patience;
        struct dial *dials;
};

/* Frees what only an attempt or a link needs. */
static void dial_release(struct dial *d)
{
        d->dialled = d->dialled || (d->attempt && attempt_has_dialled(d->attempt));
        d->attempt = attempt_free(d->attempt);
        d->call = sd_bus_slot_unref(d->call);
        loop_drop(&d->patience);
        loop_drop(&d->turn);
}

static void dial_destroy(struct dial *d)
{
        dial_release(d);
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

static void dial_forget_device(const struct dial *d)
{
        (void)bluez_call(d->central->bluez, NULL, d->adapter, BLUEZ_ADAPTER, "RemoveDevice", NULL,
                         NULL, "o", d->device);
}

/* A dial that waits for the device takes over BlueZ's object; without a dial, BlueZ removes it. */
static int dial_on_hung_up(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct dial *d = userdata;
        struct dial *next = central_find(d->central, d->device, DIAL_WAITING, DIAL_WAITING);

        (void)m;
        (void)ret_error;
        if (next)
                loop_rearm(next->turn);
        else
                dial_forget_device(d);
        dial_destroy(d);
        return 0;
}

static void dial_hang_up(struct dial *d)
{
        dial_release(d);
        d->state = DIAL_HANGING_UP;
        if (!d->dialled || bluez_call(d->central->bluez, &d->call, d->device, BLUEZ_DEVICE,
                                      "Disconnect", dial_on_hung_up, d, NULL) < 0)
                dial_destroy(d);
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

/* --- the attempt, and the resulting link --- */

static void dial_on_link_freed(void *owner)
{
        dial_hang_up(owner);
}

static void dial_on_open(void *userdata, int in_take, int out_take, unsigned mtu)
{
        struct dial *d = userdata;
        int r;

        r = channel_new(bluez_event(d->central->bluez), in_take, out_take,
                        fragment_packet_size(mtu, FRAGMENT_ATT_BYTES), dial_on_link_freed, d,
                        &d->channel);
        if (r < 0) {
                (void)log_errno(r, "%s: cannot make a link", d->device);
                dial_give_up(d, REASON_INTERNAL);
                return;
        }
        d->state = DIAL_LINKED;
        dial_release(d);
        d->handler->on_link(d->userdata, channel_link(d->channel));
}

static void dial_on_attempt_failed(void *userdata, enum reason why)
{
        dial_give_up(userdata, why);
}

static const struct attempt_handler dial_attempt_handler = {
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

static int dial_on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        dial_give_up(userdata, REASON_CONNECT_FAILED);
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
        loop_rearm_timer(d->patience, d->central->patience.connect_ms);
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
        return (central->patience.connect_ms + attempt_limit_ms(&central->patience) + 999) / 1000;
}

/* --- what bluetoothd announces; an attempt has a watch of its own --- */

static void dial_on_gone(struct dial *d, enum reason why)
{
        if (d->state == DIAL_WAITING)
                dial_fail(d, why);
        else if (d->state == DIAL_LINKED)
                channel_lose(d->channel, REASON_LINK_LOST);
}

static void central_on_news(void *userdata, const struct bluez_news *news)
{
        struct dial *d;

        if (news->object->interface != BLUEZ_IS_DEVICE || !(news->has & BLUEZ_HAS_CONNECTED) ||
            news->object->connected)
                return;
        d = central_find(userdata, news->object->path, DIAL_LINKED, DIAL_LINKED);
        if (d)
                channel_lose(d->channel, REASON_LINK_LOST);
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

int central_new(struct adapters *adapters, const struct central_patience *patience,
                struct central **ret_central)
{
        _defer_(central_free) struct central *c = NULL;
        int r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->adapters = adapters;
        c->bluez = adapters_bluez(adapters);
        c->patience = *patience;
        r = bluez_watch_new(c->bluez, &central_bluez_handler, c, &c->watch);
        if (r < 0)
                return r;
        *ret_central = take(c);
        return 0;
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
