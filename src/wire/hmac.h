/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* HMAC-SHA-256 (RFC 2104, FIPS 198-1), built on any platform's SHA-256. */

#include <stddef.h>
#include <stdint.h>

#include "wire/crypto.h"

#define HMAC_BYTES CRYPTO_HASH_BYTES

/*
 * A keyed hash under way. A copy made by assignment goes on on its own, which saves half of the
 * work where one key authenticates several texts. Holds key material.
 */
struct hmac {
        struct crypto_sha256 inner, outer;
};

void hmac_init(struct hmac *h, const uint8_t *key, size_t n_key);
void hmac_update(struct hmac *h, const void *data, size_t n_data);

/* Writes the code and wipes @h. @ret_code may be what has been hashed. */
void hmac_final(struct hmac *h, uint8_t ret_code[HMAC_BYTES]);
