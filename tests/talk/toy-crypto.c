/* SPDX-License-Identifier: Apache-2.0 */

#include "talk/toy-crypto.h"

#include <string.h>

#include "wire/crypto.h"

#define LANES 4

struct toy_hash {
        uint64_t lanes[LANES];
};

static uint64_t seed = 1;
unsigned toy_n_x25519;

void toy_seed(uint64_t new_seed)
{
        seed = new_seed * 0x9e3779b97f4a7c15U + 1;
}

static uint64_t rotate(uint64_t x, unsigned n)
{
        return x << n | x >> (64 - n);
}

static void absorb(struct toy_hash *h, uint64_t word)
{
        h->lanes[0] = rotate((h->lanes[0] ^ word) * 0x9e3779b97f4a7c15U, 29);
        h->lanes[1] = rotate(h->lanes[1], 31) + h->lanes[0];
        h->lanes[2] = rotate(h->lanes[2], 37) ^ h->lanes[1];
        h->lanes[3] = rotate(h->lanes[3], 41) + h->lanes[2];
}

int crypto_init(void)
{
        return 0;
}

void crypto_sha256_init(struct crypto_sha256 *hash)
{
        static const struct toy_hash start = {{1, 2, 3, 4}};

        memcpy(&hash->room, &start, sizeof(start));
}

/*
 * Takes whole words, so that where one call ends and the next begins is part of what is hashed.
 * That is good enough here, where both ends run the same code.
 */
void crypto_sha256_update(struct crypto_sha256 *hash, const void *data, size_t n_data)
{
        struct toy_hash *h = (struct toy_hash *)&hash->room;
        const uint8_t *bytes = data;
        uint64_t word;

        for (; n_data >= sizeof(word); n_data -= sizeof(word), bytes += sizeof(word)) {
                memcpy(&word, bytes, sizeof(word));
                absorb(h, word);
        }
        word = n_data;
        if (n_data > 0)
                memcpy((uint8_t *)&word + 1, bytes, n_data);
        absorb(h, word);
}

void crypto_sha256_final(struct crypto_sha256 *hash, uint8_t ret_digest[CRYPTO_HASH_BYTES])
{
        struct toy_hash *h = (struct toy_hash *)&hash->room;

        for (unsigned i = 0; i < 2 * LANES; i++)
                absorb(h, h->lanes[3]);
        memcpy(ret_digest, h->lanes, CRYPTO_HASH_BYTES);
}

static const uint8_t base[32] = {0x5a, 0xa5, 0x3c, 0xc3, 9};

void crypto_x25519_base(const uint8_t scalar[32], uint8_t ret_point[32])
{
        toy_n_x25519++;
        for (int i = 0; i < 32; i++)
                ret_point[i] = scalar[i] ^ base[i];
}

int crypto_x25519(const uint8_t scalar[32], const uint8_t point[32], uint8_t ret_shared[32])
{
        static const uint8_t zero[32];

        toy_n_x25519++;
        memset(ret_shared, 0, 32);
        if (memcmp(point, zero, 32) == 0)
                return -1;
        for (int i = 0; i < 32; i++)
                ret_shared[i] = scalar[i] ^ point[i] ^ base[i];
        return 0;
}

/* Sums up differences, so that a fuzzer which watches comparisons learns no tag from it. */
bool crypto_equal(const void *a, const void *b, size_t n)
{
        const uint8_t *x = a, *y = b;
        unsigned differ = 0;

        for (size_t i = 0; i < n; i++)
                differ |= x[i] ^ y[i];
        return differ == 0;
}

static void tag(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *ad, size_t n_ad,
                const uint8_t *text, size_t n_text, uint8_t ret_tag[16])
{
        struct crypto_sha256 hash;
        uint8_t digest[32];

        crypto_sha256_init(&hash);
        crypto_sha256_update(&hash, key, 32);
        crypto_sha256_update(&hash, nonce, 12);
        crypto_sha256_update(&hash, &n_ad, sizeof(n_ad));
        crypto_sha256_update(&hash, ad, n_ad);
        crypto_sha256_update(&hash, text, n_text);
        crypto_sha256_final(&hash, digest);
        memcpy(ret_tag, digest, 16);
}

static void blur(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *in, size_t n,
                 uint8_t *out)
{
        for (size_t i = 0; i < n; i++)
                out[i] = in[i] ^ key[i % 32] ^ nonce[4 + i % 8] ^ (uint8_t)i;
}

void crypto_seal(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *ad, size_t n_ad,
                 const uint8_t *plain, size_t n_plain, uint8_t *ret_sealed)
{
        blur(key, nonce, plain, n_plain, ret_sealed);
        tag(key, nonce, ad, n_ad, ret_sealed, n_plain, ret_sealed + n_plain);
}

int crypto_open(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *ad, size_t n_ad,
                const uint8_t *sealed, size_t n_sealed, uint8_t *ret_plain)
{
        uint8_t expected[16];

        tag(key, nonce, ad, n_ad, sealed, n_sealed - 16, expected);
        if (!crypto_equal(expected, sealed + n_sealed - 16, 16))
                return -1;
        blur(key, nonce, sealed, n_sealed - 16, ret_plain);
        return 0;
}

void crypto_random(void *ret, size_t n)
{
        uint8_t *bytes = ret;

        for (size_t i = 0; i < n; i++) {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                bytes[i] = (uint8_t)(seed >> 32);
        }
}

void crypto_wipe(void *data, size_t n_data)
{
        memset(data, 0, n_data);
}
