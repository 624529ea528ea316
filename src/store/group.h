/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The groups of a device: channels that make up one thing. */

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

#define STORE_ROLE_SIZE 17 /* the kind of a group, and a role in it */

/* A channel that is part of a group: a light, a lock (doc/code.md, section 4.7). */
struct store_member {
        uint32_t group;             /* of its device, from 1; its members are next to each other */
        char kind[STORE_ROLE_SIZE]; /* of the group: "light" */
        char role[STORE_ROLE_SIZE]; /* in it: "brightness" */
        uint32_t channel;           /* its number */
};

/*
 * The members of a device's groups, in the order in which they were stored; @ret_members has room
 * for @max. 0, also if there are none; -ENOBUFS if there are more than @max; -errno.
 */
int store_members(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], size_t max,
                  struct store_member *ret_members, size_t *ret_n_members);
