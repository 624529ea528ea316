/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the hub remembers of its devices through a restart: their last values, when they were seen,
 * and which of their DATA were taken. It goes with its device.
 *
 * Written without waiting for the disk: what a power cut takes away is only old.
 */

#include "store/channel.h"

#define STORE_VALUE_TEXT_MAX 64 /* bytes */
#define STORE_BOOT_ID_BYTES  8
#define STORE_VALUES_MAX     32 /* of a device: a half has at most that many steps */

/* The last value of a channel; .type, .integer and .exponent are as in struct message_value. */
struct store_value {
        char leaf[STORE_LEAF_SIZE];
        uint8_t type;
        int8_t exponent;
        int64_t integer;
        size_t n_text;
        uint8_t text[STORE_VALUE_TEXT_MAX];
};

struct store_memory {
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        int64_t last_seen; /* Unix time, s */
        bool has_boot_id;  /* and with it the rest, as in struct numbering */
        uint8_t boot_id[STORE_BOOT_ID_BYTES];
        uint64_t next, taken;
        size_t n_values; /* at most STORE_VALUES_MAX */
        struct store_value *values;
};

/*
 * Replaces what is remembered of devices, in one transaction. @next fills one after the other, for
 * whose values there is room, and says whether there is one; it may use no verb of the store. A
 * device that is not in the store is passed over. 0 or -errno, and then nothing has changed.
 */
int store_remember(struct store *store, bool (*next)(void *userdata, struct store_memory *ret),
                   void *userdata);

/*
 * What is remembered of the device, whose identifier is in @memory; there is room for
 * STORE_VALUES_MAX values. 0; STORE_E_NONE; -errno.
 */
int store_recall(struct store *store, struct store_memory *memory);
