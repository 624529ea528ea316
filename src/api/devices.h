/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's devices as JSON, in the shape of zigbee2mqtt's device object as far as it fits
 * (doc/mqtt.md). Never a key, a secret or what could be derived into one.
 */

#include <jansson.h>

#include "store/store.h"

#define DEVICES_CHANNELS_MAX 32 /* a half has at most that many steps (doc/code.md section 4) */

/* All of them by name, as a new array. 0 or -errno. */
int devices_list(struct store *store, json_t **ret_devices);

/*
 * One of them, by name or by identifier (32 hexadecimal digits), with its public key. 0,
 * STORE_E_NONE, or -errno.
 */
int devices_find(struct store *store, const char *name_or_id, json_t **ret_device);
