/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/observer.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ble/audience.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

struct listening {
        struct audience_member member;
        struct observers *set;
        bool along; /* what others listen to is enough for it */
        sd_event_source *report;
        enum reason deaf; /* REASON_NONE while it listens */
        const struct observer_handler *handler;
        void *userdata;
};

struct observers {
        struct adapters *adapters;
        struct bluez *bluez;
        struct bluez_watch *watch;
        struct discoveries *discoveries; /* one for each adapter in use */
        struct audience listenings;
};

const struct bluez_data *observer_find_service_data(const struct observer_heard *heard,
                                                    const char *uuid)
{
        for (size_t i = 0; i < heard->n_service_data; i++)
                if (strcmp(heard->service_data[i].uuid, uuid) == 0)
                        return &heard->service_data[i];
        return NULL;
}

/* --- who listens --- */

static struct listening *listening_first(struct observers *s)
{
        return (struct listening *)audience_first(&s->listenings);
}

static struct listening *listening_next(struct listening *l)
{
        return (struct listening *)audience_next(&l->set->listenings, &l->member);
}

static bool listening_hears(const struct listening *l)
{
        return !l->member.gone && l->deaf == REASON_NONE;
}

static bool observers_are_wanted(struct observers *s)
{
        bool wanted = false;

        for (struct listening *l = listening_first(s); l; l = listening_next(l))
                wanted = wanted || (listening_hears(l) && !l->along);
        return wanted;
}

static void observers_deafen(struct observers *s)
{
        enum reason why = discoveries_reason(s->discoveries);

        if (why == REASON_NONE)
                return;
        for (struct listening *l = listening_first(s); l; l = listening_next(l))
                if (listening_hears(l) && !l->along) {
                        l->deaf = why;
                        loop_rearm(l->report);
                }
}

/* Adapts everything to the adapters and subscribers there are. */
static void observers_sync(struct observers *s)
{
        discoveries_follow(s->discoveries);
        observers_deafen(s);
        discoveries_want(s->discoveries, observers_are_wanted(s));
}

/* --- what is heard --- */

/*
 * BlueZ may hold old data of a device; only one that is being received now has a signal strength.
 * What has changed is always new.
 */
static bool observers_read(const struct observers *s, const struct bluez_news *news,
                           struct observer_heard *ret_heard)
{
        const unsigned fresh =
                BLUEZ_HAS_RSSI | BLUEZ_HAS_SERVICE_DATA | BLUEZ_HAS_MANUFACTURER_DATA;
        const struct bluez_object *device = news->object;
        const char *adapter;

        if (device->interface != BLUEZ_IS_DEVICE || !(news->has & fresh) ||
            (news->whole && !(news->has & BLUEZ_HAS_RSSI)))
                return false;
        adapter = discoveries_adapter(s->discoveries, device->path);
        if (!adapter)
                return false;
        *ret_heard = (struct observer_heard){
                .adapter = strrchr(adapter, '/') + 1,
                .device = device->path,
                .rssi = device->rssi,
        };
        if (news->has & BLUEZ_HAS_SERVICE_DATA) {
                ret_heard->service_data = device->service_data;
                ret_heard->n_service_data = device->n_service_data;
        }
        if (news->has & BLUEZ_HAS_MANUFACTURER_DATA) {
                ret_heard->manufacturer_data = device->manufacturer_data;
                ret_heard->n_manufacturer_data = device->n_manufacturer_data;
        }
        return true;
}

/* A new listening starts with what is being heard now, which may not be announced again. */
static void listening_catch_up(struct listening *l)
{
        struct observers *s = l->set;
        const struct bluez_object *o = NULL;
        struct observer_heard heard;

        audience_hold(&s->listenings);
        while (listening_hears(l) && (o = bluez_next(s->bluez, BLUEZ_IS_DEVICE, o))) {
                struct bluez_news news = {.object = o, .has = o->has, .whole = true};

                if (observers_read(s, &news, &heard))
                        l->handler->on_heard(l->userdata, &heard);
        }
        audience_release(&s->listenings);
}

static int listening_on_report(sd_event_source *source, void *userdata)
{
        struct listening *l = userdata;

        (void)source;
        if (l->deaf == REASON_NONE)
                listening_catch_up(l);
        else
                l->handler->on_deaf(l->userdata, l->deaf);
        return 0;
}

/* --- what bluetoothd announces --- */

