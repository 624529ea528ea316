/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/scan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

/* Another program's discovery may be in the way for a moment; its adapter is busy after these. */
static const unsigned retry_ms[] = {250, 500, 1000, 2000};

#define STOP_MS 2000 /* how long the answer to StopDiscovery is waited for */

enum scan_state {
        SCAN_FILTERING, /* SetDiscoveryFilter is under way, or will be tried again */
        SCAN_STARTING,  /* StartDiscovery is under way, or will be tried again */
        SCAN_LISTENING,
        SCAN_STOPPING, /* found: StopDiscovery is under way */
        SCAN_OVER,
};

struct heard {
        char device[BLUEZ_PATH_MAX];
        int16_t rssi;
};

struct scan {
        struct bluez *bluez;
        struct bluez_watch *watch;
        char adapter[BLUEZ_PATH_MAX];
        enum scan_state state;
        unsigned n_retries;
        sd_bus_slot *call;
        sd_event_source *window, *pause, *tell;

        enum reason why;
        struct scan_found found;
        struct heard heard[SCAN_HEARD_MAX];
        size_t n_heard;

        const struct scan_handler *handler;
        void *userdata;
};

void scan_heard(const struct scan *scan, struct scan_heard *ret_heard)
{
        struct scan_heard heard = {.n_devices = scan->n_heard, .strongest = BLUEZ_RSSI_UNSET};

        for (size_t i = 0; i < scan->n_heard; i++) {
                int16_t rssi = scan->heard[i].rssi;

                if (rssi != BLUEZ_RSSI_UNSET &&
                    (heard.strongest == BLUEZ_RSSI_UNSET || rssi > heard.strongest))
                        heard.strongest = rssi;
        }
        *ret_heard = heard;
}

void scan_describe(const struct scan_heard *heard, char *text, size_t size)
{
        const char *plural = heard->n_devices == 1 ? "" : "s";

        if (heard->n_devices == 0)
                (void)snprintf(text, size, "nothing heard");
        else if (heard->strongest == BLUEZ_RSSI_UNSET)
                (void)snprintf(text, size, "%zu enrollable device%s heard, none is this one",
                               heard->n_devices, plural);
        else
                (void)snprintf(text, size,
                               "%zu enrollable device%s heard, strongest %d dBm, none is this one",
                               heard->n_devices, plural, heard->strongest);
}

/* Stops discovery without waiting for it, if it may have been started. */
static void scan_abandon(struct scan *s)
{
        if (s->state == SCAN_STARTING || s->state == SCAN_LISTENING)
                (void)bluez_call(s->bluez, NULL, s->adapter, BLUEZ_ADAPTER, "StopDiscovery", NULL,
                                 NULL, NULL);
        s->state = SCAN_OVER;
}

/* Ends the scan; the handler is called in a later turn of the loop. */
static void scan_end(struct scan *s, enum reason why)
{
        if (s->state == SCAN_OVER)
                return;
        scan_abandon(s);
        s->why = why;
        s->call = sd_bus_slot_unref(s->call);
        loop_disarm(s->window);
        loop_disarm(s->pause);
        loop_rearm(s->tell);
}

static bool scan_retry(struct scan *s)
{
        if (s->n_retries == ELEMENTSOF(retry_ms))
                return false;
        loop_rearm_timer(s->pause, retry_ms[s->n_retries++]);
        return true;
}

/* What stands in the way of discovery, for the log and for the handler; or it is tried again. */
static void scan_refused(struct scan *s, const char *what, const sd_bus_error *error)
{
        enum reason why = bluez_reason(error, REASON_ADAPTER_BUSY);

        if (sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
            sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_METHOD))
                why = REASON_ADAPTER_MISSING;
        if (why == REASON_ADAPTER_BUSY && scan_retry(s))
                return;
        log_warning("%s on %s failed: %s", what, s->adapter, error->message);
        scan_end(s, why);
}

