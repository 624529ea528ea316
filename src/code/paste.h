/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A code's text as people hand it over: copied out of mail, chat and documents, wrapped, quoted,
 * decorated, in another encoding, with text around it (doc/code.md, section 1.1).
 *
 * What cannot belong to a code is dropped. What may or may not belong (was this line broken at a
 * blank of the code, or in the middle of it?) leaves several readings. Most of them contradict
 * Base45 or the envelope after a few characters and are never seen; the signature decides among
 * the rest. The work is bounded: at most PASTE_READINGS_MAX readings are handed out, so the caller
 * checks no more signatures than that, and at most PASTE_WORK_MAX characters are decoded, which
 * takes milliseconds.
 *
 * struct paste holds the code and so its secret: paste_done() wipes it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/envelope.h"
#include "code/text.h"
#include "reason/reason.h"

#define PASTE_READINGS_MAX 8
#define PASTE_WORK_MAX     (16 * TEXT_CHARS_MAX)
#define PASTE_PREFIXES_MAX 16 /* of a text that mentions ENR1: more often, the first ones */

#define PASTE_SYMBOLS_MAX                                                                          \
        (2 * TEXT_CHARS_MAX)  /* each character, and a blank or break behind it                    \
                               */
#define PASTE_PLACES_MAX 1024 /* where the readings part; later ones never do */

/* The input, and how far it has been read. */
struct paste_source {
        const uint8_t *bytes;
        size_t n_bytes, at;
        enum { PASTE_UTF8, PASTE_UTF16LE, PASTE_UTF16BE } encoding;
};

/* How far a reading has come. */
struct paste_state {
        uint16_t at; /* the next symbol */
        uint16_t n_bytes;
        uint8_t n_group;
        char group[4]; /* characters that are no whole group yet */
};

struct paste {
        struct paste_source source;
        enum text_form form;
        uint8_t symbols[PASTE_SYMBOLS_MAX]; /* what follows the prefix */
        size_t n_symbols;
        size_t first_doubt; /* the first symbol that the maker's text did not have */

        struct paste_state state;
        struct {
                struct paste_state state; /* before its symbol */
                uint8_t option;           /* the one that is being tried */
        } places[PASTE_PLACES_MAX];
        size_t n_places;

        unsigned work_left, readings_left, prefixes_left;
        enum reason why; /* what is to be said if no reading is good */
        bool is_cut;     /* as it stands, the text ends before its envelope does */
};

/* Whether there is the prefix of a text anywhere. */
bool paste_has_prefix(const uint8_t *input, size_t n_input);

/* Looks at @input, which must stay. */
void paste_begin(struct paste *p, const uint8_t *input, size_t n_input);

/*
 * Writes the next reading into @bytes, which must be the same at each call. Its envelope is whole;
 * nothing else was checked. REASON_NONE, or, when there are no more, why the text is no code:
 * REASON_CODE_NOT_ENROLLMENT (no prefix), _FORMAT_NEWER, _TRUNCATED or _MISCOPIED.
 *
 * After that, p->is_cut: a reading without a good signature is only what a cut text looks like when
 * a blank is added to it.
 */
enum reason paste_next(struct paste *p, uint8_t bytes[CODE_BYTES_MAX], size_t *ret_n_bytes,
                       struct envelope *ret_envelope);

/* Whether the last reading differs from the text as it stands. */
bool paste_is_mended(const struct paste *p);

void paste_done(struct paste *p);
