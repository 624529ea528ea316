/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The codes that were seen a moment ago, so that one that stays in front of the camera is taken
 * once. One that was out of sight for RECENT_SEC is new again: the device may be tried once more.
 * Of a code only its hash is kept. All zero is the beginning.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/crypto.h"

#define RECENT_MAX 8 /* codes; the one that was seen least recently is forgotten first */
#define RECENT_SEC 10

struct recent {
        struct {
                uint8_t hash[CRYPTO_HASH_BYTES];
                uint64_t seen_usec;
        } codes[RECENT_MAX];
        size_t n;
};

/* Notes that @code is seen at @now_usec (time_now_usec()). Whether it is new. */
bool recent_is_new(struct recent *recent, const uint8_t *code, size_t n_code, uint64_t now_usec);
