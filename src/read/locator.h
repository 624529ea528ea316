/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where there is a QR code in a picture, readable or not.
 *
 * The libraries say nothing about a symbol they cannot decode. This looks for the three finder
 * patterns (ISO/IEC 18004, section 6.3.3): the runs dark, light, dark, light, dark of 1:1:3:1:1
 * modules that every line through the middle of one crosses, at any angle. A row, a column and a
 * diagonal must agree, and three patterns of one size must stand at a right angle, as far as a tilt
 * lets it be one, with modules between them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "read/picture.h"

struct locator_mark {
        uint32_t x, y; /* its middle, pixels */
        uint32_t size; /* pixels across, along a row */
};

/* The finder patterns: first the one at the right angle, then clockwise as a person sees them. */
struct location {
        struct locator_mark marks[3];
};

/*
 * locator_find() - look for the finder patterns of a code that is dark on light
 * @p: picture; best halved or smoothed, because noise breaks runs
 * @ret_location: receives the most likely three
 *
 * Costs a fraction of an attempt to decode; allocates nothing. Return: whether there are three.
 */
bool locator_find(const struct picture *p, struct location *ret_location);

/* Modules a side that the code at @l seems to have, within a tenth; 0 if none can be that. */
unsigned location_modules(const struct location *l);

/* Pixels that a module of the code at @l has where it is narrowest, times 16. */
unsigned location_module_px16(const struct location *l);
