/* SPDX-License-Identifier: Apache-2.0 */

#include "wire/cbor.h"

#include <string.h>

#include "wire/utf8.h"

#define SIMPLE_FALSE 20
#define SIMPLE_TRUE  21

void cbor_reader_init(struct cbor_reader *r, const uint8_t *bytes, size_t n_bytes)
{
        r->at = bytes;
        r->end = n_bytes > 0 ? bytes + n_bytes : bytes; /* nothing may be NULL */
        r->error = CBOR_OK;
}

void cbor_fail(struct cbor_reader *r, enum cbor_error error)
{
        if (r->error == CBOR_OK)
                r->error = error;
}

enum cbor_error cbor_error(const struct cbor_reader *r)
{
        return r->error;
}

enum cbor_error cbor_finish(struct cbor_reader *r)
{
        if (r->at != r->end)
                cbor_fail(r, CBOR_MALFORMED);
        return r->error;
}

enum cbor_type cbor_peek(const struct cbor_reader *r)
{
        return r->error || r->at == r->end ? CBOR_NONE : (enum cbor_type)(*r->at >> 5);
}

static enum cbor_type cbor_refuse(struct cbor_reader *r, enum cbor_error error)
{
        cbor_fail(r, error);
        return CBOR_NONE;
}

/* The bytes that follow a head and carry its argument, most significant first; RFC 8949, 3. */
static enum cbor_error cbor_argument(struct cbor_reader *r, unsigned info, uint64_t *ret_argument)
{
        uint64_t argument = 0;
        bool shorter = false; /* whether a shorter head would do */
        size_t n;

        if (info > 27)
                return CBOR_MALFORMED; /* indefinite, or reserved */
        n = (size_t)1 << (info - 24);
        if ((size_t)(r->end - r->at) < n)
                return CBOR_TRUNCATED;
        for (size_t i = 0; i < n; i++) {
                if (2 * i == n)
                        shorter = argument == 0;
                argument = argument << 8 | *r->at++;
        }
        if (shorter || argument < 24)
                return CBOR_MALFORMED;
        *ret_argument = argument;
        return CBOR_OK;
}

/*
 * Takes one head and checks that what it announces can still come: a string must be there, and
 * every item of an array or map takes a byte at least. No length beyond the bytes gets past this
 * point.
 */
static enum cbor_type cbor_head(struct cbor_reader *r, uint64_t *ret_argument)
{
        enum cbor_error error;
        enum cbor_type type;
        size_t most;

        if (r->error)
                return CBOR_NONE;
        if (r->at == r->end)
                return cbor_refuse(r, CBOR_TRUNCATED);

        type = (enum cbor_type)(*r->at >> 5);
        *ret_argument = *r->at++ & 0x1f;
        if (type == CBOR_SIMPLE && *ret_argument != SIMPLE_FALSE && *ret_argument != SIMPLE_TRUE)
                return cbor_refuse(r, CBOR_MALFORMED);
        if (*ret_argument >= 24) {
                error = cbor_argument(r, (unsigned)*ret_argument, ret_argument);
                if (error)
                        return cbor_refuse(r, error);
        }

        if (type >= CBOR_BYTES && type <= CBOR_MAP) {
                most = (size_t)(r->end - r->at);
                if (type == CBOR_MAP)
                        most /= 2;
                if (*ret_argument > most)
                        return cbor_refuse(r, CBOR_TRUNCATED);
        }
        return type;
}

/* The argument of the next head, which must be of @type; 0 after an error. */
static uint64_t cbor_head_of(struct cbor_reader *r, enum cbor_type type)
{
        uint64_t argument;
        enum cbor_type found = cbor_head(r, &argument);

        if (found == type)
                return argument;
        cbor_fail(r, CBOR_UNEXPECTED);
        return 0;
}

uint64_t cbor_get_uint(struct cbor_reader *r)
{
        return cbor_head_of(r, CBOR_UINT);
}

uint32_t cbor_get_uint_max(struct cbor_reader *r, uint32_t max)
{
        uint64_t value = cbor_head_of(r, CBOR_UINT);

        if (value <= max)
                return (uint32_t)value;
        cbor_fail(r, CBOR_UNEXPECTED);
        return 0;
}

