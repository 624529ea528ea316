/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Runs Noise test vectors in the form of cacophony's, from the files given or from the project's.
 * Of each vector of our two patterns, both ends write every message and read the vector's own, and
 * must come to its handshake hash. A run without a single vector fails.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "util/hex.h"
#include "wire/noise.h"

struct text {
        uint8_t bytes[NOISE_MESSAGE_MAX];
        size_t n;
};

struct end {
        struct noise noise;
        struct noise_cipher send, receive;
        uint8_t s_public[CRYPTO_X25519_BYTES];
};

static struct text prologue, payload, ciphertext;
static uint8_t buffer[NOISE_MESSAGE_MAX + NOISE_OVERHEAD_MAX];

__attribute__((format(printf, 1, 2))) static int complain(const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        vfprintf(stderr, format, ap);
        va_end(ap);
        fputc('\n', stderr);
        return -EBADMSG;
}

static int get_text(json_t *object, const char *key, struct text *ret)
{
        const char *digits = json_string_value(json_object_get(object, key));

        if (!digits || strlen(digits) > 2 * sizeof(ret->bytes))
                return complain("%s: not there, or too long", key);
        ret->n = strlen(digits) / 2;
        return hex_decode(digits, ret->bytes, ret->n) < 0 ? complain("%s: not hex", key) : 0;
}

static int get_key(json_t *object, const char *role, const char *key, uint8_t ret_key[32])
{
        const char *digits;
        char name[40];

        snprintf(name, sizeof(name), "%s_%s", role, key);
        digits = json_string_value(json_object_get(object, name));
        if (!digits || hex_decode(digits, ret_key, 32) < 0)
                return complain("%s: not 32 bytes of hex", name);
        return 0;
}

static int get_psk(json_t *vector, const char *role, uint8_t ret_psk[32])
{
        const char *digits;
        json_t *psks;
        char name[40];

        snprintf(name, sizeof(name), "%s_psks", role);
        psks = json_object_get(vector, name);
        digits = json_string_value(json_array_get(psks, 0));
        if (json_array_size(psks) != 1 || !digits || hex_decode(digits, ret_psk, 32) < 0)
                return complain("%s: not one key of 32 bytes", name);
        return 0;
}

static int end_init(struct end *end, json_t *vector, enum noise_pattern pattern,
                    enum noise_role which)
{
        const char *role = which == NOISE_INITIATOR ? "init" : "resp";
        bool knows = which == NOISE_INITIATOR || pattern == NOISE_KKPSK2;
        uint8_t s[32], e[32], rs[32], psk[32];
        struct noise_setup setup = {.pattern = pattern, .role = which};
        char name[40];

        snprintf(name, sizeof(name), "%s_prologue", role);
        if (get_text(vector, name, &prologue) < 0 || get_key(vector, role, "static", s) < 0 ||
            get_key(vector, role, "ephemeral", e) < 0 || get_psk(vector, role, psk) < 0 ||
            (knows && get_key(vector, role, "remote_static", rs) < 0))
                return -EBADMSG;

        crypto_x25519_base(s, end->s_public);
        setup.prologue = prologue.bytes;
        setup.n_prologue = prologue.n;
        setup.s = s;
        setup.s_public = end->s_public;
        setup.rs = knows ? rs : NULL;
        setup.psk = psk;
        noise_init(&end->noise, &setup);
        noise_set_ephemeral(&end->noise, e);
        return 0;
}

static int check(const char *what, size_t i, const void *is, size_t n_is, const struct text *should)
{
        if (n_is != should->n || memcmp(is, should->bytes, n_is) != 0)
                return complain("message %zu: %s differs", i, what);
        return 0;
}

static int run_handshake_message(struct end *writer, struct end *reader, size_t i)
{
        uint8_t *read;
        size_t n;

        if (noise_write(&writer->noise, payload.bytes, payload.n, buffer, &n) != 0)
                return complain("message %zu: cannot be written", i);
        if (check("ciphertext", i, buffer, n, &ciphertext) < 0)
                return -EBADMSG;
        if (noise_read(&reader->noise, ciphertext.bytes, ciphertext.n, &read, &n) != 0)
                return complain("message %zu: cannot be read", i);
        return check("payload", i, read, n, &payload);
}

