/* SPDX-License-Identifier: Apache-2.0 */

#include "contact/finder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "ble/central.h"
#include "ble/scan.h"
#include "code/payload.h"
#include "link/stream.h"

#define CABLE_FIRST_SEC 3
#define SCAN_SEC        10
#define USEC_PER_SEC    UINT64_C(1000000)
#define RETRY_USEC      (500 * UINT64_C(1000)) /* between two tries of the cable */

struct finder {
        struct finder_means means;
        const struct finder_handler *handler;
        void *userdata;
        uint8_t adv_key[32];
        unsigned reach, seconds;
        unsigned air_left; /* s that are still to be listened */

        const struct scan_handler *scan_handler;
        struct scan *scan;
        struct scan_heard heard; /* most that was heard at a time */
        struct dial *dial;

        struct link *link; /* the cable, while it is asked */
        bool opened;       /* the cable could be opened at least once */
        sd_event_source *retry, *window, *start;
};

bool finder_recognise(const uint8_t adv_key[32], const uint8_t data[MESSAGE_ADV_BYTES],
                      enum message_state *ret_state)
{
        bool found = false;

        for (int state = MESSAGE_STATE_FACTORY; state <= MESSAGE_STATE_OWNED; state++) {
                uint8_t tag[KDF_ADV_TAG_BYTES];

                kdf_adv_tag(adv_key, data, (uint8_t)state, tag);
                if (sodium_memcmp(tag, data + KDF_NONCE_BYTES, sizeof(tag)) == 0) {
                        *ret_state = (enum message_state)state;
                        found = true;
                }
        }
        return found;
}

static bool finder_take(struct finder *f, const uint8_t data[MESSAGE_ADV_BYTES],
                        struct finder_found *found)
{
        if (!finder_recognise(f->adv_key, data, &found->state))
                return false;
        memcpy(found->nonce, data, sizeof(found->nonce));
        return true;
}

/* Nothing of what was started may call back once the handler has been told. */
static void finder_stop(struct finder *f)
{
        f->scan = scan_free(f->scan);
        f->dial = dial_free(f->dial);
        f->link = link_free(f->link);
        f->retry = sd_event_source_disable_unref(f->retry);
        f->window = sd_event_source_disable_unref(f->window);
        f->start = sd_event_source_disable_unref(f->start);
}

static void finder_fail(struct finder *f, enum reason why, const char *text)
{
        finder_stop(f);
        f->handler->on_failed(f->userdata, why, text);
}

static void finder_succeed(struct finder *f, struct link *link_take)
{
        finder_stop(f);
        f->handler->on_link(f->userdata, link_take);
}

static void finder_on_cable_message(void *userdata, const uint8_t *message, size_t n_message)
{
        struct finder *f = userdata;
        struct finder_found found = {0};

        if (n_message != 1 + MESSAGE_ADV_BYTES || message[0] != MESSAGE_ANNOUNCE)
                return; /* what an earlier session left on the line */
        if (!finder_take(f, message + 1, &found)) {
                finder_fail(f, REASON_WRONG_SECRET, reason_text(REASON_WRONG_SECRET));
                return;
        }
        f->handler->on_found(f->userdata, &found);
        finder_succeed(f, take(f->link));
}

static void finder_on_cable_lost(void *userdata, enum reason why)
{
        struct finder *f = userdata;

        (void)why; /* the next try opens it again */
        f->link = link_free(f->link);
}

static const struct link_handler finder_cable_handler = {
        .on_message = finder_on_cable_message,
        .on_lost = finder_on_cable_lost,
};

static void finder_open_cable(struct finder *f)
{
        if (stream_link_open(f->means.event, f->means.stream, &f->link) != 0)
                return;
        f->opened = true;
        link_set_handler(f->link, &finder_cable_handler, f);
}

