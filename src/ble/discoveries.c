/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/discoveries.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ble/discovery.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"

/* The discovery of one adapter. */
struct one {
        struct discoveries *set;
        struct one *next;
        char path[BLUEZ_PATH_MAX];
        struct discovery *discovery;
        bool usable; /* while the list is being brought up to date */
};

struct quiet {
        struct discoveries *set;
        struct quiet *next;
        char path[BLUEZ_PATH_MAX];
        bool reported;
        sd_event_source *patience, *report;
        void (*on_quiet)(void *userdata);
        void *userdata;
};

struct discoveries {
        struct adapters *adapters;
        struct one *first;
        struct quiet *quiets;
        bool wanted;
        sd_event_source *settle;
        const struct discoveries_handler *handler;
        void *userdata;
};

static struct one *discoveries_find(const struct discoveries *s, const char *path)
{
        for (struct one *o = s->first; o; o = o->next)
                if (strcmp(o->path, path) == 0)
                        return o;
        return NULL;
}

static struct one *one_free(struct one *o)
{
        if (!o)
                return NULL;
        (void)discovery_free(o->discovery);
        free(o);
        return NULL;
}

DEFINE_DEFER(struct one *, one_free);

void discoveries_drop(struct discoveries *discoveries, const char *path)
{
        for (struct one **at = &discoveries->first; *at; at = &(*at)->next)
                if (strcmp((*at)->path, path) == 0) {
                        struct one *gone = *at;

                        *at = gone->next;
                        (void)one_free(gone);
                        return;
                }
}

void discoveries_drop_all(struct discoveries *discoveries)
{
        while (discoveries->first)
                discoveries_drop(discoveries, discoveries->first->path);
}

/* --- adapters that do not work --- */

static bool discoveries_are_hushed(const struct discoveries *s, const char *path)
{
        for (const struct quiet *q = s->quiets; q; q = q->next)
                if (strcmp(q->path, path) == 0)
                        return true;
        return false;
}

static bool one_is_stuck(const struct one *o)
{
        const struct adapter *adapter = adapters_find(o->set->adapters, o->path);

        return adapter && adapter_is_stuck(adapter);
}

/* Whether something is connected through the adapter, or is about to be. */
static bool one_is_in_use(const struct one *o)
{
        struct bluez *bluez = adapters_bluez(o->set->adapters);
        const struct bluez_object *device = NULL;

        if (discoveries_are_hushed(o->set, o->path))
                return true;
        while ((device = bluez_next(bluez, BLUEZ_IS_DEVICE, device)))
                if (device->connected && bluez_path_below(device->path, o->path))
                        return true;
        return false;
}

static void one_take_step(struct one *o, struct adapter *adapter, enum revival_step step,
                          const char *why)
{
        switch (step) {
        case REVIVAL_RESTART:
                log_warning("%s %s; its discovery is restarted.", o->path, why);
                discovery_restart(o->discovery);
                adapter_note_recovery(adapter, ADAPTER_DISCOVERY_RESTARTED);
                break;
        case REVIVAL_POWER:
                log_warning("%s %s; it is switched off and on.", o->path, why);
                adapter_cycle(adapter);
                if (!adapter_is_stuck(adapter))
                        adapter_note_recovery(adapter, ADAPTER_POWER_CYCLED);
                break;
        case REVIVAL_GIVE_UP:
                log_error("%s %s, and nothing has helped.", o->path, why);
                if (!adapter_is_stuck(adapter))
                        adapter_note_recovery(adapter, ADAPTER_GIVEN_UP);
                adapter_set_stuck(adapter, true);
                break;
        case REVIVAL_NONE:
        default:
                break;
        }
}

static void one_on_stopped(void *userdata)
{
        struct one *o = userdata;
        struct adapter *adapter = adapters_find(o->set->adapters, o->path);

        if (adapter && discovery_reason(o->discovery) == REASON_ADAPTER_BUSY)
                one_take_step(
                        o, adapter,
                        revival_fail(adapter_revival(adapter), time_now_usec(), one_is_in_use(o)),
                        "does not start or stop a discovery");
        loop_rearm(o->set->settle);
}