static int scan_on_started(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct scan *s = userdata;

        (void)ret_error;
        s->call = sd_bus_slot_unref(s->call);
        if (sd_bus_message_is_method_error(m, NULL))
                scan_refused(s, "StartDiscovery", sd_bus_message_get_error(m));
        else
                s->state = SCAN_LISTENING;
        return 0;
}

static int scan_start(struct scan *s)
{
        s->state = SCAN_STARTING;
        return bluez_call(s->bluez, &s->call, s->adapter, BLUEZ_ADAPTER, "StartDiscovery",
                          scan_on_started, s, NULL);
}

static int scan_on_filtered(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct scan *s = userdata;

        (void)ret_error;
        s->call = sd_bus_slot_unref(s->call);
        if (sd_bus_message_is_method_error(m, NULL))
                scan_refused(s, "SetDiscoveryFilter", sd_bus_message_get_error(m));
        else if (scan_start(s) < 0)
                scan_end(s, REASON_BLUETOOTH_DOWN);
        return 0;
}

/* With DuplicateData every advertisement is told, also one with the same data as the last. */
static int scan_filter(struct scan *s)
{
        s->state = SCAN_FILTERING;
        return bluez_call(s->bluez, &s->call, s->adapter, BLUEZ_ADAPTER, "SetDiscoveryFilter",
                          scan_on_filtered, s, "a{sv}", 2, "Transport", "s", "le", "DuplicateData",
                          "b", true);
}

static int scan_on_pause(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct scan *s = userdata;
        int r;

        (void)source;
        (void)usec;
        if (s->state == SCAN_STOPPING) {
                scan_end(s, REASON_NONE);
                return 0;
        }
        r = s->state == SCAN_FILTERING ? scan_filter(s) : scan_start(s);
        if (r < 0)
                scan_end(s, REASON_BLUETOOTH_DOWN);
        return 0;
}

static int scan_on_window(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        scan_end(userdata, REASON_DEVICE_NOT_FOUND);
        return 0;
}

static int scan_on_stopped(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        (void)m;
        (void)ret_error;
        scan_end(userdata, REASON_NONE);
        return 0;
}

/*
 * Connecting while discovery is being stopped makes the kernel abort the connection, so its end is
 * waited for.
 */
static void scan_stop(struct scan *s)
{
        s->state = SCAN_STOPPING;
        s->call = sd_bus_slot_unref(s->call);
        loop_disarm(s->window);
        loop_rearm_timer(s->pause, STOP_MS);
        if (bluez_call(s->bluez, &s->call, s->adapter, BLUEZ_ADAPTER, "StopDiscovery",
                       scan_on_stopped, s, NULL) < 0)
                scan_end(s, REASON_NONE);
}

static struct heard *scan_find_heard(struct scan *s, const char *device)
{
        for (size_t i = 0; i < s->n_heard; i++)
                if (strcmp(s->heard[i].device, device) == 0)
                        return &s->heard[i];
        return NULL;
}

static int16_t scan_note(struct scan *s, const struct bluez_news *news)
{
        struct heard *h = scan_find_heard(s, news->path);

        if (!h && (news->has & BLUEZ_HAS_DATA) && s->n_heard < SCAN_HEARD_MAX) {
                h = &s->heard[s->n_heard++];
                (void)snprintf(h->device, sizeof(h->device), "%s", news->path);
                h->rssi = BLUEZ_RSSI_UNSET;
        }
        if (!h)
                return news->rssi;
        if (news->has & BLUEZ_HAS_RSSI)
                h->rssi = news->rssi;
        return h->rssi;
}

/*
 * A device that is remembered has service data of some earlier time; only one that is being heard
 * now has a signal strength. What has changed is fresh in any case.
 */
