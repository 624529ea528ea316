/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One legacy advertisement through BlueZ: our service data, connectable, generally discoverable.
 *
 * Given what is wanted and on which adapter, it registers, replaces and withdraws until bluetoothd
 * agrees. What bluetoothd refuses is tried again by itself.
 */

#include "ble/bluez.h"
#include "reason/reason.h"

struct advertiser;

struct advertiser_handler {
        /* BlueZ refuses to advertise; the last thing done in that turn of the loop. */
        void (*on_refused)(void *userdata, enum reason why);
};

int advertiser_new(struct bluez *bluez, const struct advertiser_handler *handler, void *userdata,
                   struct advertiser **ret_advertiser);

/* Withdraws without waiting. Takes NULL, returns NULL. */
struct advertiser *advertiser_free(struct advertiser *advertiser);

/* The adapter to advertise on, or NULL while none is usable. */
void advertiser_use(struct advertiser *advertiser, const char *adapter);

/* Advertises this nonce and tag from now on; NULL: nothing. */
void advertiser_set(struct advertiser *advertiser, const uint8_t *data);

DEFINE_DEFER(struct advertiser *, advertiser_free);