static void one_on_period(void *userdata)
{
        struct one *o = userdata;
        struct adapter *adapter = adapters_find(o->set->adapters, o->path);

        if (adapter)
                one_take_step(
                        o, adapter,
                        revival_wait(adapter_revival(adapter), time_now_usec(), one_is_in_use(o)),
                        "hears nothing any more");
}

static void one_works(const struct one *o, bool (*how)(struct revival *revival))
{
        struct adapter *adapter = adapters_find(o->set->adapters, o->path);

        if (!adapter || !how(adapter_revival(adapter)))
                return;
        log_info("%s works again.", o->path);
        adapter_note_recovery(adapter, ADAPTER_WORKS);
        adapter_set_stuck(adapter, false);
}

static void one_on_works(void *userdata)
{
        one_works(userdata, revival_work);
}

void discoveries_note_heard(const struct discoveries *discoveries, const char *device)
{
        for (const struct one *o = discoveries->first; o; o = o->next)
                if (bluez_path_below(device, o->path))
                        one_works(o, revival_hear);
}

/* --- one for each adapter --- */

static int discoveries_add(struct discoveries *s, const char *path)
{
        static const struct discovery_handler handler = {
                .on_stopped = one_on_stopped,
                .on_works = one_on_works,
                .on_period = one_on_period,
        };
        _defer_(one_free) struct one *o = calloc(1, sizeof(*o));
        int r;

        if (!o)
                return -ENOMEM;
        o->set = s;
        (void)snprintf(o->path, sizeof(o->path), "%s", path);
        o->usable = true;
        r = discovery_new(adapters_bluez(s->adapters), path, &handler, o, &o->discovery);
        if (r < 0)
                return r;
        o->next = s->first;
        s->first = take(o);
        return 0;
}

static void discoveries_mark(struct discoveries *s, const char *path)
{
        struct one *o = discoveries_find(s, path);
        int r = 0;

        if (o)
                o->usable = true;
        else
                r = discoveries_add(s, path);
        if (r < 0)
                (void)log_errno(r, "Cannot listen on %s", path);
}

void discoveries_follow(struct discoveries *discoveries)
{
        struct adapters *adapters = discoveries->adapters;
        struct one *o = discoveries->first, *next;

        for (; o; o = o->next)
                o->usable = false;
        if (adapters_reason(adapters) == REASON_NONE)
                for (struct adapter *a = adapters_next(adapters, NULL); a;
                     a = adapters_next(adapters, a))
                        if (adapter_reason(a) == REASON_NONE)
                                discoveries_mark(discoveries, adapter_path(a));
        for (o = discoveries->first; o; o = next) {
                next = o->next;
                if (!o->usable)
                        discoveries_drop(discoveries, o->path);
        }
}

enum reason discoveries_reason(const struct discoveries *discoveries)
{
        enum reason why = adapters_reason(discoveries->adapters);

        if (adapters_are_cycling(discoveries->adapters))
                return REASON_NONE;
        for (const struct one *o = discoveries->first; o; o = o->next) {
                why = discovery_reason(o->discovery);
                if (why == REASON_NONE)
                        break;
                if (one_is_stuck(o))
                        why = REASON_ADAPTER_STUCK;
        }
        return why;
}

const char *discoveries_adapter(const struct discoveries *discoveries, const char *device)
{
        for (const struct one *o = discoveries->first; o; o = o->next)
                if (bluez_path_below(device, o->path))
                        return o->path;
        return NULL;
}

/*
 * Starts and stops each, and notifies those that wait for quiet. One that is stuck is tried even if
 * nobody listens, so that it is known when it works again.
 */
