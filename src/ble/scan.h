/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Looks for one device among those that advertise our service.
 *
 * Which one it is, only the holder of its code can tell: every advertised nonce and tag is shown to
 * a callback, and the first that it recognises ends the scan. What has been heard besides is
 * counted, so that a scan that finds nothing can say what it did hear.
 *
 * BlueZ's filter by UUID does not see service data, hence all LE devices are listened to. What
 * BlueZ remembers of earlier advertisements is not looked at: their nonces are stale.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ble/bluez.h"
#include "reason/reason.h"

#define SCAN_HEARD_MAX 32 /* devices told apart; more than these are counted as these */

struct scan;

struct scan_found {
        char device[BLUEZ_PATH_MAX]; /* object path */
        uint8_t data[BLE_DATA_BYTES];
        int16_t rssi; /* dBm; BLUEZ_RSSI_UNSET if not known */
};

/* Devices of our service that were heard and were not the one. */
struct scan_heard {
        size_t n_devices;
        int16_t strongest; /* dBm; BLUEZ_RSSI_UNSET if there are none or it is not known */
};

struct scan_handler {
        /* True if this nonce and tag is the device's that is looked for. */
        bool (*match)(void *userdata, const uint8_t data[BLE_DATA_BYTES]);
        /* Found, and discovery has stopped; connect at once, BlueZ forgets it in 30 s. */
        void (*on_found)(void *userdata, const struct scan_found *found);
        /*
         * Over without it: REASON_DEVICE_NOT_FOUND when the time was up, else what stopped it:
         * REASON_BLUETOOTH_DOWN, _ADAPTER_MISSING, _ADAPTER_OFF, _ADAPTER_BLOCKED or _ADAPTER_BUSY.
         */
        void (*on_end)(void *userdata, enum reason why, const struct scan_heard *heard);
};

/*
 * Starts to look, for @seconds or, if that is 0, until it is freed. One of on_found and on_end is
 * called, once; the scan may be freed there and must be freed afterwards. on_found and on_end come
 * from the loop, never from here; match may.
 */
int scan_new(struct bluez *bluez, const char *adapter, unsigned seconds,
             const struct scan_handler *handler, void *userdata, struct scan **ret_scan);

/* Stops looking. Takes NULL, returns NULL. */
struct scan *scan_free(struct scan *scan);

/* What has been heard so far. */
void scan_heard(const struct scan *scan, struct scan_heard *ret_heard);

/* "nothing heard", or "2 enrollable devices heard, strongest -81 dBm, none is this one". */
void scan_describe(const struct scan_heard *heard, char *text, size_t size);

DEFINE_DEFER(struct scan *, scan_free);
