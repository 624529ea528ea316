/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/discovery.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

/* Another program's discovery may interfere for a moment; after these waits the adapter is busy. */
static const unsigned retry_ms[] = {250, 500, 1000, 2000};

#define STOP_MS 2000 /* how long the answer to StopDiscovery is waited for, */
#define START_MS                                                                                   \
        10000 /* and any where nobody waits; the kernel gives each of a few commands 2 s           \
               */

struct discovery {
        struct bluez *bluez;
        char path[BLUEZ_PATH_MAX];
        bool wanted;
        enum reason why, logged; /* a failure that lasts is logged once */
        enum {
                DISCOVERY_IDLE,
                DISCOVERY_FILTERING, /* SetDiscoveryFilter is under way, or will be tried again */
                DISCOVERY_STARTING,  /* StartDiscovery is under way, or will be tried again */
                DISCOVERY_RUNNING,
                DISCOVERY_STOPPING, /* StopDiscovery is under way */
        } state;
        bool ran; /* since it was idle, as far as bluetoothd says */
        unsigned n_retries;
        sd_bus_slot *call;
        sd_event_source *pause, *renew, *report;

        const struct discovery_handler *handler;
        void *userdata;
};

bool discovery_is_idle(const struct discovery *discovery)
{
        return discovery->state == DISCOVERY_IDLE;
}

enum reason discovery_reason(const struct discovery *discovery)
{
        return loop_is_armed(discovery->report) ? REASON_NONE : discovery->why;
}

/* Nothing is under way; the handler is called in a later turn of the loop. */
static void discovery_rest(struct discovery *d, enum reason why)
{
        d->state = DISCOVERY_IDLE;
        d->ran = false;
        d->why = why;
        d->n_retries = 0;
        d->call = sd_bus_slot_unref(d->call);
        loop_disarm(d->pause);
        if (why == REASON_NONE)
                loop_disarm(d->renew);
        else
                loop_rearm_timer(d->renew, DISCOVERY_PERIOD_MS);
        loop_rearm(d->report);
}

static void discovery_fail(struct discovery *d, const char *member, int error)
{
        (void)log_errno(error, "%s on %s failed", member, d->path);
        discovery_rest(d, REASON_BLUETOOTH_DOWN);
}

static bool discovery_pause(struct discovery *d)
{
        if (d->n_retries == ELEMENTSOF(retry_ms))
                return false;
        loop_rearm_timer(d->pause, retry_ms[d->n_retries++]);
        return true;
}

/* Records the obstacle, for the log and for the owner; or tries again. */
static void discovery_refused(struct discovery *d, const char *member, const sd_bus_error *error)
{
        enum reason why = bluez_reason(error, REASON_ADAPTER_BUSY);

        if (!d->wanted) {
                discovery_rest(d, REASON_NONE);
                return;
        }
        if (sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
            sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_METHOD))
                why = REASON_ADAPTER_MISSING;
        if (why == REASON_ADAPTER_BUSY && discovery_pause(d))
                return;
        if (why != d->logged)
                log_warning("%s on %s failed: %s", member, d->path, error->message);
        d->logged = why;
        discovery_rest(d, why);
}

/*
 * One that cannot be stopped does not run, either: where a controller has not obeyed, bluetoothd
 * goes on to say that it does, and answers StartDiscovery with success at once. One that has not
 * started need not be there to be stopped.
 */
static void discovery_not_stopped(struct discovery *d, const char *why)
{
        if (!d->ran) {
                discovery_rest(d, REASON_NONE);
                return;
        }
        if (d->logged != REASON_ADAPTER_BUSY)
                log_warning("StopDiscovery on %s failed: %s", d->path, why);
        d->logged = REASON_ADAPTER_BUSY;
        discovery_rest(d, REASON_ADAPTER_BUSY);
}

static int discovery_on_stopped(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *error = sd_bus_message_get_error(m);
        struct discovery *d = userdata;

        (void)ret_error;
        if (error && bluez_reason(error, REASON_ADAPTER_BUSY) == REASON_ADAPTER_BUSY) {
                discovery_not_stopped(d, error->message);
                return 0;
        }
        if (d->ran) {
                d->logged = REASON_NONE;
                d->handler->on_works(d->userdata);
        }
        discovery_rest(d, REASON_NONE);
        return 0;
}

static void discovery_stop(struct discovery *d, uint64_t patience_ms)
{
        d->state = DISCOVERY_STOPPING;
        loop_disarm(d->renew);
        loop_rearm_timer(d->pause, patience_ms);
        if (bluez_call(d->bluez, &d->call, d->path, BLUEZ_ADAPTER, "StopDiscovery",
                       discovery_on_stopped, d, NULL) < 0)
                discovery_rest(d, REASON_NONE);
}

static int discovery_on_started(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct discovery *d = userdata;

        (void)ret_error;
        d->call = sd_bus_slot_unref(d->call);
        loop_disarm(d->pause);
        if (sd_bus_message_is_method_error(m, NULL)) {
                discovery_refused(d, "StartDiscovery", sd_bus_message_get_error(m));
                return 0;
        }
        d->state = DISCOVERY_RUNNING;
        d->ran = true;
        d->n_retries = 0;
        if (d->wanted)
                loop_rearm_timer(d->renew, DISCOVERY_PERIOD_MS);
        else
                discovery_stop(d, STOP_MS);
        return 0;
}