static void scan_on_device(struct scan *s, const struct bluez_news *news)
{
        int16_t rssi;

        if (s->state >= SCAN_STOPPING || (news->whole && !(news->has & BLUEZ_HAS_RSSI)) ||
            !bluez_path_below(news->path, s->adapter) ||
            strlen(news->path) >= sizeof(s->found.device))
                return;
        rssi = scan_note(s, news);
        if (!(news->has & BLUEZ_HAS_DATA) || !s->handler->match(s->userdata, news->data))
                return;

        (void)snprintf(s->found.device, sizeof(s->found.device), "%s", news->path);
        memcpy(s->found.data, news->data, sizeof(s->found.data));
        s->found.rssi = rssi;
        scan_stop(s);
}

static void scan_on_adapter(struct scan *s, const struct bluez_news *news)
{
        if (strcmp(news->path, s->adapter) == 0 && (news->has & BLUEZ_HAS_POWERED) &&
            !news->powered)
                scan_end(s, REASON_ADAPTER_OFF);
}

static void scan_on_news(void *userdata, const struct bluez_news *news)
{
        if (news->interface == BLUEZ_IS_DEVICE)
                scan_on_device(userdata, news);
        else if (news->interface == BLUEZ_IS_ADAPTER)
                scan_on_adapter(userdata, news);
}

static void scan_on_gone(void *userdata, const char *path, enum bluez_interface interface)
{
        struct scan *s = userdata;

        if (interface == BLUEZ_IS_ADAPTER && strcmp(path, s->adapter) == 0)
                scan_end(s, REASON_ADAPTER_MISSING);
}

static void scan_on_down(void *userdata)
{
        scan_end(userdata, REASON_BLUETOOTH_DOWN);
}

static const struct bluez_handler scan_bluez_handler = {
        .on_news = scan_on_news,
        .on_gone = scan_on_gone,
        .on_down = scan_on_down,
};

static void scan_tell(struct scan *s)
{
        struct scan_heard heard;

        scan_heard(s, &heard);
        if (s->why == REASON_NONE)
                s->handler->on_found(s->userdata, &s->found);
        else
                s->handler->on_end(s->userdata, s->why, &heard);
}

static int scan_on_tell(sd_event_source *source, void *userdata)
{
        (void)source;
        scan_tell(userdata);
        return 0;
}

static int scan_add_sources(struct scan *s, unsigned seconds)
{
        sd_event *event = bluez_event(s->bluez);
        int r;

        r = loop_add_timer(event, &s->window, scan_on_window, s);
        if (r < 0)
                return r;
        r = loop_add_timer(event, &s->pause, scan_on_pause, s);
        if (r < 0)
                return r;
        r = loop_add_defer(event, &s->tell, scan_on_tell, s);
        if (r < 0)
                return r;
        if (seconds > 0)
                loop_rearm_timer(s->window, (uint64_t)seconds * 1000);
        return 0;
}

int scan_new(struct bluez *bluez, const char *adapter, unsigned seconds,
             const struct scan_handler *handler, void *userdata, struct scan **ret_scan)
{
        _defer_(scan_free) struct scan *s = NULL;
        int r;

        if (strlen(adapter) >= BLUEZ_PATH_MAX)
                return -EINVAL;
        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->bluez = bluez;
        s->handler = handler;
        s->userdata = userdata;
        (void)snprintf(s->adapter, sizeof(s->adapter), "%s", adapter);

        r = scan_add_sources(s, seconds);
        if (r < 0)
                return r;
        r = bluez_watch_new(bluez, &scan_bluez_handler, s, &s->watch);
        if (r < 0)
                return r;
        if (scan_filter(s) < 0)
                scan_end(s, REASON_BLUETOOTH_DOWN);
        *ret_scan = take(s);
        return 0;
}

struct scan *scan_free(struct scan *scan)
{
        if (!scan)
                return NULL;
        scan_abandon(scan);
        (void)bluez_watch_free(scan->watch);
        (void)sd_bus_slot_unref(scan->call);
        loop_drop(&scan->window);
        loop_drop(&scan->pause);
        loop_drop(&scan->tell);
        free(scan);
        return NULL;
}