static void observers_on_news(void *userdata, const struct bluez_news *news)
{
        struct observers *s = userdata;
        struct observer_heard heard;

        /* Its discovery has ended, even if it is switched on again before this is noticed. */
        if (news->object->interface == BLUEZ_IS_ADAPTER && !news->object->powered)
                discoveries_drop(s->discoveries, news->object->path);
        if (!observers_read(s, news, &heard))
                return;
        discoveries_note_heard(s->discoveries, heard.device);
        for (struct listening *l = listening_first(s); l; l = listening_next(l))
                if (listening_hears(l))
                        l->handler->on_heard(l->userdata, &heard);
}

static void observers_on_gone(void *userdata, const char *path, enum bluez_interface interface)
{
        const struct observers *s = userdata;

        if (interface == BLUEZ_IS_ADAPTER)
                discoveries_drop(s->discoveries, path);
}

static void observers_on_down(void *userdata)
{
        const struct observers *s = userdata;

        discoveries_drop_all(s->discoveries);
}

static const struct bluez_handler observers_bluez_handler = {
        .on_news = observers_on_news,
        .on_gone = observers_on_gone,
        .on_down = observers_on_down,
};

/* --- following the adapters --- */

static struct observers *observers_free(struct observers *s)
{
        if (!s)
                return NULL;
        assert(!s->listenings.first);
        (void)bluez_watch_free(s->watch);
        (void)discoveries_free(s->discoveries);
        free(s);
        return NULL;
}

DEFINE_DEFER(struct observers *, observers_free);

static void observers_on_change(void *userdata)
{
        observers_sync(userdata);
}

static void observers_on_free(void *userdata)
{
        (void)observers_free(userdata);
}

/* The observers of these adapters, made when they are first asked for. */
static int observers_of(struct adapters *adapters, struct observers **ret_observers)
{
        static const struct adapters_tenant tenant = {.on_change = observers_on_change,
                                                      .on_free = observers_on_free};
        static const struct discoveries_handler handler = {.on_change = observers_on_change};
        _defer_(observers_free) struct observers *s = NULL;
        int r;

        *ret_observers = adapters_tenant(adapters);
        if (*ret_observers)
                return 0;
        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->adapters = adapters;
        s->bluez = adapters_bluez(adapters);
        r = discoveries_new(adapters, &handler, s, &s->discoveries);
        if (r < 0)
                return r;
        r = bluez_watch_new(s->bluez, &observers_bluez_handler, s, &s->watch);
        if (r < 0)
                return r;
        adapters_set_tenant(adapters, &tenant, s);
        *ret_observers = take(s);
        return 0;
}

static int listening_begin(struct adapters *adapters, bool along,
                           const struct observer_handler *handler, void *userdata,
                           struct listening **ret_listening)
{
        _defer_(listening_free) struct listening *l = NULL;
        struct observers *s;
        int r;

        r = observers_of(adapters, &s);
        if (r < 0)
                return r;
        l = calloc(1, sizeof(*l));
        if (!l)
                return -ENOMEM;
        l->set = s;
        l->along = along;
        l->handler = handler;
        l->userdata = userdata;
        audience_add(&s->listenings, &l->member);
        r = loop_add_defer(bluez_event(s->bluez), &l->report, listening_on_report, l);
        if (r < 0)
                return r;
        loop_rearm(l->report);
        if (!along)
                discoveries_retry(s->discoveries);
        observers_sync(s);
        *ret_listening = take(l);
        return 0;
}

int listening_new(struct adapters *adapters, const struct observer_handler *handler, void *userdata,
                  struct listening **ret_listening)
{
        return listening_begin(adapters, false, handler, userdata, ret_listening);
}

int listening_new_along(struct adapters *adapters, const struct observer_handler *handler,
                        void *userdata, struct listening **ret_listening)
{
        return listening_begin(adapters, true, handler, userdata, ret_listening);
}

struct listening *listening_free(struct listening *listening)
{
        struct observers *s;

        if (!listening)
                return NULL;
        s = listening->set;
        loop_drop(&listening->report);
        audience_remove(&s->listenings, &listening->member);
        observers_sync(s);
        return NULL;
}

int observer_hush(struct adapters *adapters, const char *path, void (*on_quiet)(void *userdata),
                  void *userdata, struct quiet **ret_quiet)
{
        struct observers *s;
        int r;

        r = observers_of(adapters, &s);
        return r < 0 ? r : discoveries_hush(s->discoveries, path, on_quiet, userdata, ret_quiet);
}
