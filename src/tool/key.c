/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ini.h>
#include <sodium.h>

#include "tool/argument.h"
#include "util/file.h"
#include "util/free.h"
#include "util/hex.h"

static int key_set_name(struct key *key, const char *name)
{
        struct cbor_span text = {(const uint8_t *)name, strlen(name)};

        /* In the files a semicolon after a space begins a comment, and outer spaces are lost. */
        if (!payload_is_label(text) || strstr(name, " ;") || name[0] == ' ' || name[0] == ';' ||
            name[text.n_bytes - 1] == ' ')
                return -EINVAL;
        memcpy(key->name, name, text.n_bytes + 1);
        return 0;
}

static void key_derive(struct key *key)
{
        uint8_t secret_key[crypto_sign_SECRETKEYBYTES];

        crypto_sign_seed_keypair(key->public_key, secret_key, key->seed);
        sodium_memzero(secret_key, sizeof(secret_key));
}

int key_generate(struct key *key, const char *name)
{
        memset(key, 0, sizeof(*key));
        if (key_set_name(key, name) < 0)
                return -EINVAL;
        randombytes_buf(key->seed, sizeof(key->seed));
        key_derive(key);
        return 0;
}

int key_write(const struct key *key, const char *path)
{
        char digits[2 * ENVELOPE_KEY_BYTES + 1], text[256];
        int n, r;

        n = snprintf(text, sizeof(text), "[key]\nname = %s\nseed = %s\n", key->name,
                     hex_encode(key->seed, sizeof(key->seed), digits));
        r = file_write(path, text, (size_t)n, 0600, true);
        sodium_memzero(text, sizeof(text));
        sodium_memzero(digits, sizeof(digits));
        return r;
}

int key_write_issuer(const struct key *key, const char *path, unsigned capabilities,
                     const char *products)
{
        char digits[2 * ENVELOPE_KEY_BYTES + 1], asked[64] = "";
        _defer_(free) char *text = NULL;
        size_t n_asked = 0;
        int n;

        for (unsigned i = 1; i <= CAPABILITY_ALL; i <<= 1)
                if (capabilities & i)
                        n_asked += (size_t)snprintf(asked + n_asked, sizeof(asked) - n_asked, " %s",
                                                    capability_name(i));
        n = asprintf(&text, "[issuer]\nname = %s\nkey = %s\ncapabilities =%s\nproducts = %s\n",
                     key->name, hex_encode(key->public_key, sizeof(key->public_key), digits), asked,
                     products);
        if (n < 0) {
                text = NULL;
                return -ENOMEM;
        }
        return file_write(path, text, (size_t)n, 0644, true);
}

/* For inih: 1 if the line is good. */
static int key_on_line(void *userdata, const char *section, const char *name, const char *value)
{
        struct key *key = userdata;

        if (strcmp(section, "key") == 0 && strcmp(name, "name") == 0)
                return key_set_name(key, value) == 0;
        if (strcmp(section, "key") == 0 && strcmp(name, "seed") == 0)
                return hex_decode(value, key->seed, sizeof(key->seed)) == 0;
        return 0;
}

int key_read(struct key *key, const char *path)
{
        char *text = NULL;
        size_t n = 0;
        int r;

        memset(key, 0, sizeof(*key));
        r = argument_read(path, &text, &n);
        if (r < 0)
                return r;
        r = ini_parse_string(text, key_on_line, key);
        file_free(text, n);
        if (r == 0 && (!key->name[0] || sodium_is_zero(key->seed, sizeof(key->seed))))
                r = 1;
        if (r == 0)
                key_derive(key);
        else
                key_done(key);
        return r == -2 ? -ENOMEM : r;
}

void key_done(struct key *key)
{
        sodium_memzero(key, sizeof(*key));
}
