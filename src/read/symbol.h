/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a printed symbol carries: its kind and its bytes.
 *
 * The bytes are exactly those that were printed, text and binary alike; nothing is converted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most bytes any symbol holds: QR version 40, level L, byte mode (ISO/IEC 18004, table 7). */
#define SYMBOL_BYTES_MAX 2953

/* The values are part of doc/read.md, "Replies". */
enum symbology {
        SYMBOLOGY_QR = 1,
        SYMBOLOGY_CODE128 = 2,
        SYMBOLOGY_EAN = 3, /* EAN-13, EAN-8 and UPC-A */
        SYMBOLOGY_MAX,
};

struct symbol {
        enum symbology symbology;
        uint8_t bytes[SYMBOL_BYTES_MAX];
        size_t n_bytes; /* 1 to SYMBOL_BYTES_MAX */
};

/*
 * Whether the symbol is worth handing to the hub. A QR symbol is if it begins as either form of a
 * code does (doc/code.md, section 1), the text form of a later version included: only the hub can
 * say that it is too old for it. A one-dimensional symbol is if it is a reference with the right
 * last character (doc/code.md, section 6): parcels and boxes have others.
 */
bool symbol_is_enrollment(const struct symbol *symbol);

/* Whether every byte is a printable ASCII character, so that a person can read it. */
bool symbol_is_text(const struct symbol *symbol);

/* "qr", "code128" or "ean"; NULL for anything else. */
const char *symbology_name(enum symbology symbology);

/*
 * Reads a list such as "qr,code128" into a set of bits, bit 1 << enum symbology for each.
 * Return: 0, or -EINVAL for an empty list or a name not known.
 */
int symbology_parse_list(const char *list, unsigned *ret_set);
