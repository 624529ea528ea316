/* SPDX-License-Identifier: Apache-2.0 */

/* SHA-256 (FIPS 180-4) in vectors as gcc and clang know them, on whatever the processor has. */

#include "contact/lanes.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "wire/crypto.h"

#define INNER 0x36
#define OUTER 0x5c
#define END   0x80 /* the byte after the text */

static_assert(KDF_KEY_BYTES <= CRYPTO_BLOCK_BYTES, "the key is padded and not hashed");
static_assert(KDF_NONCE_BYTES == 5 && KDF_ADV_TAG_BYTES >= 4, "as lanes_text_init() has it");

static const uint32_t constants[64] = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
        0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
        0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
        0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
        0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
        0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
        0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2,
};

static inline lanes_word rotate(lanes_word x, unsigned bits)
{
        return x >> bits | x << (32 - bits);
}

/* The message schedule, with the constants: of the first 16 words, the rest. */
static void lanes_expand(lanes_word words[64])
{
        for (size_t i = 16; i < 64; i++) {
                lanes_word early = words[i - 15], late = words[i - 2];

                words[i] = words[i - 16] + words[i - 7] +
                           (rotate(early, 7) ^ rotate(early, 18) ^ early >> 3) +
                           (rotate(late, 17) ^ rotate(late, 19) ^ late >> 10);
        }
        for (size_t i = 0; i < 64; i++)
                words[i] += constants[i];
}

static void lanes_compress(lanes_word state[8], const lanes_word words[64])
{
        lanes_word a = state[0], b = state[1], c = state[2], d = state[3];
        lanes_word e = state[4], f = state[5], g = state[6], h = state[7];

        for (size_t i = 0; i < 64; i++) {
                lanes_word one = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                                 (g ^ (e & (f ^ g))) + words[i];
                lanes_word two =
                        (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) | (c & (a | b)));

                h = g;
                g = f;
                f = e;
                e = d + one;
                d = c;
                c = b;
                b = a;
                a = one + two;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
}

static void hash_pad(const uint8_t adv_key[KDF_KEY_BYTES], uint8_t flip, uint32_t ret_state[8])
{
        uint8_t pad[CRYPTO_BLOCK_BYTES] = {0};
        crypto_hash_sha256_state hash;

        memcpy(pad, adv_key, KDF_KEY_BYTES);
        for (size_t i = 0; i < sizeof(pad); i++)
                pad[i] ^= flip;
        (void)crypto_hash_sha256_init(&hash);
        (void)crypto_hash_sha256_update(&hash, pad, sizeof(pad));
        memcpy(ret_state, hash.state, sizeof(hash.state));
        sodium_memzero(pad, sizeof(pad));
        sodium_memzero(&hash, sizeof(hash));
}

void lanes_key_init(struct lanes_key *key, const uint8_t adv_key[KDF_KEY_BYTES])
{
        hash_pad(adv_key, INNER, key->inner);
        hash_pad(adv_key, OUTER, key->outer);
}

void lanes_text_init(struct lanes_text *text, const uint8_t nonce[KDF_NONCE_BYTES], uint8_t state)
{
        const uint32_t block[16] = {
                [0] = (uint32_t)nonce[0] << 24 | (uint32_t)nonce[1] << 16 |
                      (uint32_t)nonce[2] << 8 | nonce[3],
                [1] = (uint32_t)nonce[4] << 24 | (uint32_t)state << 16 | END << 8,
                [15] = 8 * (CRYPTO_BLOCK_BYTES + KDF_NONCE_BYTES + 1), /* bits, with the key */
        };

        for (size_t i = 0; i < 16; i++)
                text->words[i] = (lanes_word){0} + block[i];
        lanes_expand(text->words);
}

void lanes_tags(const struct lanes_text *text, const struct lanes_key *const keys[LANES],
                uint32_t ret_tags[LANES])
{
        lanes_word inner[8], outer[8], words[64] = {0};

        for (size_t i = 0; i < 8; i++)
                for (size_t lane = 0; lane < LANES; lane++) {
                        inner[i][lane] = keys[lane]->inner[i];
                        outer[i][lane] = keys[lane]->outer[i];
                }
        lanes_compress(inner, text->words);
        memcpy(words, inner, sizeof(inner));
        words[8] += (uint32_t)END << 24;
        words[15] += 8 * (CRYPTO_BLOCK_BYTES + CRYPTO_HASH_BYTES);
        lanes_expand(words);
        lanes_compress(outer, words);
        for (size_t lane = 0; lane < LANES; lane++)
                ret_tags[lane] = outer[0][lane];
        sodium_memzero(inner, sizeof(inner));
        sodium_memzero(outer, sizeof(outer));
        sodium_memzero(words, sizeof(words));
}
