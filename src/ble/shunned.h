/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The devices on whose channel somebody else was, or nobody: for SHUNNED_SEC they are met over GATT
 * only, so that no later attempt loses its time there (doc/protocol.md section 2.4). The last
 * SHUNNED_MAX of them are remembered.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ble/object.h"

#define SHUNNED_SEC 600
#define SHUNNED_MAX 16

/* All zero: none. */
struct shunned {
        struct {
                char device[BLUEZ_PATH_MAX];
                uint64_t until; /* in the time of @now below, in us */
        } all[SHUNNED_MAX];
        size_t next;
};

/* @device is its object path. */
void shunned_add(struct shunned *shunned, const char *device, uint64_t now);
bool shunned_has(const struct shunned *shunned, const char *device, uint64_t now);
