/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * References: short texts that name a code, from a bar code or a keyboard (doc/code.md, section 6).
 * Each has a check digit or a check character, which finds what was mistyped.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REFERENCE_CHARS_MIN 8
#define REFERENCE_CHARS_MAX 32
#define REFERENCE_SIZE      (REFERENCE_CHARS_MAX + 1) /* of the canonical form, with its NUL */

enum reference_outcome {
        REFERENCE_DONE = 0,
        REFERENCE_OTHER,       /* it has not the form of a reference */
        REFERENCE_WRONG_CHECK, /* it has, and was mistyped or misread */
};

/*
 * Reads @input, as people type it, into the canonical form. @ret_text is written after
 * REFERENCE_DONE only.
 */
enum reference_outcome reference_read(const uint8_t *input, size_t n_input,
                                      char ret_text[REFERENCE_SIZE]);

/* Whether the text is a reference in its canonical form. */
bool reference_is_canonical(const char *text);

/*
 * Whether a reference in its canonical form may name a code with this serial number, "" if it has
 * none: an identifier names only the device whose serial number it is made of.
 */
bool reference_fits(const char *reference, const char *serial);