int64_t cbor_get_int(struct cbor_reader *r)
{
        uint64_t argument;
        enum cbor_type type = cbor_head(r, &argument);

        if ((type == CBOR_UINT || type == CBOR_NEGATIVE) && argument <= INT64_MAX)
                return type == CBOR_UINT ? (int64_t)argument : -1 - (int64_t)argument;
        cbor_fail(r, CBOR_UNEXPECTED);
        return 0;
}

bool cbor_get_bool(struct cbor_reader *r)
{
        return cbor_head_of(r, CBOR_SIMPLE) == SIMPLE_TRUE;
}

static struct cbor_span cbor_string(struct cbor_reader *r, enum cbor_type type)
{
        size_t n_bytes = (size_t)cbor_head_of(r, type);
        struct cbor_span span = {r->at, n_bytes};

        r->at += n_bytes;
        if (type == CBOR_TEXT && !utf8_valid(span.bytes, span.n_bytes)) {
                cbor_fail(r, CBOR_MALFORMED);
                span.n_bytes = 0;
        }
        return span;
}

struct cbor_span cbor_get_bytes(struct cbor_reader *r)
{
        return cbor_string(r, CBOR_BYTES);
}

const uint8_t *cbor_get_fixed(struct cbor_reader *r, size_t n_bytes)
{
        struct cbor_span span = cbor_string(r, CBOR_BYTES);

        if (span.n_bytes != n_bytes)
                cbor_fail(r, CBOR_UNEXPECTED);
        return r->error ? NULL : span.bytes;
}

struct cbor_span cbor_get_text(struct cbor_reader *r)
{
        return cbor_string(r, CBOR_TEXT);
}

uint32_t cbor_get_array(struct cbor_reader *r)
{
        return (uint32_t)cbor_head_of(r, CBOR_ARRAY);
}

void cbor_get_map(struct cbor_reader *r, struct cbor_map *ret_map)
{
        ret_map->n_left = (uint32_t)cbor_head_of(r, CBOR_MAP);
        ret_map->least_key = 0;
}

bool cbor_map_next(struct cbor_reader *r, struct cbor_map *map, uint32_t *ret_key)
{
        uint32_t key;

        if (r->error || map->n_left == 0)
                return false;
        map->n_left--;
        key = cbor_get_uint_max(r, UINT32_MAX - 1);
        if (key < map->least_key)
                cbor_fail(r, CBOR_MALFORMED);
        if (r->error)
                return false;
        map->least_key = key + 1;
        *ret_key = key;
        return true;
}

uint64_t cbor_get_tag(struct cbor_reader *r)
{
        return cbor_head_of(r, CBOR_TAG);
}

/* True if the encoding @b comes after @a in the bytewise order; both are non-empty. */
static bool cbor_ascends(struct cbor_span a, struct cbor_span b)
{
        size_t n = a.n_bytes < b.n_bytes ? a.n_bytes : b.n_bytes;
        int order = memcmp(a.bytes, b.bytes, n);

        return order < 0 || (order == 0 && a.n_bytes < b.n_bytes);
}

/* An array or map that cbor_get_item() is inside of. */
struct cbor_level {
        uint32_t n_left; /* items, a map's keys and values counted alike */
        bool map;
        struct cbor_span key; /* the last one; none yet if empty */
};

/* Checks the item that ends at r->at and began at @start, if it is a key of @level. */
static void cbor_check_key(struct cbor_reader *r, struct cbor_level *level, const uint8_t *start,
                           enum cbor_type type)
{
        struct cbor_span key = {start, (size_t)(r->at - start)};

        if (!level->map || level->n_left % 2 != 0)
                return;
        if (type == CBOR_ARRAY || type == CBOR_MAP ||
            (level->key.n_bytes > 0 && !cbor_ascends(level->key, key)))
                cbor_fail(r, CBOR_MALFORMED);
        level->key = key;
}

/* The level below @level, for the items of the array or map whose head was just taken. */
static struct cbor_level *cbor_enter(struct cbor_reader *r, struct cbor_level *levels,
                                     struct cbor_level *level, enum cbor_type type,
                                     uint64_t n_items)
{
        if (level == levels + CBOR_DEPTH_MAX) {
                cbor_fail(r, CBOR_MALFORMED);
                return level;
        }
        level++;
        level->map = type == CBOR_MAP;
        level->n_left = (uint32_t)n_items << level->map;
        level->key.n_bytes = 0;
        return level;
}

/* Takes a head, and the content if it is a string's. */
static enum cbor_type cbor_take(struct cbor_reader *r, uint64_t *ret_argument)
{
        enum cbor_type type = cbor_head(r, ret_argument);