static void discoveries_steer(struct discoveries *s)
{
        for (struct one *o = s->first; o; o = o->next)
                discovery_want(o->discovery, (s->wanted || one_is_stuck(o)) &&
                                                     !discoveries_are_hushed(s, o->path));
        for (struct quiet *q = s->quiets; q; q = q->next) {
                const struct one *o = discoveries_find(s, q->path);

                if (!q->reported && (!o || discovery_is_idle(o->discovery)))
                        loop_rearm(q->report);
        }
}

void discoveries_want(struct discoveries *discoveries, bool wanted)
{
        discoveries->wanted = wanted;
        discoveries_steer(discoveries);
}

void discoveries_retry(struct discoveries *discoveries)
{
        for (struct one *o = discoveries->first; o; o = o->next)
                if (discovery_reason(o->discovery) != REASON_NONE)
                        discovery_retry(o->discovery);
}

static int discoveries_on_settle(sd_event_source *source, void *userdata)
{
        struct discoveries *s = userdata;

        (void)source;
        discoveries_steer(s);
        s->handler->on_change(s->userdata);
        return 0;
}

int discoveries_new(struct adapters *adapters, const struct discoveries_handler *handler,
                    void *userdata, struct discoveries **ret_discoveries)
{
        struct discoveries *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return -ENOMEM;
        s->adapters = adapters;
        s->handler = handler;
        s->userdata = userdata;
        r = loop_add_defer(bluez_event(adapters_bluez(adapters)), &s->settle, discoveries_on_settle,
                           s);
        if (r < 0) {
                (void)discoveries_free(s);
                return r;
        }
        *ret_discoveries = s;
        return 0;
}

struct discoveries *discoveries_free(struct discoveries *discoveries)
{
        if (!discoveries)
                return NULL;
        assert(!discoveries->quiets);
        discoveries_drop_all(discoveries);
        loop_drop(&discoveries->settle);
        free(discoveries);
        return NULL;
}

/* --- quiet --- */

static void quiet_report(struct quiet *q)
{
        loop_disarm(q->patience);
        loop_disarm(q->report);
        if (q->reported)
                return;
        q->reported = true;
        q->on_quiet(q->userdata);
}

static int quiet_on_report(sd_event_source *source, void *userdata)
{
        (void)source;
        quiet_report(userdata);
        return 0;
}

static int quiet_on_patience(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        quiet_report(userdata);
        return 0;
}

int discoveries_hush(struct discoveries *discoveries, const char *path,
                     void (*on_quiet)(void *userdata), void *userdata, struct quiet **ret_quiet)
{
        sd_event *event = bluez_event(adapters_bluez(discoveries->adapters));
        _defer_(quiet_free) struct quiet *q = NULL;
        int r;

        if (strlen(path) >= BLUEZ_PATH_MAX)
                return -EINVAL;
        q = calloc(1, sizeof(*q));
        if (!q)
                return -ENOMEM;
        q->set = discoveries;
        q->on_quiet = on_quiet;
        q->userdata = userdata;
        (void)snprintf(q->path, sizeof(q->path), "%s", path);
        q->next = discoveries->quiets;
        discoveries->quiets = q;
        r = loop_add_timer(event, &q->patience, quiet_on_patience, q);
        if (r < 0)
                return r;
        r = loop_add_defer(event, &q->report, quiet_on_report, q);
        if (r < 0)
                return r;
        loop_rearm_timer(q->patience, DISCOVERIES_QUIET_MS);
        discoveries_steer(discoveries);
        *ret_quiet = take(q);
        return 0;
}

struct quiet *quiet_free(struct quiet *quiet)
{
        struct discoveries *s;

        if (!quiet)
                return NULL;
        s = quiet->set;
        for (struct quiet **at = &s->quiets; *at; at = &(*at)->next)
                if (*at == quiet) {
                        *at = quiet->next;
                        break;
                }
        loop_drop(&quiet->patience);
        loop_drop(&quiet->report);
        free(quiet);
        discoveries_steer(s);
        return NULL;
}
