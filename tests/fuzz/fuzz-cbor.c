/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as one item of CBOR, taken whole and item by item: both ways must agree, and what is
 * accepted must come out unchanged when it is written again.
 */

#include <stdlib.h>
#include <string.h>

#include "wire/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void copy_string(struct cbor_reader *r, struct cbor_writer *w)
{
        bool text = cbor_peek(r) == CBOR_TEXT;
        struct cbor_span span = text ? cbor_get_text(r) : cbor_get_bytes(r);

        if (text)
                cbor_put_text(w, (const char *)span.bytes, span.n_bytes);
        else
                cbor_put_bytes(w, span.bytes, span.n_bytes);
}

/* The head of a map is written with what it holds; its content is items like any other. */
static void copy_map_head(struct cbor_reader *r, struct cbor_writer *w, uint32_t *ret_n_items)
{
        struct cbor_map map;

        cbor_get_map(r, &map);
        cbor_put_map(w, map.n_left);
        *ret_n_items = 2 * map.n_left;
}

static void copy_item(struct cbor_reader *r, struct cbor_writer *w)
{
        struct cbor_span item;
        uint32_t n;

        switch (cbor_peek(r)) {
        case CBOR_UINT:
                cbor_put_uint(w, cbor_get_uint(r));
                break;
        case CBOR_NEGATIVE:
                item = cbor_get_item(r);
                cbor_put_raw(w, item.bytes, item.n_bytes);
                break;
        case CBOR_BYTES:
        case CBOR_TEXT:
                copy_string(r, w);
                break;
        case CBOR_ARRAY:
                n = cbor_get_array(r);
                for (cbor_put_array(w, n); n > 0; n--)
                        copy_item(r, w);
                break;
        case CBOR_MAP:
                for (copy_map_head(r, w, &n); n > 0; n--)
                        copy_item(r, w);
                break;
        case CBOR_SIMPLE:
                cbor_put_bool(w, cbor_get_bool(r));
                break;
        case CBOR_TAG:
        case CBOR_NONE:
                abort();
        }
}

/* Maps by their own verb: must end, whatever the keys are. */
static void walk_map(const uint8_t *data, size_t size)
{
        struct cbor_reader r;
        struct cbor_map map;
        uint32_t key, last = 0;

        cbor_reader_init(&r, data, size);
        for (cbor_get_map(&r, &map); cbor_map_next(&r, &map, &key); last = key) {
                if (last > 0 && key <= last)
                        abort();
                (void)cbor_get_item(&r);
        }
        (void)cbor_get_text(&r);
        (void)cbor_get_tag(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t out[4096];
        struct cbor_reader r;
        struct cbor_writer w;

        walk_map(data, size);
        if (size > sizeof(out))
                return 0;
        cbor_reader_init(&r, data, size);
        (void)cbor_get_item(&r);
        if (cbor_finish(&r))
                return 0;

        cbor_reader_init(&r, data, size);
        cbor_writer_init(&w, out, sizeof(out));
        copy_item(&r, &w);
        if (cbor_finish(&r) || w.n_written != size || memcmp(out, data, size) != 0)
                abort();
        return 0;
}
