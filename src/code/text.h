/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The forms of a code (doc/code.md, section 1): binary, and two of text. ENR1: is followed by
 * Base45 (RFC 9285), whose alphabet is that of a QR symbol's alphanumeric mode. It has the blank
 * and characters that shells interpret, so what people copy is enr1. followed by Base64url without
 * padding (RFC 4648, section 5).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODE_BYTES_MAX 2953 /* of the binary form: what the largest QR symbol holds */

#define TEXT_PREFIX_CHARS 5

/* Three characters for two bytes, two for a single one. */
#define BASE45_CHARS(n_bytes) ((n_bytes) / 2 * 3 + (n_bytes) % 2 * 2)
/* Four characters for three bytes, two for a single one, three for two. */
#define BASE64URL_CHARS(n_bytes) (((n_bytes)*4 + 2) / 3)

#define TEXT_QR_CHARS(n_bytes)    (TEXT_PREFIX_CHARS + BASE45_CHARS(n_bytes))
#define TEXT_PASTE_CHARS(n_bytes) (TEXT_PREFIX_CHARS + BASE64URL_CHARS(n_bytes))
#define TEXT_CHARS_MAX            TEXT_QR_CHARS(CODE_BYTES_MAX) /* the longer one */

enum text_form {
        TEXT_FORM_OTHER,  /* none of these */
        TEXT_FORM_BINARY, /* begins like an envelope, or is the beginning of such a beginning */
        TEXT_FORM_QR,     /* begins with ENR1: in either case, after white space */
        TEXT_FORM_PASTE,  /* begins with enr1. in either case, after white space */
        TEXT_FORM_NEWER,  /* begins with ENR and another number */
};

/* By the beginning alone. What people paste may begin with anything: see code/paste.h. */
enum text_form text_form_of(const uint8_t *bytes, size_t n_bytes);

enum text_outcome {
        TEXT_DONE = 0,
        TEXT_CUT,      /* all but the last characters are good; they may be a rest of a group */
        TEXT_WRONG,    /* characters or groups that the encoding does not have */
        TEXT_TOO_LONG, /* more than fits */
};

/*
 * Decodes into at most @size bytes. After TEXT_CUT, @ret_n_bytes is what the groups before the bad
 * end hold; in every other case but TEXT_DONE nothing is returned.
 */
enum text_outcome base45_decode(const char *text, size_t n_text, uint8_t *ret_bytes, size_t size,
                                size_t *ret_n_bytes);
enum text_outcome base64url_decode(const char *text, size_t n_text, uint8_t *ret_bytes, size_t size,
                                   size_t *ret_n_bytes);

/* Write BASE45_CHARS(@n_bytes) or BASE64URL_CHARS(@n_bytes) characters and a NUL. */
void base45_encode(const uint8_t *bytes, size_t n_bytes, char *ret_text);
void base64url_encode(const uint8_t *bytes, size_t n_bytes, char *ret_text);

/*
 * Writes TEXT_QR_CHARS(@n_bytes) or TEXT_PASTE_CHARS(@n_bytes) characters, as @form says, and a
 * NUL.
 */
void text_encode(enum text_form form, const uint8_t *bytes, size_t n_bytes, char *ret_text);
