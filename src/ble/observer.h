/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Listens for advertisements: one observer for each adapter in use, one discovery on it for any
 * number of subscribers, and everything that devices advertise passed on to each of them.
 *
 * An adapter that is added while there are subscribers starts to listen; one that is removed stops.
 * BlueZ's UUID filter does not cover service data, so all LE devices are reported.
 */

#include <stddef.h>
#include <stdint.h>

#include "ble/adapter.h"
#include "ble/discoveries.h"
#include "ble/object.h"
#include "reason/reason.h"
#include "util/defer.h"

/*
 * One advertisement, or the part of it that BlueZ says has changed. It does not include what BlueZ
 * only remembers, where a nonce would be stale. Valid during the callback.
 */
struct observer_heard {
        const char *adapter; /* "hci0" */
        const char *device;  /* object path */
        int16_t rssi;        /* dBm; BLUEZ_RSSI_UNSET if not known */
        const struct bluez_data *service_data;
        size_t n_service_data;
        const struct bluez_data *manufacturer_data;
        size_t n_manufacturer_data;
};

struct observer_handler {
        /* Connect at once: BlueZ removes the device 30 s after the discovery has ended. */
        void (*on_heard)(void *userdata, const struct observer_heard *heard);
        /*
         * No adapter can listen any more: REASON_BLUETOOTH_DOWN, _ADAPTER_MISSING, _ADAPTER_OFF,
         * _ADAPTER_BLOCKED, _ADAPTER_BUSY or _ADAPTER_STUCK. Nothing more is heard; listen again to
         * try again.
         */
        void (*on_deaf)(void *userdata, enum reason why);
};

struct listening;

/*
 * Subscribes to what @adapters hear, starting with what is being heard now. The callbacks come from
 * the loop, never from here; any listening may be freed there, and others made.
 */
int listening_new(struct adapters *adapters, const struct observer_handler *handler, void *userdata,
                  struct listening **ret_listening);

/* Only hears what is received while others listen: it starts no discovery, and never goes deaf. */
int listening_new_along(struct adapters *adapters, const struct observer_handler *handler,
                        void *userdata, struct listening **ret_listening);

/* Unsubscribes; discovery ends with the last subscriber. Takes NULL, returns NULL. */
struct listening *listening_free(struct listening *listening);

/* The service data under @uuid, 128 bits in lower-case text, or NULL. Any number of bytes. */
const struct bluez_data *observer_find_service_data(const struct observer_heard *heard,
                                                    const char *uuid);

/*
 * Pauses discovery on the adapter at @path until the quiet is freed: connecting while discovery is
 * being stopped makes the kernel abort the connection. @on_quiet is called once, from the loop,
 * when no discovery of ours is left, or after 2 s in which bluetoothd has not answered.
 */
int observer_hush(struct adapters *adapters, const char *path, void (*on_quiet)(void *userdata),
                  void *userdata, struct quiet **ret_quiet);

DEFINE_DEFER(struct listening *, listening_free);
