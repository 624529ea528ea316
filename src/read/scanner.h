/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From a grey picture to the symbol in it, with libzbar under tight control.
 *
 * Only the requested symbologies are enabled, and QR symbols come in binary: by default libzbar
 * guesses a character set and destroys what is not text. It keeps some hundred bytes per symbol
 * decoded, so its scanner is replaced before that matters.
 */

#include "read/offer.h"
#include "read/picture.h"
#include "read/symbol.h"

/* Outcomes of scanning. */
enum {
        SCANNER_E_NOTHING = 1, /* no symbol */
        SCANNER_E_FOREIGN = 2, /* symbols, but none of them an enrollment code */
};

struct scanner;

/* @symbologies is a set as symbology_parse_list() makes it. Return: 0 or -ENOMEM. */
int scanner_new(struct scanner **ret_scanner, unsigned symbologies);
struct scanner *scanner_free(struct scanner *s);

DEFINE_DEFER(struct scanner *, scanner_free);

/*
 * scanner_scan() - look for a symbol in one picture, once, as it is
 * @s: scanner
 * @p: picture, not changed
 * @ret_symbol: receives the first enrollment code, or, with SCANNER_E_FOREIGN, one of the others,
 * which has no bytes if it does not fit
 *
 * Return: 0, -ENOMEM, SCANNER_E_NOTHING or SCANNER_E_FOREIGN.
 */
int scanner_scan(struct scanner *s, const struct picture *p, struct symbol *ret_symbol);

/* All enrollment codes that the last scan has found, the first of which it handed out. */
const struct offer *scanner_found(const struct scanner *s);

/*
 * scanner_ask() - ask the second opinion, libzxing, about one picture
 * @thorough: see zxing_scan()
 *
 * Return: as scanner_scan(); SCANNER_E_NOTHING where this was built without it.
 */
int scanner_ask(struct scanner *s, const struct picture *p, bool thorough,
                struct symbol *ret_symbol);
