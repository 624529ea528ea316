/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * CBOR (RFC 8949), the deterministic subset of doc/code.md section 2, read and written in place.
 *
 * Accepted are integers, byte strings, text strings, arrays, maps, true and false, with definite
 * lengths, shortest heads (RFC 8949, section 4.2.1) and ascending map keys, nested at most
 * CBOR_DEPTH_MAX deep; a tag only where cbor_get_tag() asks for one. Everything else is malformed.
 *
 * The reader pulls: the caller asks for what must come next. An error sticks, and from then on
 * every getter returns zero or an empty span without looking at the bytes, so callers write
 * straight-line code and check once, with cbor_finish():
 *
 *         struct cbor_reader r;
 *         struct cbor_map map;
 *         uint32_t key;
 *
 *         cbor_reader_init(&r, bytes, n_bytes);
 *         cbor_get_map(&r, &map);
 *         while (cbor_map_next(&r, &map, &key))
 *                 switch (key) {
 *                 case 1: format = cbor_get_uint_max(&r, 255); break;
 *                 case 2: serial = cbor_get_text(&r); break;
 *                 default: cbor_fail(&r, CBOR_UNEXPECTED);
 *                 }
 *         if (cbor_finish(&r)) ... not ours ...
 *
 * Spans point into the caller's bytes. Nothing allocates, recurses or keeps state elsewhere.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CBOR_DEPTH_MAX      6 /* arrays and maps within each other */
#define CBOR_HEAD_BYTES_MAX 9

enum cbor_error {
        CBOR_OK = 0,
        CBOR_TRUNCATED,  /* the bytes end before the item does */
        CBOR_MALFORMED,  /* not CBOR, or outside the subset */
        CBOR_UNEXPECTED, /* fine, but not what was asked for: other type, size or range */
};

/* Major types (RFC 8949, section 3.1). */
enum cbor_type {
        CBOR_UINT = 0,
        CBOR_NEGATIVE = 1,
        CBOR_BYTES = 2,
        CBOR_TEXT = 3,
        CBOR_ARRAY = 4,
        CBOR_MAP = 5,
        CBOR_TAG = 6,
        CBOR_SIMPLE = 7, /* true or false */
        CBOR_NONE = 8,   /* nothing there, or an error */
};

struct cbor_span {
        const uint8_t *bytes;
        size_t n_bytes;
};

struct cbor_reader {
        const uint8_t *at, *end;
        enum cbor_error error;
};

/* Where the reader is in a map; set by cbor_get_map(). */
struct cbor_map {
        uint32_t n_left;
        uint32_t least_key; /* what the next key must at least be */
};

/* @n_bytes is at most 2^31-1. */
void cbor_reader_init(struct cbor_reader *r, const uint8_t *bytes, size_t n_bytes);

/* Makes @error stick unless one already does. For what the caller finds wrong with a value. */
void cbor_fail(struct cbor_reader *r, enum cbor_error error);

/* The type of the next item, CBOR_NONE at the end or after an error. Takes nothing. */
enum cbor_type cbor_peek(const struct cbor_reader *r);

uint64_t cbor_get_uint(struct cbor_reader *r);

/* An unsigned integer of at most @max; a larger one is CBOR_UNEXPECTED. */
uint32_t cbor_get_uint_max(struct cbor_reader *r, uint32_t max);

/* An integer from INT64_MIN to INT64_MAX; what lies outside is CBOR_UNEXPECTED. */
int64_t cbor_get_int(struct cbor_reader *r);

bool cbor_get_bool(struct cbor_reader *r);
struct cbor_span cbor_get_bytes(struct cbor_reader *r);

/* A byte string of exactly @n_bytes; NULL after an error. */
const uint8_t *cbor_get_fixed(struct cbor_reader *r, size_t n_bytes);

/* A text string; its bytes are valid UTF-8 and have no terminating NUL. */
struct cbor_span cbor_get_text(struct cbor_reader *r);

/* The head of an array: how many items follow. */
uint32_t cbor_get_array(struct cbor_reader *r);

/* The head of a map with unsigned integers for keys. */
void cbor_get_map(struct cbor_reader *r, struct cbor_map *ret_map);

/*
 * Takes the next key, and true; false after the last one or after an error. The caller takes the
 * value. Keys that do not ascend are CBOR_MALFORMED, those above 2^32-2 CBOR_UNEXPECTED.
 */
bool cbor_map_next(struct cbor_reader *r, struct cbor_map *map, uint32_t *ret_key);

/* A tag's number; the tagged item follows. */
uint64_t cbor_get_tag(struct cbor_reader *r);

/*
 * Takes the next item whatever it is, with all that is in it, checks it against the subset and
 * returns its encoding, to be forwarded or read later. Map keys may be anything but an array or
 * a map, and ascend bytewise (RFC 8949, section 4.2.1).
 */
struct cbor_span cbor_get_item(struct cbor_reader *r);

/* What went wrong up to here, if anything. */
enum cbor_error cbor_error(const struct cbor_reader *r);

/* What went wrong, or CBOR_MALFORMED if bytes are left. */
enum cbor_error cbor_finish(struct cbor_reader *r);

/*
 * Writes into the caller's buffer. Once something does not fit nothing more is written, but the
 * length goes on counting, so that cbor_writer_fits() needs to be asked only once and n_written
 * says what would have been needed.
 */
struct cbor_writer {
        uint8_t *bytes;
        size_t size, n_written;
};

void cbor_writer_init(struct cbor_writer *w, uint8_t *bytes, size_t size);
bool cbor_writer_fits(const struct cbor_writer *w);

void cbor_put_uint(struct cbor_writer *w, uint64_t value);
void cbor_put_int(struct cbor_writer *w, int64_t value);
void cbor_put_bool(struct cbor_writer *w, bool value);
void cbor_put_bytes(struct cbor_writer *w, const uint8_t *bytes, size_t n_bytes);
void cbor_put_text(struct cbor_writer *w, const char *text, size_t n_text);
void cbor_put_array(struct cbor_writer *w, size_t n_items);
void cbor_put_map(struct cbor_writer *w, size_t n_pairs); /* the caller puts keys in order */
void cbor_put_tag(struct cbor_writer *w, uint64_t tag);

/* The head of a byte string of @n_bytes whose content follows with cbor_put_raw(). */
void cbor_put_bytes_head(struct cbor_writer *w, size_t n_bytes);

/* Bytes as they are: an item that is encoded already. */
void cbor_put_raw(struct cbor_writer *w, const uint8_t *bytes, size_t n_bytes);
