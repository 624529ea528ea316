/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One value as messages and halves hold it: an integer, yes or no, text, bytes, or a list of
 * unsigned integers.
 *
 * Values travel in maps from number to value: the parameters of a stage, the items of a report, the
 * code's own configuration. What a number means and which type it has is for src/program to say.
 *
 * Normative: doc/code.md, section 4.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/cbor.h"

#define VALUE_STRING_MAX 64 /* bytes of a text or byte string */
#define VALUE_LIST_MAX   16 /* integers in a list */

enum value_kind {
        VALUE_NOTHING = 0,
        VALUE_INTEGER, /* .number */
        VALUE_BOOLEAN, /* .number is 0 or 1 */
        VALUE_BYTES,   /* .span is the content */
        VALUE_TEXT,    /* .span is the content, valid UTF-8 without a NUL at its end */
        VALUE_LIST,    /* .span is the encoded array */
};

struct value {
        enum value_kind kind;
        int64_t number;
        struct cbor_span span;
};

/* Takes a value; after an error of the reader it is VALUE_NOTHING. */
void value_get(struct cbor_reader *r, struct value *ret_value);

/* Writes a value as value_get() takes it; of VALUE_NOTHING, nothing. */
void value_put(struct cbor_writer *w, const struct value *value);

/* The value with this number in an encoded map, and true; false if it is not there. */
bool value_find(struct cbor_span map, unsigned number, struct value *ret_value);
