/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Watches over the owned devices, and comes back to them by itself.
 *
 * It listens to the air and the ports for as long as the hub owns a device, and knows of each when
 * it was heard, how strongly and where. One that announces that it has something to say is visited
 * at once, one that is late as its timetable says, and one on the mains that takes commands as soon
 * as a connection is free, so that commands find it connected. The one that has waited longest
 * comes first, and one that has waited for WATCH_PATIENCE_S goes before all but persons and
 * commands that wait as long.
 *
 * What counts as heard, so that a device is available: a session, which proves it, or an
 * advertisement that is recognised, which anyone can repeat for as long as WATCH_NONCE_S; no device
 * keeps its nonce that long. So a repeated advertisement can make a dead device look alive for a
 * while. It can also cause visits, but after one to which the device did not say anything the
 * device has a pause, which doubles each time (contact/schedule.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "contact/finder.h"
#include "gateway/gateway.h"
#include "store/device.h"
#include "store/store.h"
#include "util/defer.h"

#define WATCH_AT_ONCE    64   /* visits at the same time that have no session yet */
#define WATCH_PATIENCE_S 300  /* that a visit waits as such */
#define WATCH_NONCE_S    1800 /* twice as long as a device keeps it */
#define WATCH_RETURN_S   30   /* until it comes back to keep a device connected */

struct watch;

/* Everything outlives it. */
struct watch_means {
        sd_event *event;
        const struct finder_means *finder;
        struct store *store;
        struct gateway *gateway;
        uint32_t offline_after_s; /* of a device without any period; 0: never */
};

/* How a device was heard. */
struct watch_signal {
        bool has_rssi;
        int rssi; /* dBm */
};

struct watch_handler {
        /* Whether somebody else is busy with this device now. */
        bool (*is_taken)(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);
        /* What is wrong with a place of airtime; REASON_NONE if devices can be heard there. */
        enum reason (*on_place)(void *userdata, const char *place);
        /* The device has been heard. */
        void (*on_heard)(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                         const struct watch_signal *signal);
        /* It is there, or not any more: then @why may say more. */
        void (*on_available)(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                             bool available, enum reason why);
};

/* What it says of itself. */
struct watch_numbers {
        unsigned n_open;         /* sessions that are open */
        unsigned n_waiting;      /* devices that wait for a visit */
        unsigned longest_wait_s; /* since the start, for a visit */
};

/* 0 or -errno. */
int watch_new(const struct watch_means *means, const struct watch_handler *handler, void *userdata,
              struct watch **ret_watch);
struct watch *watch_free(struct watch *watch);

/* The devices in the store have changed. */
void watch_refresh(struct watch *watch);

/* An adapter has come that may be listened to. */
void watch_listen(struct watch *watch);

/*
 * A session with this device is open, at this place of airtime; it has reported, or somebody else
 * has heard from it; it has been parted with.
 */
void watch_met(struct watch *watch, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
               const char *place);
void watch_report(struct watch *watch, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);
void watch_parted(struct watch *watch, const struct gateway_parting *parting);

/* An adapter or a port may have gone or come back. */
void watch_look_at_places(struct watch *watch);

void watch_count(const struct watch *watch, struct watch_numbers *ret_numbers);

DEFINE_DEFER(struct watch *, watch_free);
