/* SPDX-License-Identifier: Apache-2.0 */

/* The port to Linux: libsodium, calls that 1.0.18 has. */

#include "wire/crypto.h"

#include <sodium.h>
#include <string.h>

/* The context of libsodium fits the room for it, or this does not compile. */
typedef char sha256_fits[sizeof(crypto_hash_sha256_state) <= sizeof(struct crypto_sha256) ? 1 : -1];

int crypto_init(void)
{
        return sodium_init() < 0 ? -1 : 0;
}

int crypto_x25519(const uint8_t scalar[CRYPTO_X25519_BYTES],
                  const uint8_t point[CRYPTO_X25519_BYTES], uint8_t ret_shared[CRYPTO_X25519_BYTES])
{
        return crypto_scalarmult_curve25519(ret_shared, scalar, point);
}

void crypto_x25519_base(const uint8_t scalar[CRYPTO_X25519_BYTES],
                        uint8_t ret_point[CRYPTO_X25519_BYTES])
{
        crypto_scalarmult_curve25519_base(ret_point, scalar);
}

void crypto_seal(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES],
                 const uint8_t *ad, size_t n_ad, const uint8_t *plain, size_t n_plain,
                 uint8_t *ret_sealed)
{
        crypto_aead_chacha20poly1305_ietf_encrypt(ret_sealed, NULL, plain, n_plain, ad, n_ad, NULL,
                                                  nonce, key);
}

int crypto_open(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES],
                const uint8_t *ad, size_t n_ad, const uint8_t *sealed, size_t n_sealed,
                uint8_t *ret_plain)
{
        return crypto_aead_chacha20poly1305_ietf_decrypt(ret_plain, NULL, NULL, sealed, n_sealed,
                                                         ad, n_ad, nonce, key);
}

void crypto_sha256_init(struct crypto_sha256 *hash)
{
        crypto_hash_sha256_init((crypto_hash_sha256_state *)hash);
}

void crypto_sha256_update(struct crypto_sha256 *hash, const void *data, size_t n_data)
{
        crypto_hash_sha256_update((crypto_hash_sha256_state *)hash, data, n_data);
}

void crypto_sha256_final(struct crypto_sha256 *hash, uint8_t ret_digest[CRYPTO_HASH_BYTES])
{
        crypto_hash_sha256_final((crypto_hash_sha256_state *)hash, ret_digest);
}

void crypto_random(void *ret, size_t n)
{
        randombytes_buf(ret, n);
}

void crypto_wipe(void *data, size_t n_data)
{
        sodium_memzero(data, n_data);
}

bool crypto_equal(const void *a, const void *b, size_t n)
{
        return sodium_memcmp(a, b, n) == 0;
}
