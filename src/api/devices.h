/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's devices as JSON: zigbee2mqtt's device object, with what it lacks beside it
 * (doc/mqtt.md). Never a key, a secret or what could be derived into one.
 */

#include <jansson.h>

#include "api/backend.h"
#include "api/exposes.h"
#include "store/device.h"

#define DEVICES_CHANNELS_MAX 32 /* a half has at most that many steps (doc/code.md section 4) */

#define DEVICES_ADDRESS_SIZE 19 /* of an address as text: 0x, 16 hexadecimal digits and the NUL */

/* What a device has, and room for it. */
struct devices_parts {
        struct store_channel channels[DEVICES_CHANNELS_MAX];
        struct store_member members[DEVICES_CHANNELS_MAX];
        struct exposes_source source; /* points to both */
};

/* 0 or -errno. */
int devices_read_parts(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                       struct devices_parts *ret_parts);

/* An address as zigbee2mqtt's consumers expect one: the first half of what the device is known as.
 */
const char *devices_address(const uint8_t known_as[STORE_DEVICE_ID_BYTES],
                            char ret_text[DEVICES_ADDRESS_SIZE]);

/*
 * The device that a person or a program calls @who: its name, its identifier (32 hexadecimal
 * digits), what it is known as, or its address. 0, STORE_E_NONE, or -errno.
 */
int devices_resolve(struct store *store, const char *who, struct store_device *ret_device);

/*
 * Calls @on_device with each of them, with its "availability", in the order of their names, from
 * the first behind @after; only one of them is in memory at a time. Ends early when it returns
 * anything but 0, with that. 0 or -errno.
 */
typedef int (*devices_on_device_t)(void *userdata, const char *name, json_t *device);
int devices_each(const struct api_backend *backend, const char *after,
                 devices_on_device_t on_device, void *userdata);

/*
 * One of them, as devices_resolve() finds it, with its public key and, if it was heard, its
 * "state". 0, STORE_E_NONE, or -errno.
 */
int devices_find(const struct api_backend *backend, const char *who, json_t **ret_device);

/* The last value of each channel, "last_seen", and "stale" if they are old; {"state": "online"} or
 * {"state": "offline"}. New objects; NULL if memory is short. */
json_t *devices_state(const struct state_device *device);
json_t *devices_availability(const struct state_device *device);