        if (type == CBOR_TAG || (type == CBOR_TEXT && !utf8_valid(r->at, (size_t)*ret_argument)))
                return cbor_refuse(r, CBOR_MALFORMED);
        if (type == CBOR_BYTES || type == CBOR_TEXT)
                r->at += (size_t)*ret_argument;
        return type;
}

struct cbor_span cbor_get_item(struct cbor_reader *r)
{
        struct cbor_level levels[1 + CBOR_DEPTH_MAX], *level = levels;
        struct cbor_span item = {r->at, 0};

        level->n_left = 1;
        level->map = false;

        while (level->n_left > 0) {
                const uint8_t *start = r->at;
                uint64_t argument = 0;
                enum cbor_type type;

                type = cbor_take(r, &argument);
                cbor_check_key(r, level, start, type);
                level->n_left--;
                if (type == CBOR_ARRAY || type == CBOR_MAP)
                        level = cbor_enter(r, levels, level, type, argument);
                if (r->error)
                        return item;
                while (level->n_left == 0 && level != levels)
                        level--;
        }
        item.n_bytes = (size_t)(r->at - item.bytes);
        return item;
}

void cbor_writer_init(struct cbor_writer *w, uint8_t *bytes, size_t size)
{
        w->bytes = bytes;
        w->size = size;
        w->n_written = 0;
}

bool cbor_writer_fits(const struct cbor_writer *w)
{
        return w->n_written <= w->size;
}

void cbor_put_raw(struct cbor_writer *w, const uint8_t *bytes, size_t n_bytes)
{
        if (n_bytes > 0 && w->n_written <= w->size && n_bytes <= w->size - w->n_written)
                memcpy(w->bytes + w->n_written, bytes, n_bytes);
        w->n_written += n_bytes;
}

static void cbor_put_head(struct cbor_writer *w, enum cbor_type type, uint64_t argument)
{
        uint8_t head[CBOR_HEAD_BYTES_MAX];
        unsigned info, n;

        if (argument < 24) {
                head[0] = (uint8_t)((unsigned)type << 5 | argument);
                cbor_put_raw(w, head, 1);
                return;
        }
        info = argument > UINT32_MAX   ? 27
               : argument > UINT16_MAX ? 26
               : argument > UINT8_MAX  ? 25
                                       : 24;
        n = 1U << (info - 24);
        head[0] = (uint8_t)((unsigned)type << 5 | info);
        for (unsigned i = n; i > 0; i--, argument >>= 8)
                head[i] = (uint8_t)argument;
        cbor_put_raw(w, head, 1 + n);
}

void cbor_put_uint(struct cbor_writer *w, uint64_t value)
{
        cbor_put_head(w, CBOR_UINT, value);
}

void cbor_put_int(struct cbor_writer *w, int64_t value)
{
        if (value >= 0)
                cbor_put_head(w, CBOR_UINT, (uint64_t)value);
        else
                cbor_put_head(w, CBOR_NEGATIVE, (uint64_t)(-1 - value));
}

void cbor_put_bool(struct cbor_writer *w, bool value)
{
        cbor_put_head(w, CBOR_SIMPLE, value ? SIMPLE_TRUE : SIMPLE_FALSE);
}

void cbor_put_bytes_head(struct cbor_writer *w, size_t n_bytes)
{
        cbor_put_head(w, CBOR_BYTES, n_bytes);
}

void cbor_put_bytes(struct cbor_writer *w, const uint8_t *bytes, size_t n_bytes)
{
        cbor_put_head(w, CBOR_BYTES, n_bytes);
        cbor_put_raw(w, bytes, n_bytes);
}

void cbor_put_text(struct cbor_writer *w, const char *text, size_t n_text)
{
        cbor_put_head(w, CBOR_TEXT, n_text);
        cbor_put_raw(w, (const uint8_t *)text, n_text);
}

void cbor_put_array(struct cbor_writer *w, size_t n_items)
{
        cbor_put_head(w, CBOR_ARRAY, n_items);
}

void cbor_put_map(struct cbor_writer *w, size_t n_pairs)
{
        cbor_put_head(w, CBOR_MAP, n_pairs);
}

void cbor_put_tag(struct cbor_writer *w, uint64_t tag)
{
        cbor_put_head(w, CBOR_TAG, tag);
}
