/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the runners of tests/vectors/enrolld.json share: reading a vector's fields, comparing bytes,
 * and the randomness that a vector fixes.
 *
 * A runner returns 0, or -EBADMSG after it has said what differs. A field that is missing, or not
 * what it should be, ends the program: then it is the file that is broken.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "wire/cbor.h"

#define VECTOR_BYTES_MAX 4096
#define VECTOR_NONCE     5 /* bytes of what is drawn for an advertisement */
#define VECTOR_KEY       32

struct bytes {
        uint8_t bytes[VECTOR_BYTES_MAX];
        size_t n;
};

/* One runner for each kind of vector. */
int run_cbor(json_t *vector);
int run_base45(json_t *vector);
int run_base64url(json_t *vector);
int run_code(json_t *vector);
int run_keys(json_t *vector);
int run_advertisement(json_t *vector);
int run_mac1(json_t *vector);
int run_fragments(json_t *vector);
int run_reassembly(json_t *vector);
int run_cobs(json_t *vector);
int run_stream(json_t *vector);
int run_body(json_t *vector);
int run_session(json_t *vector);
int run_device(json_t *vector);

__attribute__((format(printf, 1, 2))) int complain(const char *format, ...);

bool vector_has(json_t *object, const char *key);
const char *vector_text(json_t *object, const char *key);
bool vector_bool(json_t *object, const char *key);
uint64_t vector_number(json_t *object, const char *key);
json_t *vector_array(json_t *object, const char *key);

/* Hexadecimal: an object's field, the value itself, or a field of exactly @n bytes. */
void vector_bytes(json_t *object, const char *key, struct bytes *ret);
void vector_hex(json_t *value, struct bytes *ret);
void vector_fixed(json_t *object, const char *key, uint8_t *ret, size_t n);

/* Whether bytes are those of the vector; says so if not. */
int expect_bytes(const char *what, const uint8_t *bytes, size_t n, json_t *expected);
int expect_number(const char *what, uint64_t number, uint64_t expected);

struct cbor_span span_of(const struct bytes *bytes);

/*
 * What crypto_random() gives from now on: keys in the order they are pushed, the one nonce that is
 * set, the one boot id. To draw anything else, or one key more, ends the program.
 */
void vector_random_init(void);
void vector_random_reset(void);
void vector_random_push_key(json_t *hex);
void vector_random_set_nonce(json_t *hex);
void vector_random_set_boot_id(json_t *hex);
