/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The port header: the cryptography a platform supplies.
 *
 * Everything else in src/wire is built on these functions alone. One file implements all of them,
 * and which file is linked is the choice of platform:
 *
 *     src/wire/crypto-sodium.c       Linux, hub and device: libsodium 1.0.18
 *     src/device/crypto-bearssl.c    boards: BearSSL's small constant-time implementations
 *
 * A board with other parts (a hash engine, an elliptic-curve engine) writes its own. Whatever it
 * uses, no branch and no memory address may depend on a key, a scalar or a plaintext, and
 * tests/unit/wire/test-crypto.c shows whether it computes the right thing. Unless said otherwise
 * arguments may not overlap. Nothing here is called from interrupts.
 *
 * A library that exports the same names itself (Monocypher has crypto_x25519 and crypto_wipe) is
 * compiled with those renamed, for instance -Dcrypto_wipe=monocypher_wipe.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CRYPTO_X25519_BYTES 32 /* a scalar, a point, a shared secret */
#define CRYPTO_KEY_BYTES    32
#define CRYPTO_NONCE_BYTES  12
#define CRYPTO_TAG_BYTES    16
#define CRYPTO_HASH_BYTES   32
#define CRYPTO_BLOCK_BYTES  64 /* of SHA-256, for HMAC */

/*
 * Once, before anything else here: 0, or -1 if the platform's cryptography cannot be used, and
 * then the program must not go on. Repeating it is harmless.
 */
int crypto_init(void);

/*
 * X25519 (RFC 7748 section 5); scalars are clamped here, little-endian, and the top bit of @point
 * is ignored. 0, or -1 if the result is all zero, that is if @point has low order (section 6.1);
 * @ret_shared is then zero and must not be used.
 */
int crypto_x25519(const uint8_t scalar[CRYPTO_X25519_BYTES],
                  const uint8_t point[CRYPTO_X25519_BYTES],
                  uint8_t ret_shared[CRYPTO_X25519_BYTES]);

/* The public key that belongs to a private one: X25519 with the base point 9. */
void crypto_x25519_base(const uint8_t scalar[CRYPTO_X25519_BYTES],
                        uint8_t ret_point[CRYPTO_X25519_BYTES]);

/*
 * ChaCha20-Poly1305 (RFC 8439 section 2.8). The sealed text is the ciphertext, as long as the plain
 * text, and CRYPTO_TAG_BYTES of tag. @ret_sealed may be @plain, or not overlap it at all; the same
 * for @ret_plain and @sealed. @plain and @ad may be NULL where their length is 0.
 *
 * crypto_open() takes @n_sealed of at least CRYPTO_TAG_BYTES and returns 0, or -1 if the tag is
 * wrong; @ret_plain then holds no plain text.
 */
void crypto_seal(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES],
                 const uint8_t *ad, size_t n_ad, const uint8_t *plain, size_t n_plain,
                 uint8_t *ret_sealed);
int crypto_open(const uint8_t key[CRYPTO_KEY_BYTES], const uint8_t nonce[CRYPTO_NONCE_BYTES],
                const uint8_t *ad, size_t n_ad, const uint8_t *sealed, size_t n_sealed,
                uint8_t *ret_plain);

/*
 * SHA-256 (RFC 6234) in pieces. The context is room for any implementation's own; what is in it may
 * be a secret, so its owner wipes it. It may be copied by assignment between two calls. @data may
 * be NULL where @n_data is 0.
 */
struct crypto_sha256 {
        union {
                uint8_t bytes[112];
                uint64_t aligned;
        } room;
};

void crypto_sha256_init(struct crypto_sha256 *hash);
void crypto_sha256_update(struct crypto_sha256 *hash, const void *data, size_t n_data);
void crypto_sha256_final(struct crypto_sha256 *hash, uint8_t ret_digest[CRYPTO_HASH_BYTES]);

/*
 * Fills @ret with bytes nobody can guess. There is no failure to report: a platform that has no
 * entropy waits for it, and one whose source is broken stops.
 */
void crypto_random(void *ret, size_t n);

/* Overwrites with zeros, even if the compiler can prove that nobody looks. */
void crypto_wipe(void *data, size_t n_data);

/* Whether two secrets are the same, in a time that depends on @n only. */
bool crypto_equal(const void *a, const void *b, size_t n);
