/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The channels of a device: what it reports and what it obeys. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

#define STORE_LEAF_SIZE  33
#define STORE_CLASS_SIZE 33
#define STORE_UNIT_SIZE  17
#define STORE_WORDS_SIZE 256 /* the words of a channel, with blanks between them */

enum store_direction {
        STORE_PUBLISH = 1, /* the device reports */
        STORE_COMMAND = 2, /* the device obeys */
        STORE_BOTH = STORE_PUBLISH | STORE_COMMAND,
};

/* What a channel carries (doc/code.md, section 4.6). */
enum store_type {
        STORE_NUMBER = 0,
        STORE_SWITCH,      /* a boolean */
        STORE_ENUMERATION, /* one of its words */
        STORE_TEXT,
        STORE_BUTTON, /* a command whose value means nothing */
        STORE_EVENT,  /* one of its words, published once and never kept */
        STORE_TYPE_MAX,
};

/* What a channel is beside the purpose of its device. */
enum store_category {
        STORE_PRIMARY = 0, /* none of these */
        STORE_CONFIG,
        STORE_DIAGNOSTIC,
};

struct store_channel {
        uint32_t number;
        char leaf[STORE_LEAF_SIZE];
        char class[STORE_CLASS_SIZE];
        char unit[STORE_UNIT_SIZE];
        enum store_direction direction;
        uint32_t every_s; /* 0: whenever it changes */
        enum store_type type;
        enum store_category category;
        bool has_range;          /* of STORE_NUMBER: low to high, times 10^exponent */
        int64_t low, high, step; /* steps count from low; 0: any */
        int exponent;
        uint32_t length;              /* of STORE_TEXT: bytes it has at most */
        char words[STORE_WORDS_SIZE]; /* of STORE_ENUMERATION and STORE_EVENT, blanks between */
};

/*
 * The channels of a device by number; @ret_channels has room for @max. 0, also if there are none;
 * -ENOBUFS if there are more than @max; -errno.
 */
int store_channels(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], size_t max,
                   struct store_channel *ret_channels, size_t *ret_n_channels);

/* "number"; "config", "none". */
const char *store_type_name(enum store_type type);
const char *store_category_name(enum store_category category);
