/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The device's end of Bluetooth LE: advertises, serves the two characteristics and, if told to, an
 * L2CAP channel beside them, and hands out a link for the central that uses either. One central at
 * a time. No pairing.
 *
 * A central that subscribes gets the link, so it receives every answer, and so does one that says
 * something over a channel. It may do both: the first message decides which of the two the link
 * runs over (ble/bearers.h). One that is connected and does neither within 10 s is disconnected,
 * since it keeps the device from advertising. The end of the link is the end of the connection.
 * After a restart of bluetoothd, or when the adapter was removed and is back, application and
 * advertisement are registered again automatically.
 */

#include <stdint.h>

#include "ble/bluez.h"
#include "link/link.h"
#include "reason/reason.h"

struct peripheral;

struct peripheral_handler {
        /*
         * REASON_NONE: the service is registered and the advertisement is active, or will be; else
         * REASON_BLUETOOTH_DOWN, _ADAPTER_MISSING, _ADAPTER_OFF, _ADAPTER_BLOCKED, or _ADAPTER_BUSY
         * when BlueZ refuses, which is tried again automatically. May be reported twice.
         */
        void (*on_state)(void *userdata, enum reason why);
        /*
         * A central has subscribed, or has said something over a channel, which is delivered as
         * soon as the link has a handler; the link belongs to the callee. Advertising has ended.
         */
        void (*on_link)(void *userdata, struct link *link);
};

/* @adapter and @power as for adapters_new(); the first adapter that is usable is used. */
int peripheral_new(struct bluez *bluez, const char *adapter, bool power,
                   const struct peripheral_handler *handler, void *userdata,
                   struct peripheral **ret_peripheral);

/* The link must have been freed. Takes NULL, returns NULL. */
struct peripheral *peripheral_free(struct peripheral *peripheral);

/* From now on takes an L2CAP channel, too, wherever the kernel lets it; GATT remains. */
void peripheral_offer_channel(struct peripheral *peripheral);

/* Advertises this nonce and tag from now on, until a link comes. */
void peripheral_advertise(struct peripheral *peripheral, const uint8_t data[BLE_DATA_BYTES]);

/* Stops advertising; a central that is connected stays connected. */
void peripheral_stop(struct peripheral *peripheral);

DEFINE_DEFER(struct peripheral *, peripheral_free);