static int run_transport_message(struct end *writer, struct end *reader, size_t i)
{
        if (noise_encrypt(&writer->send, payload.bytes, payload.n, buffer) != 0)
                return complain("message %zu: cannot be encrypted", i);
        if (check("ciphertext", i, buffer, payload.n + CRYPTO_TAG_BYTES, &ciphertext) < 0)
                return -EBADMSG;
        if (noise_decrypt(&reader->receive, ciphertext.bytes, ciphertext.n, buffer) != 0)
                return complain("message %zu: cannot be decrypted", i);
        return check("payload", i, buffer, ciphertext.n - CRYPTO_TAG_BYTES, &payload);
}

static int run_split(struct end *end, const struct end *other, json_t *vector)
{
        struct text *hash = &payload;

        if (noise_split(&end->noise, &end->send, &end->receive) != 0)
                return complain("the handshake is not complete");
        if (memcmp(noise_remote_static(&end->noise), other->s_public, 32) != 0)
                return complain("the remote static key differs");
        if (get_text(vector, "handshake_hash", hash) < 0)
                return -EBADMSG;
        if (hash->n != 32 || memcmp(noise_handshake_hash(&end->noise), hash->bytes, 32) != 0)
                return complain("the handshake hash differs");
        return 0;
}

static int run_vector(json_t *vector, enum noise_pattern pattern)
{
        json_t *messages = json_object_get(vector, "messages"), *message;
        struct end ends[2];
        bool transport = false;
        size_t i;

        if (end_init(&ends[0], vector, pattern, NOISE_INITIATOR) < 0 ||
            end_init(&ends[1], vector, pattern, NOISE_RESPONDER) < 0)
                return -EBADMSG;

        json_array_foreach(messages, i, message)
        {
                struct end *writer = &ends[i % 2], *reader = &ends[1 - i % 2];

                if (!transport && noise_is_complete(&writer->noise)) {
                        if (run_split(writer, reader, vector) < 0 ||
                            run_split(reader, writer, vector) < 0)
                                return -EBADMSG;
                        transport = true;
                }
                if (get_text(message, "payload", &payload) < 0 ||
                    get_text(message, "ciphertext", &ciphertext) < 0)
                        return -EBADMSG;
                if ((transport ? run_transport_message : run_handshake_message)(writer, reader, i) <
                    0)
                        return -EBADMSG;
        }
        return transport ? 0 : complain("there is no transport message");
}

static int run_file(const char *path, size_t *n_run, size_t *n_other)
{
        static const char *const names[] = {
                [NOISE_XKPSK3] = "Noise_XKpsk3_25519_ChaChaPoly_SHA256",
                [NOISE_KKPSK2] = "Noise_KKpsk2_25519_ChaChaPoly_SHA256",
        };
        json_t *file, *vector;
        json_error_t error;
        size_t i;

        file = json_load_file(path, 0, &error);
        if (!file)
                return complain("%s:%d: %s", path, error.line, error.text);

        json_array_foreach(json_object_get(file, "vectors"), i, vector)
        {
                const char *name = json_string_value(json_object_get(vector, "protocol_name"));
                unsigned pattern = 0;

                while (pattern < 2 && (!name || strcmp(name, names[pattern]) != 0))
                        pattern++;
                if (pattern == 2) {
                        (*n_other)++;
                        continue;
                }
                if (run_vector(vector, (enum noise_pattern)pattern) < 0)
                        return complain("%s: vector %zu (%s) failed", path, i, name);
                (*n_run)++;
        }
        json_decref(file);
        return 0;
}

int main(int argc, char **argv)
{
        const char *const preset[] = {NOISE_VECTORS};
        const char *const *paths = argc > 1 ? (const char *const *)argv + 1 : preset;
        size_t n_paths = argc > 1 ? (size_t)argc - 1 : 1, n_run = 0, n_other = 0;

        if (crypto_init() < 0)
                return EXIT_FAILURE;
        for (size_t i = 0; i < n_paths; i++)
                if (run_file(paths[i], &n_run, &n_other) < 0)
                        return EXIT_FAILURE;
        printf("%zu vectors ran, %zu of other protocols did not\n", n_run, n_other);
        return n_run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
