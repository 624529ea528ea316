/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The tags that several devices would announce with one nonce (doc/protocol.md section 2.2),
 * computed side by side: each vector of the processor holds the same word of LANES hashes.
 *
 * The tag is an HMAC. Its key is hashed in advance, and what is hashed after it is the same for all
 * devices. This finds out which device may have announced something; kdf_adv_tag() says whether it
 * has. No branch and no address depends on a key.
 */

#include <stdint.h>

#include "wire/kdf.h"

#define LANES 4

typedef uint32_t lanes_word __attribute__((vector_size(4 * LANES)));

/* The hash's state after the padded key of an HMAC. Key material. */
struct lanes_key {
        uint32_t inner[8], outer[8];
};

/* What follows the key, as the rounds of the hash take it. */
struct lanes_text {
        lanes_word words[64];
};

void lanes_key_init(struct lanes_key *key, const uint8_t adv_key[KDF_KEY_BYTES]);

void lanes_text_init(struct lanes_text *text, const uint8_t nonce[KDF_NONCE_BYTES], uint8_t state);

/* The first four bytes of each tag, the first of them in the highest bits. */
void lanes_tags(const struct lanes_text *text, const struct lanes_key *const keys[LANES],
                uint32_t ret_tags[LANES]);
