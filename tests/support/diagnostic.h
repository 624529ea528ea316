/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * CBOR diagnostic notation (RFC 8949, section 8) to bytes, as much of it as test rows use:
 * integers, "text" without escapes, h'bytes', true, false, arrays, maps; white space is ignored.
 */

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/hex.h"
#include "wire/cbor.h"

struct diagnostic {
        uint8_t bytes[4096];
        size_t n_bytes;
};

static const char *diagnostic_item(struct cbor_writer *w, const char *at);

static const char *diagnostic_skip(const char *at)
{
        while (isspace((unsigned char)*at) || *at == ',' || *at == ':')
                at++;
        return at;
}

/* Items up to @close go into a buffer first, because their number must be known before. */
static const char *diagnostic_items(struct cbor_writer *w, const char *at, char close)
{
        uint8_t *inner = test_malloc(4096);
        struct cbor_writer items;
        size_t n = 0;

        cbor_writer_init(&items, inner, 4096);
        for (at = diagnostic_skip(at + 1); *at != close; at = diagnostic_skip(at), n++)
                at = diagnostic_item(&items, at);
        if (close == ']')
                cbor_put_array(w, n);
        else
                cbor_put_map(w, n / 2);
        cbor_put_raw(w, inner, items.n_written);
        test_free(inner);
        return at + 1;
}

static const char *diagnostic_item(struct cbor_writer *w, const char *at)
{
        uint8_t bytes[256];
        char digits[513];
        const char *end;
        size_t n;
        char *after;

        switch (*at) {
        case '[':
                return diagnostic_items(w, at, ']');
        case '{':
                return diagnostic_items(w, at, '}');
        case '"':
                end = strchr(at + 1, '"');
                cbor_put_text(w, at + 1, (size_t)(end - at - 1));
                return end + 1;
        case 'h':
                end = strchr(at + 2, '\'');
                n = (size_t)(end - at - 2);
                assert_true(n < sizeof(digits));
                memcpy(digits, at + 2, n);
                digits[n] = '\0';
                assert_int_equal(hex_decode(digits, bytes, n / 2), 0);
                cbor_put_bytes(w, bytes, n / 2);
                return end + 1;
        case 't':
        case 'f':
                cbor_put_bool(w, *at == 't');
                return at + (*at == 't' ? 4 : 5);
        default:
                cbor_put_int(w, strtoll(at, &after, 10));
                if (after == at)
                        fail_msg("not diagnostic notation: %s", at);
                return after;
        }
}

/* The bytes of one item; they stay in @d. */
static struct cbor_span diagnostic(struct diagnostic *d, const char *text)
{
        struct cbor_writer w;

        cbor_writer_init(&w, d->bytes, sizeof(d->bytes));
        diagnostic_item(&w, diagnostic_skip(text));
        assert_true(cbor_writer_fits(&w));
        d->n_bytes = w.n_written;
        return (struct cbor_span){d->bytes, d->n_bytes};
}
