/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Asks a device for a channel beside GATT, once: it opens, or it does not and nothing is said.
 */

#include <stdbool.h>

#include "ble/bluez.h"
#include "link/link.h"

struct knock;

/* The channel is open; the link is the callee's. The knock may be freed there. */
typedef void (*knock_on_open_t)(void *userdata, struct link *link_take);

/*
 * Begins to open a channel from the adapter at the path @adapter to the device at the path @device.
 * 0; or -errno, which is no more than the reason why there will be none: -ENODATA if bluetoothd
 * does not say what addresses they have.
 */
int knock_new(struct bluez *bluez, const char *adapter, const char *device, knock_on_open_t on_open,
              void *userdata, struct knock **ret_knock);

/* Whether nothing has come of it yet. */
bool knock_waits(const struct knock *knock);

/* Gives up, unless it is open. Takes NULL, returns NULL. */
struct knock *knock_free(struct knock *knock);

DEFINE_DEFER(struct knock *, knock_free);
