/* SPDX-License-Identifier: Apache-2.0 */

#include "vectors/vector.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "util/hex.h"

#define KEYS_MAX 16

static struct {
        uint8_t keys[KEYS_MAX][VECTOR_KEY];
        size_t n_keys, at;
        uint8_t nonce[VECTOR_NONCE];
        uint8_t boot_id[8];
} source;

int complain(const char *format, ...)
{
        va_list ap;

        va_start(ap, format);
        vfprintf(stderr, format, ap);
        va_end(ap);
        fputc('\n', stderr);
        return -EBADMSG;
}

static void demand(bool condition, const char *key)
{
        if (condition)
                return;
        (void)complain("the vectors are broken at '%s'", key);
        exit(EXIT_FAILURE);
}

bool vector_has(json_t *object, const char *key)
{
        json_t *value = json_object_get(object, key);

        return value && !json_is_null(value);
}

const char *vector_text(json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        demand(text, key);
        return text;
}

bool vector_bool(json_t *object, const char *key)
{
        json_t *value = json_object_get(object, key);

        demand(json_is_boolean(value), key);
        return json_boolean_value(value);
}

uint64_t vector_number(json_t *object, const char *key)
{
        json_t *value = json_object_get(object, key);

        demand(json_is_integer(value) && json_integer_value(value) >= 0, key);
        return (uint64_t)json_integer_value(value);
}

json_t *vector_array(json_t *object, const char *key)
{
        json_t *value = json_object_get(object, key);

        demand(json_is_array(value), key);
        return value;
}

void vector_hex(json_t *value, struct bytes *ret)
{
        const char *digits = json_string_value(value);

        demand(digits, "a string");
        ret->n = strlen(digits) / 2;
        demand(ret->n <= sizeof(ret->bytes) && hex_decode(digits, ret->bytes, ret->n) == 0, digits);
}

void vector_bytes(json_t *object, const char *key, struct bytes *ret)
{
        demand(vector_has(object, key), key);
        vector_hex(json_object_get(object, key), ret);
}

void vector_fixed(json_t *object, const char *key, uint8_t *ret, size_t n)
{
        struct bytes bytes;

        vector_bytes(object, key, &bytes);
        demand(bytes.n == n, key);
        memcpy(ret, bytes.bytes, n);
}

int expect_bytes(const char *what, const uint8_t *bytes, size_t n, json_t *expected)
{
        char digits[2 * VECTOR_BYTES_MAX + 1];
        struct bytes wanted;

        vector_hex(expected, &wanted);
        if (n == wanted.n && memcmp(bytes, wanted.bytes, n) == 0)
                return 0;
        return complain("%s is %s, not %s", what,
                        n < VECTOR_BYTES_MAX ? hex_encode(bytes, n, digits) : "too long",
                        json_string_value(expected));
}

int expect_number(const char *what, uint64_t number, uint64_t expected)
{
        if (number == expected)
                return 0;
        return complain("%s is %llu, not %llu", what, (unsigned long long)number,
                        (unsigned long long)expected);
}

struct cbor_span span_of(const struct bytes *bytes)
{
        return (struct cbor_span){bytes->bytes, bytes->n};
}

/* --- randomness --- */

static const char *source_name(void)
{
        return "vectors";
}

static void source_buf(void *const ret, const size_t n)
{
        switch (n) {
        case VECTOR_KEY:
                demand(source.at < source.n_keys, "one ephemeral key more");
                memcpy(ret, source.keys[source.at++], n);
                return;
        case VECTOR_NONCE:
                memcpy(ret, source.nonce, n);
                return;
        case sizeof(source.boot_id):
                memcpy(ret, source.boot_id, n);
                return;
        default:
                demand(false, "randomness of this size");
        }
}

static uint32_t source_random(void)
{
        uint32_t value;

        source_buf(&value, sizeof(value));
        return value;
}

static void source_stir(void)
{
}

static int source_close(void)
{
        return 0;
}

void vector_random_init(void)
{
        static randombytes_implementation implementation = {
                .implementation_name = source_name,
                .random = source_random,
                .stir = source_stir,
                .uniform = NULL,
                .buf = source_buf,
                .close = source_close,
        };

        randombytes_set_implementation(&implementation);
}

void vector_random_reset(void)
{
        memset(&source, 0, sizeof(source));
}

void vector_random_push_key(json_t *hex)
{
        struct bytes key;

        vector_hex(hex, &key);
        demand(key.n == VECTOR_KEY && source.n_keys < KEYS_MAX, "an ephemeral key");
        memcpy(source.keys[source.n_keys++], key.bytes, key.n);
}

void vector_random_set_nonce(json_t *hex)
{
        struct bytes nonce;

        vector_hex(hex, &nonce);
        demand(nonce.n == sizeof(source.nonce), "a nonce");
        memcpy(source.nonce, nonce.bytes, nonce.n);
}

void vector_random_set_boot_id(json_t *hex)
{
        struct bytes boot_id;

        vector_hex(hex, &boot_id);
        demand(boot_id.n == sizeof(source.boot_id), "a boot id");
        memcpy(source.boot_id, boot_id.bytes, boot_id.n);
}
