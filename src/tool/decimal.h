/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A number with or without a point in a source: "-5", "21.5". */

#include <stdbool.h>
#include <stdint.h>

struct decimal {
        int64_t mantissa;
        int exponent; /* of ten; 0 or less, and as near to 0 as can be */
};

/* Whether @text is one, of up to 18 digits. */
bool decimal_read(const char *text, struct decimal *ret_decimal);

/* Writes a decimal with this exponent, which is not above its own: false if it gets too large. */
bool decimal_scale(struct decimal *decimal, int exponent);
