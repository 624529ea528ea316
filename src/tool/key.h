/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* An issuer's key pair in its two files (doc/code.md, section 5). */

#include <stdint.h>

#include "code/envelope.h"
#include "code/issuer.h"

struct key {
        char name[ISSUER_NAME_MAX + 1];
        uint8_t seed[ENVELOPE_KEY_BYTES];
        uint8_t public_key[ENVELOPE_KEY_BYTES];
};

/* Generates a pair. -EINVAL if the name is not valid for an issuer. */
int key_generate(struct key *key, const char *name);

/* Writes NAME.key, and NAME.issuer with this ceiling; neither may exist yet. */
int key_write(const struct key *key, const char *path);
int key_write_issuer(const struct key *key, const char *path, unsigned capabilities,
                     const char *products);

/* Reads NAME.key. 0; -errno; or the number of the first line that is wrong. */
int key_read(struct key *key, const char *path);

void key_done(struct key *key);
