/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Devices that the hub has given up without releasing them: removed while they were out of reach,
 * removed without having said that they were released, or replaced. They still belong to it, or may
 * do so, and nobody else can enroll them then. So it keeps what it takes to release them when they
 * turn up: the key of their advertisements, and what the keys of a session are derived from.
 *
 * A stray goes when its device has been released or is enrolled again, when it has become too old,
 * or when there are more than STORE_STRAYS_MAX: then the oldest one. Its key is then wiped from the
 * files.
 */

#include <stdint.h>

#include "store/device.h"
#include "store/store.h"

#define STORE_STRAYS_MAX 64

struct store_stray {
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        char name[STORE_NAME_SIZE]; /* that it had */
        uint8_t public_key[32];
        uint32_t epoch;
        uint8_t adv_key[32]; /* secret */
        int64_t given_up_at; /* Unix time, s */
};

/* 0; STORE_E_NONE; -EUCLEAN; -errno. */
int store_find_stray(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                     struct store_stray *ret_stray);

/*
 * Calls @on_stray for each stray, by its identifier. It may use every verb of the store. Ends early
 * when it returns anything but 0, with that. 0 or -errno.
 */
int store_each_stray(struct store *store,
                     int (*on_stray)(void *userdata, const struct store_stray *stray),
                     void *userdata);

/* The device has been released. 0; STORE_E_NONE; -errno. Durable. */
int store_drop_stray(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/* Forgets those that were given up before this Unix time; how many. 0 or -errno. Durable. */
int store_expire_strays(struct store *store, int64_t before, unsigned *ret_n_strays);
