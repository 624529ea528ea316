/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The second opinion: libzxing, which reads tilted codes that libzbar does not, and the reverse.
 *
 * The library is C++ and differs between releases; zxing.cc hides both, and no exception leaves it.
 * Where configure does not find the library, zxing-absent.c stands in, which sees nothing.
 */

#include <stdbool.h>

#include "read/offer.h"
#include "read/picture.h"
#include "read/symbol.h"

/* Outcomes of looking. */
enum {
        ZXING_E_NOTHING = 1, /* no symbol */
        ZXING_E_FOREIGN = 2, /* symbols, but none of them an enrollment code */
};

/*
 * zxing_scan() - look for a symbol in one picture
 * @p: picture, not changed
 * @symbologies: a set as symbology_parse_list() makes it
 * @thorough: also look for symbols that are small, upright bars or noisy, at three times the cost
 * @found: all enrollment codes are added to it
 * @ret_symbol: receives the first of them, or a foreign code; undefined otherwise
 *
 * Only QR Code Model 2 counts as QR, no Micro QR. A symbol that is one part of a sequence
 * (Structured Append) counts as foreign. Nothing is kept from one picture to the next.
 *
 * Return: 0, -ENOMEM, ZXING_E_NOTHING or ZXING_E_FOREIGN.
 */
int zxing_scan(const struct picture *p, unsigned symbologies, bool thorough, struct offer *found,
               struct symbol *ret_symbol);
