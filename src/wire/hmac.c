/* SPDX-License-Identifier: Apache-2.0 */

#include "wire/hmac.h"

#include <string.h>

#define INNER 0x36
#define OUTER 0x5c

static void hmac_start(struct crypto_sha256 *hash, uint8_t pad[CRYPTO_BLOCK_BYTES], uint8_t flip)
{
        for (size_t i = 0; i < CRYPTO_BLOCK_BYTES; i++)
                pad[i] ^= flip;
        crypto_sha256_init(hash);
        crypto_sha256_update(hash, pad, CRYPTO_BLOCK_BYTES);
}

void hmac_init(struct hmac *h, const uint8_t *key, size_t n_key)
{
        uint8_t pad[CRYPTO_BLOCK_BYTES] = {0};

        if (n_key > sizeof(pad)) {
                crypto_sha256_init(&h->inner);
                crypto_sha256_update(&h->inner, key, n_key);
                crypto_sha256_final(&h->inner, pad);
        } else if (n_key > 0) {
                memcpy(pad, key, n_key);
        }
        hmac_start(&h->inner, pad, INNER);
        hmac_start(&h->outer, pad, INNER ^ OUTER);
        crypto_wipe(pad, sizeof(pad));
}

void hmac_update(struct hmac *h, const void *data, size_t n_data)
{
        crypto_sha256_update(&h->inner, data, n_data);
}

void hmac_final(struct hmac *h, uint8_t ret_code[HMAC_BYTES])
{
        crypto_sha256_final(&h->inner, ret_code);
        crypto_sha256_update(&h->outer, ret_code, HMAC_BYTES);
        crypto_sha256_final(&h->outer, ret_code);
        crypto_wipe(h, sizeof(*h));
}