/* Asks, and asks again until the window ends: the device may start later than we do. */
static int finder_on_try(sd_event_source *source, uint64_t usec, void *userdata)
{
        static const uint8_t probe = MESSAGE_PROBE;
        struct finder *f = userdata;

        (void)usec;
        if (!f->link)
                finder_open_cable(f);
        if (f->link)
                (void)link_send(f->link, &probe, 1);
        if (sd_event_source_set_time_relative(source, RETRY_USEC) < 0)
                return -EIO;
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void finder_on_dial_link(void *userdata, struct link *link_take)
{
        struct finder *f = userdata;

        f->dial = NULL;
        finder_succeed(f, link_take);
}

static void finder_on_dial_failed(void *userdata, enum reason why)
{
        struct finder *f = userdata;

        f->dial = NULL;
        finder_fail(f, why, reason_text(why));
}

static const struct dial_handler finder_dial_handler = {
        .on_link = finder_on_dial_link,
        .on_failed = finder_on_dial_failed,
};

static bool finder_on_advertisement(void *userdata, const uint8_t data[BLE_DATA_BYTES])
{
        const struct finder *f = userdata;
        enum message_state state;

        return finder_recognise(f->adv_key, data, &state);
}

static void finder_on_scan_found(void *userdata, const struct scan_found *scanned)
{
        struct finder *f = userdata;
        struct finder_found found = {.has_rssi = scanned->rssi != BLUEZ_RSSI_UNSET,
                                     .rssi = scanned->rssi};
        char device[BLUEZ_PATH_MAX];

        (void)finder_take(f, scanned->data, &found);
        memcpy(device, scanned->device, sizeof(device));
        f->scan = scan_free(f->scan);
        if (central_dial(f->means.central, device, &finder_dial_handler, f, &f->dial) < 0) {
                finder_fail(f, REASON_CONNECT_FAILED, reason_text(REASON_CONNECT_FAILED));
                return;
        }
        f->handler->on_found(f->userdata, &found);
}

/* Why the air cannot be used now, or REASON_NONE. */
static enum reason finder_air(const struct finder *f)
{
        return f->means.bluez ? adapter_reason(f->means.adapter) : f->means.no_air;
}

/*
 * Listens for a part of the time that is left. The discovery is begun anew for each, because an
 * advertisement that arrives while it is being started can be lost for as long as it lasts.
 */
static int finder_scan(struct finder *f)
{
        unsigned seconds = f->air_left < SCAN_SEC ? f->air_left : SCAN_SEC;

        f->air_left -= seconds;
        return scan_new(f->means.bluez, adapter_path(f->means.adapter), seconds, f->scan_handler, f,
                        &f->scan);
}

static void finder_on_scan_end(void *userdata, enum reason why, const struct scan_heard *heard)
{
        struct finder *f = userdata;
        char what[96], text[128];

        if (why != REASON_DEVICE_NOT_FOUND) {
                finder_fail(f, why, reason_text(why));
                return;
        }
        if (heard->n_devices >= f->heard.n_devices)
                f->heard = *heard;
        f->scan = scan_free(f->scan);
        if (f->air_left > 0 && finder_air(f) == REASON_NONE && finder_scan(f) == 0)
                return;
        scan_describe(&f->heard, what, sizeof(what));
        (void)snprintf(text, sizeof(text), "The device was not found: %s.", what);
        finder_fail(f, why, text);
}

static const struct scan_handler finder_scan_handler = {
        .match = finder_on_advertisement,
        .on_found = finder_on_scan_found,
        .on_end = finder_on_scan_end,
};

/* Starts to listen to the air. REASON_NONE, or why that cannot be. */
static enum reason finder_start_air(struct finder *f)
{
        enum reason why = finder_air(f);

        f->air_left = f->seconds;
        f->scan_handler = &finder_scan_handler;
        if (why == REASON_NONE && finder_scan(f) < 0)
                why = REASON_INTERNAL;
        return why;
}

/* Nothing on the cable: a device that can also be reached over the air is looked for there. */
static int finder_on_window(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct finder *f = userdata;

        (void)source;
        (void)usec;
        finder_stop(f);
        if (f->reach & PAYLOAD_REACH_BLE && finder_start_air(f) == REASON_NONE)
                return 0;
        if (f->opened)
                finder_fail(f, REASON_DEVICE_NOT_FOUND, "Nothing answers on the cable.");
        else
                finder_fail(f, REASON_PORT_UNAVAILABLE, reason_text(REASON_PORT_UNAVAILABLE));
        return 0;
}

static int finder_start_cable(struct finder *f)
{
        /* Where there is a second way, the first does not get all of the time. */
        uint64_t seconds = f->reach & PAYLOAD_REACH_BLE ? CABLE_FIRST_SEC : f->seconds;
        int r;

        r = sd_event_add_time_relative(f->means.event, &f->retry, CLOCK_MONOTONIC, 0, 1000,
                                       finder_on_try, f);
        if (r < 0)
                return r;
        return sd_event_add_time_relative(f->means.event, &f->window, CLOCK_MONOTONIC,
                                          seconds * USEC_PER_SEC, 1000, finder_on_window, f);
}

/* Starts what the code names and the hub has; in a turn of the loop, so that a failure is told from
 * there too. */
static int finder_on_start(sd_event_source *source, void *userdata)
{
        struct finder *f = userdata;
        enum reason why = REASON_PORT_UNAVAILABLE;

        (void)source;
        f->start = sd_event_source_disable_unref(f->start);
        if (f->means.stream && f->reach & PAYLOAD_REACH_STREAM)
                why = finder_start_cable(f) < 0 ? REASON_INTERNAL : REASON_NONE;
        else if (f->reach & PAYLOAD_REACH_BLE)
                why = finder_start_air(f);
        if (why != REASON_NONE)
                finder_fail(f, why, reason_text(why));
        return 0;
}

int finder_new(const struct finder_means *means, unsigned reach, const uint8_t adv_key[32],
               unsigned seconds, const struct finder_handler *handler, void *userdata,
               struct finder **ret_finder)
{
        _defer_(finder_free) struct finder *f = NULL;
        int r;

        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;
        f->means = *means;
        f->reach = reach;
        f->seconds = seconds;
        f->handler = handler;
        f->userdata = userdata;
        memcpy(f->adv_key, adv_key, sizeof(f->adv_key));

        r = sd_event_add_defer(means->event, &f->start, finder_on_start, f);
        if (r < 0)
                return r;
        *ret_finder = take(f);
        return 0;
}

struct finder *finder_free(struct finder *f)
{
        if (!f)
                return NULL;
        finder_stop(f);
        sodium_memzero(f->adv_key, sizeof(f->adv_key));
        free(f);
        return NULL;
}
