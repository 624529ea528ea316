/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Picture files for the tests of decoders, and what every decoder must stand. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

struct specimen {
        uint8_t *bytes;
        size_t n_bytes;
};

typedef int specimen_parse(struct picture *p, const uint8_t *file, size_t n_file);

/* Appends bytes to a file that is being made. */
void specimen_add(struct specimen *file, const void *bytes, size_t n_bytes);

/* A pattern that every row and column of has black and white in. */
uint8_t specimen_luma(uint32_t x, uint32_t y);

/* Asserts that the picture is the pattern, each pixel to within @tolerance. */
void specimen_assert(const struct picture *p, uint32_t width, uint32_t height, unsigned tolerance);

/*
 * Asserts that the file cut anywhere, and with any one byte changed, ends in an outcome; and that a
 * file without its last quarter is truncated and has the first rows of the pattern, within
 * @tolerance, unless that is 256.
 */
void specimen_assert_hostile(const struct specimen *file, specimen_parse *parse,
                             unsigned tolerance);

void specimen_done(struct specimen *file);
