/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A code on an NFC tag: the message that goes there, the tags that can hold it, and writing it. */

#include <stdbool.h>
#include <stddef.h>

#include "code/code.h"
#include "tag/ndef.h"

struct sticker {
        enum ndef_form form;
        const char *base;    /* of NDEF_FORM_URI, as ndef_make() takes it; else NULL */
        bool memory;         /* the memory of a Type 2 tag from page 4 on, not the message alone */
        const char *output;  /* a file, or NULL for standard output */
        const char *program; /* enroll-tag */
        const char *reader;  /* as its --device takes it */
        unsigned seconds;    /* to wait for a tag */
};

/* Writes the message, or the memory, and says which tags can hold it. The exit status; what is
 * wrong was said. */
int sticker_make(const struct sticker *s, const struct code *code);

/* Has enroll-tag write the message to a tag and read it back. The exit status, likewise. */
int sticker_write(const struct sticker *s, const struct code *code);

/*
 * The tags that can hold a message of @n_message bytes, as a phrase: "NTAG215, NTAG216, or Type 4
 * with an NDEF file of at least 402 bytes". Returns @ret_text.
 */
const char *sticker_fits(size_t n_message, char *ret_text, size_t size);

/*
 * The smallest of NTAG213, NTAG215 and NTAG216 that can hold a code of @n_code bytes in a MIME
 * record, or NULL.
 */
const char *sticker_smallest(size_t n_code);
