/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* QR symbols (ISO/IEC 18004) of a code. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define QR_SCALE_MAX   64
#define QR_MODULES_MAX 177 /* a side of version 40 */

struct qr {
        unsigned version; /* 1 to 40 */
        unsigned n_side;  /* modules of a side, without the quiet zone */
        uint8_t dark[QR_MODULES_MAX * QR_MODULES_MAX]; /* 1 if so; row by row */
};

/*
 * Makes the smallest symbol: of the text form in alphanumeric mode, or of bytes in one byte
 * segment. @level is one of L, M, Q, H. 0; -E2BIG if no symbol holds it; -EINVAL; -ENOMEM.
 */
int qr_make(struct qr *qr, const void *data, size_t n_data, bool binary, char level);

/* Writes it with its quiet zone of four modules. @scale: pixels, or SVG units, of a module. */
int qr_write_png(const struct qr *qr, FILE *file, unsigned scale);
int qr_write_svg(const struct qr *qr, FILE *file, unsigned scale);

/*
 * Black on white whatever the terminal's colours are. With @blocks in half blocks of UTF-8, two
 * modules in a character; else in spaces, two for each module, which every character set has.
 */
int qr_write_terminal(const struct qr *qr, bool blocks, FILE *file);
unsigned qr_terminal_columns(const struct qr *qr, bool blocks);
