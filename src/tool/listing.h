/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The source of a code, made of the code again (doc/source.md, section 1). What is the device's own
 * is in its card and not in the source: the keys, the secret, the serial number, how it is reached.
 */

#include <stddef.h>
#include <stdio.h>

#include "code/payload.h"
#include "tool/errors.h"

enum {
        LISTING_E_DIFFERS = 1, /* a code that is made of this source says something else */
        LISTING_E_INVALID,     /* no code can be made of it; the errors say why */
};

/* Writes the source of a payload that was parsed. 0 or -errno. */
int listing_write(const struct payload *p, FILE *file);

/*
 * Whether a code that is made of this source says the same as @p. Its bytes may be fewer: make
 * writes words of doc/code.md section 4.5 as numbers, and leaves defaults out. 0 or an outcome;
 * @ret_errors as source_compile() leaves them.
 */
int listing_check(const struct payload *p, const char *text, size_t n_text,
                  struct errors *ret_errors);
