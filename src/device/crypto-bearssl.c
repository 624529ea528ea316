/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The port to boards: BearSSL, in the implementations that need only 32-bit products (a Cortex-M0+
 * has no other) and little flash, all constant-time. For a board short of memory rather than time,
 * br_ec_c25519_i15 needs 4 KB less flash and 1 KB less stack than br_ec_c25519_m15, and thrice the
 * time.
 */

#include "device/crypto-bearssl.h"
#include "wire/crypto.h"

#include <bearssl.h>
#include <string.h>

/* The context of BearSSL fits the room for it, or this does not compile. */
typedef char sha256_fits[sizeof(br_sha256_context) <= sizeof(struct crypto_sha256) ? 1 : -1];

int crypto_init(void)
{
        return 0;
}

/*
 * BearSSL computes the all-zero result of a low-order point without complaint. Its scalars are
 * little-endian in release 0.6; a later revision that wants them big-endian, as for its other
 * curves, fails the first vector of tests/unit/wire/test-crypto.c.
 */
int crypto_x25519(const uint8_t scalar[CRYPTO_X25519_BYTES],
                  const uint8_t point[CRYPTO_X25519_BYTES], uint8_t ret_shared[CRYPTO_X25519_BYTES])
{
        uint8_t any = 0;

        memcpy(ret_shared, point, CRYPTO_X25519_BYTES);
        br_ec_c25519_m15.mul(ret_shared, CRYPTO_X25519_BYTES, scalar, CRYPTO_X25519_BYTES,
                             BR_EC_curve25519);
        for (size_t i = 0; i < CRYPTO_X25519_BYTES; i++)
                any |= ret_shared[i];
        return any == 0 ? -1 : 0;
}

void crypto_x25519_base(const uint8_t scalar[CRYPTO_X25519_BYTES],
                        uint8_t ret_point[CRYPTO_X25519_BYTES])
{
        static const uint8_t base[CRYPTO_X25519_BYTES] = {9};

        crypto_x25519(scalar, base, ret_point);
}

void crypto_seal(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES],
                 const uint8_t *ad, size_t n_ad, const uint8_t *plain, size_t n_plain,
                 uint8_t *ret_sealed)
{
        if (n_plain > 0)
                memmove(ret_sealed, plain, n_plain);
        br_poly1305_ctmul32_run(key, nonce, ret_sealed, n_plain, ad, n_ad, ret_sealed + n_plain,
                                br_chacha20_ct_run, 1);
}

int crypto_open(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES],
                const uint8_t *ad, size_t n_ad, const uint8_t *sealed, size_t n_sealed,
                uint8_t *ret_plain)
{
        size_t n_plain = n_sealed - CRYPTO_TAG_BYTES;
        uint8_t tag[CRYPTO_TAG_BYTES];

        if (n_plain > 0)
                memmove(ret_plain, sealed, n_plain);
        br_poly1305_ctmul32_run(key, nonce, ret_plain, n_plain, ad, n_ad, tag, br_chacha20_ct_run,
                                0);
        if (crypto_equal(tag, sealed + n_plain, sizeof(tag)))
                return 0;
        if (n_plain > 0)
                crypto_wipe(ret_plain, n_plain);
        return -1;
}

void crypto_sha256_init(struct crypto_sha256 *hash)
{
        br_sha256_init((br_sha256_context *)hash);
}

void crypto_sha256_update(struct crypto_sha256 *hash, const void *data, size_t n_data)
{
        br_sha256_update((br_sha256_context *)hash, data, n_data);
}

void crypto_sha256_final(struct crypto_sha256 *hash, uint8_t ret_digest[CRYPTO_HASH_BYTES])
{
        br_sha256_out((br_sha256_context *)hash, ret_digest);
}

void crypto_random(void *ret, size_t n)
{
        board_random(ret, n);
}

void crypto_wipe(void *data, size_t n_data)
{
        volatile uint8_t *byte = data;

        while (n_data-- > 0)
                *byte++ = 0;
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
        const volatile uint8_t *x = a, *y = b;
        uint8_t differ = 0;

        for (size_t i = 0; i < n; i++)
                differ |= x[i] ^ y[i];
        return differ == 0;
}
