/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/making.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "code/code.h"
#include "tool/argument.h"
#include "tool/card.h"
#include "tool/complaint.h"
#include "tool/key.h"
#include "tool/source.h"
#include "util/file.h"
#include "util/log.h"

static void write_errors(const char *path, const struct errors *errors)
{
        for (size_t i = 0; i < errors->n_list; i++) {
                const struct error *e = &errors->list[i];

                if (e->is_warning)
                        log_warning("%s:%zu:%zu: warning: %s", path, e->line, e->column, e->text);
                else
                        log_error("%s:%zu:%zu: %s", path, e->line, e->column, e->text);
        }
        if (errors->n_left_out > 0)
                log_error("%s: and %zu more", path, errors->n_left_out);
}

static int load_source(const char *path, const struct functions *functions, struct source *source)
{
        char *text = NULL;
        size_t n = 0;
        int r = argument_read(path, &text, &n);

        if (r < 0)
                return complaint_input(r, path);
        r = source_compile(source, text, n, functions);
        file_free(text, n);
        write_errors(path, &source->errors);
        return r < 0 ? EXIT_FAILURE : 0;
}

static int load_card(const char *path, struct card *card)
{
        char *text = NULL, error[160];
        size_t n = 0;
        int r = argument_read(path, &text, &n);

        if (r < 0)
                return complaint_input(r, path);
        r = card_parse(card, text, n, error);
        file_free(text, n);
        if (r < 0) {
                log_error("%s: %s", path, error);
                return EXIT_FAILURE;
        }
        return 0;
}

/* Puts the device into the payload; the card must be one of this product. */
static int merge_card(const struct making *m, const struct card *card, const struct source *source,
                      struct payload *p)
{
        *p = source->payload;
        if (card->maker[0] &&
            (strcmp(card->maker, p->maker) != 0 || strcmp(card->model, p->model) != 0)) {
                log_error("%s: the card is for %s %s, the source for %s %s", m->card, card->maker,
                          card->model, p->maker, p->model);
                return EXIT_FAILURE;
        }
        memcpy(p->public_key, card->public_key, sizeof(p->public_key));
        memcpy(p->secret, card->secret, sizeof(p->secret));
        p->reach = card->reach;
        if (source->wants_serial)
                memcpy(p->serial, card->serial, sizeof(p->serial));
        return 0;
}

/* Signs the payload, or only wraps it. */
static int wrap(const struct making *m, const uint8_t *payload, size_t n_payload,
                uint8_t *ret_bytes, size_t *ret_n_bytes)
{
        const uint8_t nobody[ENVELOPE_KID_BYTES] = {0};
        struct key key;
        int r;

        if (!m->issuer) {
                *ret_n_bytes = envelope_wrap(payload, n_payload, nobody, ret_bytes);
                return 0;
        }
        r = key_read(&key, m->issuer);
        if (r < 0)
                return complaint_file(r, m->issuer);
        if (r > 0) {
                log_error("%s:%d: not an issuer's key file, which enroll-code issuer makes",
                          m->issuer, r);
                return EXIT_FAILURE;
        }
        *ret_n_bytes = envelope_sign(payload, n_payload, key.seed, ret_bytes);
        key_done(&key);
        return 0;
}

static int write_code(const struct making *m, const uint8_t *bytes, size_t n_bytes)
{
        char text[TEXT_CHARS_MAX + 2];
        const void *data = bytes;
        size_t n = n_bytes;
        int r;

        if (!m->binary) {
                text_encode(m->form, bytes, n_bytes, text);
                n = strlen(text);
                text[n++] = '\n';
                data = text;
        }
        r = argument_write(m->output, data, n);
        sodium_memzero(text, sizeof(text));
        return r < 0 ? complaint_file(r, m->output ? m->output : "stdout") : EXIT_SUCCESS;
}

/* Encodes, reads it back as a hub would, signs and writes. */
static int write_payload(const struct making *m, const struct payload *p)
{
        uint8_t encoded[CODE_BYTES_MAX], bytes[ENVELOPE_BYTES(CODE_BYTES_MAX)];
        struct payload_fault fault;
        struct payload parsed;
        struct cbor_writer w;
        char text[160];
        size_t n_bytes = 0;
        int r;

        cbor_writer_init(&w, encoded, sizeof(encoded));
        payload_encode(p, &w);
        if (!cbor_writer_fits(&w) || ENVELOPE_BYTES(w.n_written) > CODE_BYTES_MAX) {
                log_error("the code would have %zu bytes, and a symbol holds at most %d; shorten "
                          "the halves or the configuration",
                          ENVELOPE_BYTES(w.n_written), CODE_BYTES_MAX);
                return EXIT_FAILURE;
        }
        if (payload_parse((struct cbor_span){encoded, w.n_written}, &parsed, &fault)) {
                payload_fault_text(&fault, text, sizeof(text));
                log_error("%s", text);
                return EXIT_FAILURE;
        }
        payload_done(&parsed);
        r = wrap(m, encoded, w.n_written, bytes, &n_bytes);
        if (r == 0)
                r = write_code(m, bytes, n_bytes);
        sodium_memzero(encoded, sizeof(encoded));
        sodium_memzero(bytes, sizeof(bytes));
        return r;
}

int making_run(const struct making *m)
{
        static struct source source;
        struct payload payload = {.reach = 0};
        struct card card = {.maker = ""};
        int r;

        r = load_card(m->card, &card);
        if (r != 0)
                return r;
        r = load_source(m->source, &card.functions, &source);
        if (r == 0)
                r = merge_card(m, &card, &source, &payload);
        card_done(&card);
        if (r == 0 && m->counts)
                payload.counter = m->counter;
        if (r == 0)
                r = write_payload(m, &payload);
        payload_done(&payload);
        return r;
}