static void discovery_start(struct discovery *d)
{
        int r;

        d->state = DISCOVERY_STARTING;
        loop_rearm_timer(d->pause, START_MS);
        r = bluez_call(d->bluez, &d->call, d->path, BLUEZ_ADAPTER, "StartDiscovery",
                       discovery_on_started, d, NULL);
        if (r < 0)
                discovery_fail(d, "StartDiscovery", r);
}

static int discovery_on_filtered(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct discovery *d = userdata;

        (void)ret_error;
        d->call = sd_bus_slot_unref(d->call);
        loop_disarm(d->pause);
        if (sd_bus_message_is_method_error(m, NULL))
                discovery_refused(d, "SetDiscoveryFilter", sd_bus_message_get_error(m));
        else if (d->wanted)
                discovery_start(d);
        else
                discovery_rest(d, REASON_NONE);
        return 0;
}

/* With DuplicateData every advertisement is reported, also one with the same data as the last. */
static void discovery_filter(struct discovery *d)
{
        int r;

        d->why = REASON_NONE;
        d->state = DISCOVERY_FILTERING;
        loop_rearm_timer(d->pause, START_MS);
        r = bluez_call(d->bluez, &d->call, d->path, BLUEZ_ADAPTER, "SetDiscoveryFilter",
                       discovery_on_filtered, d, "a{sv}", 2, "Transport", "s", "le",
                       "DuplicateData", "b", true);
        if (r < 0)
                discovery_fail(d, "SetDiscoveryFilter", r);
}

/* bluetoothd takes no other call of this kind from us while it has not answered this one. */
static void discovery_not_answered(struct discovery *d)
{
        if (d->logged != REASON_ADAPTER_BUSY)
                log_warning("%s on %s is not answered",
                            d->state == DISCOVERY_FILTERING ? "SetDiscoveryFilter"
                                                            : "StartDiscovery",
                            d->path);
        d->logged = REASON_ADAPTER_BUSY;
        discovery_rest(d, d->wanted ? REASON_ADAPTER_BUSY : REASON_NONE);
}

static int discovery_on_pause(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct discovery *d = userdata;

        (void)source;
        (void)usec;
        if (d->state == DISCOVERY_STOPPING)
                discovery_not_stopped(d, "no answer");
        else if (d->call)
                discovery_not_answered(d);
        else if (d->state == DISCOVERY_FILTERING)
                discovery_filter(d);
        else
                discovery_start(d);
        return 0;
}

static int discovery_on_renew(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct discovery *d = userdata;

        (void)source;
        (void)usec;
        if (d->state == DISCOVERY_RUNNING) {
                discovery_stop(d, STOP_MS);
                d->handler->on_period(d->userdata);
        } else {
                discovery_retry(d);
        }
        return 0;
}

/* Starts again if it is wanted by now; else reports the end to the owner. */
static int discovery_on_report(sd_event_source *source, void *userdata)
{
        struct discovery *d = userdata;

        (void)source;
        if (d->wanted && d->state == DISCOVERY_IDLE && d->why == REASON_NONE)
                discovery_filter(d);
        else
                d->handler->on_stopped(d->userdata);
        return 0;
}

void discovery_want(struct discovery *discovery, bool wanted)
{
        bool pausing = discovery->state < DISCOVERY_RUNNING && !discovery->call;

        discovery->wanted = wanted;
        if (wanted && discovery->state == DISCOVERY_IDLE && discovery->why == REASON_NONE)
                discovery_filter(discovery);
        else if (!wanted && discovery->state == DISCOVERY_RUNNING)
                discovery_stop(discovery, STOP_MS);
        else if (!wanted && pausing && discovery->state != DISCOVERY_IDLE)
                discovery_rest(discovery, REASON_NONE);
}

void discovery_retry(struct discovery *discovery)
{
        discovery->why = REASON_NONE;
        discovery_want(discovery, discovery->wanted);
}

void discovery_restart(struct discovery *discovery)
{
        discovery->why = REASON_NONE;
        discovery_stop(discovery, START_MS);
}

int discovery_new(struct bluez *bluez, const char *path, const struct discovery_handler *handler,
                  void *userdata, struct discovery **ret_discovery)
{
        _defer_(discovery_free) struct discovery *d = NULL;
        sd_event *event = bluez_event(bluez);
        int r;

        d = calloc(1, sizeof(*d));
        if (!d)
                return -ENOMEM;
        d->bluez = bluez;
        d->handler = handler;
        d->userdata = userdata;
        (void)snprintf(d->path, sizeof(d->path), "%s", path);

        r = loop_add_timer(event, &d->pause, discovery_on_pause, d);
        if (r < 0)
                return r;
        r = loop_add_timer(event, &d->renew, discovery_on_renew, d);
        if (r < 0)
                return r;
        r = loop_add_defer(event, &d->report, discovery_on_report, d);
        if (r < 0)
                return r;
        *ret_discovery = take(d);
        return 0;
}

struct discovery *discovery_free(struct discovery *discovery)
{
        if (!discovery)
                return NULL;
        if (discovery->state == DISCOVERY_STARTING || discovery->state == DISCOVERY_RUNNING)
                (void)bluez_call(discovery->bluez, NULL, discovery->path, BLUEZ_ADAPTER,
                                 "StopDiscovery", NULL, NULL, NULL);
        (void)sd_bus_slot_unref(discovery->call);
        loop_drop(&discovery->pause);
        loop_drop(&discovery->renew);
        loop_drop(&discovery->report);
        free(discovery);
        return NULL;
}
