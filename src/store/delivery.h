/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How what a device reports is published: whether the broker keeps it, and how often at most. What
 * a person has set for a device stays when it is enrolled again or replaced, and goes when it is
 * removed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "store/outbox.h"
#include "store/store.h"

/* All zero: as it comes, and not kept. */
struct store_delivery {
        bool retain;         /* the broker keeps the last message */
        uint32_t throttle_s; /* between two messages at least; 0: none is held back */
};

/* What has been set for this device, or the default. 0 or -errno. */
int store_delivery_get(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                       struct store_delivery *ret_delivery);

/* 0; STORE_E_NONE if there is no such device; -errno. Durable. */
int store_delivery_set(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                       const struct store_delivery *delivery);

/*
 * The first device after @device_id for which anything has been set, in the order of their bytes;
 * NULL: the first of all. @ret_device_id may be @device_id. 0; STORE_E_NONE; -errno.
 */
int store_delivery_after(struct store *store, const uint8_t *device_id,
                         uint8_t ret_device_id[STORE_DEVICE_ID_BYTES],
                         struct store_delivery *ret_delivery);
