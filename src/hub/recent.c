/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/recent.h"

#include <string.h>

#define USEC_PER_SEC UINT64_C(1000000)

/* Where @hash is noted, or where it may be: a place that is free, or the one seen least recently.
 */
static size_t recent_place(struct recent *recent, const uint8_t hash[CRYPTO_HASH_BYTES])
{
        size_t oldest = 0;

        for (size_t i = 0; i < recent->n; i++) {
                if (memcmp(recent->codes[i].hash, hash, CRYPTO_HASH_BYTES) == 0)
                        return i;
                if (recent->codes[i].seen_usec < recent->codes[oldest].seen_usec)
                        oldest = i;
        }
        return recent->n < RECENT_MAX ? recent->n++ : oldest;
}

bool recent_is_new(struct recent *recent, const uint8_t *code, size_t n_code, uint64_t now_usec)
{
        uint8_t hash[CRYPTO_HASH_BYTES];
        struct crypto_sha256 sha;
        size_t n = recent->n, i;
        bool is_same, is_new;

        crypto_sha256_init(&sha);
        crypto_sha256_update(&sha, code, n_code);
        crypto_sha256_final(&sha, hash);
        i = recent_place(recent, hash);
        is_same = i < n && memcmp(recent->codes[i].hash, hash, sizeof(hash)) == 0;
        is_new = !is_same || now_usec - recent->codes[i].seen_usec > RECENT_SEC * USEC_PER_SEC;
        memcpy(recent->codes[i].hash, hash, sizeof(hash));
        recent->codes[i].seen_usec = now_usec;
        return is_new;
}
