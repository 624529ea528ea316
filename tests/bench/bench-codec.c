/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Decodes and encodes the payload of one code, ROUNDS times, with ours or with libcbor: for
 * counting instructions from outside (tests/bench/codec), and allocations from inside. Prints how
 * many allocations the rounds made.
 *
 *         bench-codec ours|verified|libcbor ROUNDS CODE
 *
 * ours: reads every item and writes the payload again, as libcbor is made to do. verified: parses
 * the payload as a hub does, with everything doc/code.md asks of it, and writes it again.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code/payload.h"
#include "code/envelope.h"
#include "support/libcbor.h"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static size_t n_allocations;

void *malloc(size_t size)
{
        n_allocations++;
        return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
        n_allocations++;
        return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
        n_allocations++;
        return __libc_realloc(p, size);
}

/* What a round works on. */
struct work {
        struct cbor_span payload;
        void *prepared;
        uint8_t out[CBOR_HEAD_BYTES_MAX + 4096];
};

/* Copies one item, whatever it is, by reading it and writing it again. */
static void copy_item(struct cbor_reader *r, struct cbor_writer *w)
{
        struct cbor_span span;
        struct cbor_map map;
        uint32_t n, key;

        switch (cbor_peek(r)) {
        case CBOR_UINT:
        case CBOR_NEGATIVE:
                cbor_put_int(w, cbor_get_int(r));
                break;
        case CBOR_BYTES:
                span = cbor_get_bytes(r);
                cbor_put_bytes(w, span.bytes, span.n_bytes);
                break;
        case CBOR_TEXT:
                span = cbor_get_text(r);
                cbor_put_text(w, (const char *)span.bytes, span.n_bytes);
                break;
        case CBOR_ARRAY:
                n = cbor_get_array(r);
                for (cbor_put_array(w, n); n > 0 && !cbor_error(r); n--)
                        copy_item(r, w);
                break;
        case CBOR_MAP:
                cbor_get_map(r, &map);
                for (cbor_put_map(w, map.n_left); cbor_map_next(r, &map, &key); copy_item(r, w))
                        cbor_put_uint(w, key);
                break;
        case CBOR_SIMPLE:
                cbor_put_bool(w, cbor_get_bool(r));
                break;
        case CBOR_TAG:
        case CBOR_NONE:
                cbor_fail(r, CBOR_MALFORMED);
        }
}

static bool round_ours(struct work *work)
{
        struct cbor_reader r;
        struct cbor_writer w;

        cbor_reader_init(&r, work->payload.bytes, work->payload.n_bytes);
        cbor_writer_init(&w, work->out, sizeof(work->out));
        copy_item(&r, &w);
        return cbor_finish(&r) == CBOR_OK && w.n_written == work->payload.n_bytes;
}

static bool round_verified(struct work *work)
{
        struct payload_fault fault;
        struct payload payload;
        struct cbor_writer w;

        if (payload_parse(work->payload, &payload, &fault))
                return false;
        cbor_writer_init(&w, work->out, sizeof(work->out));
        payload_encode(&payload, &w);
        return w.n_written == work->payload.n_bytes;
}

static bool round_libcbor(struct work *work)
{
        return libcbor_decode(work->payload.bytes, work->payload.n_bytes) > 0 &&
               libcbor_encode(work->prepared, work->out, sizeof(work->out)) ==
                       work->payload.n_bytes;
}

static const struct {
        const char *name;
        bool (*run)(struct work *work);
} kinds[] = {{"ours", round_ours}, {"verified", round_verified}, {"libcbor", round_libcbor}};

static int measure(bool (*run)(struct work *work), struct work *work, unsigned long n_rounds)
{
        size_t before;

        if (!run(work) || memcmp(work->out, work->payload.bytes, work->payload.n_bytes) != 0)
                return EXIT_FAILURE;
        before = n_allocations;
        for (unsigned long i = 0; i < n_rounds; i++)
                (void)run(work);
        printf("%zu\n", n_allocations - before);
        return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
        static uint8_t bytes[4096];
        static struct work work;
        struct envelope envelope;
        FILE *file;
        size_t n;

        if (argc != 4)
                return EXIT_FAILURE;
        file = fopen(argv[3], "re");
        if (!file)
                return EXIT_FAILURE;
        n = fread(bytes, 1, sizeof(bytes), file);
        (void)fclose(file);
        if (envelope_parse(bytes, n, &envelope) != REASON_NONE)
                return EXIT_FAILURE;
        work.payload = envelope.payload;
        work.prepared = libcbor_prepare(work.payload.bytes, work.payload.n_bytes);
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
                if (strcmp(argv[1], kinds[i].name) == 0)
                        return measure(kinds[i].run, &work, strtoul(argv[2], NULL, 10));
        return EXIT_FAILURE;
}
