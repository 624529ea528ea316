/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A code as a QR symbol, in files or on the terminal. */

#include <stdbool.h>

#include "code/code.h"

struct picture {
        const char *png, *svg; /* files; "-" is standard output; NULL: none */
        bool terminal;         /* there, too; it is drawn there in any case if no file is named */
        bool binary;           /* the binary form of the code, not its text */
        const char *level;     /* "L", "M", "Q" or "H" */
        unsigned scale;        /* pixels, or SVG units, of a module */
};

/* The exit status; what is wrong was said. */
int picture_draw(const struct picture *p, const struct code *code);
