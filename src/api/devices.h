/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's devices as JSON, in the shape of zigbee2mqtt's device object as far as it fits
 * (doc/mqtt.md). Never a key, a secret or what could be derived into one.
 */

#include <jansson.h>

#include "api/backend.h"

#define DEVICES_CHANNELS_MAX 32 /* a half has at most that many steps (doc/code.md section 4) */

/* All of them by name, as a new array. 0 or -errno. */
int devices_list(const struct api_backend *backend, json_t **ret_devices);

/*
 * One of them, by name or by identifier (32 hexadecimal digits), with its public key, its
 * "availability" and, if it was heard, its "state". 0, STORE_E_NONE, or -errno.
 */
int devices_find(const struct api_backend *backend, const char *name_or_id, json_t **ret_device);

/* The last value of each channel and "last_seen"; {"state": "online"} or {"state": "offline"}. New
 * objects; NULL if memory is short. */
json_t *devices_state(const struct state_device *device);
json_t *devices_availability(const struct state_device *device);
