/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Pictures of codes for the tests of src/read, drawn with libqrencode. */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

struct drawing {
        uint32_t width, height; /* of the picture; 0 for as large as needed */
        uint32_t module;        /* pixels */
        uint8_t dark, light;
        unsigned damage; /* n/256 of the modules outside the finder patterns are flipped */
};

/* Draws @data in the middle of @p, in alphanumeric mode if that can hold it. Asserts success. */
void drawing_make(struct picture *p, const struct drawing *d, const uint8_t *data, size_t n_data);

/* A picture of one shade. */
void drawing_blank(struct picture *p, uint32_t width, uint32_t height, uint8_t luma);

/* A bar code, on white: each '1' of @bars is a dark module of three pixels, each '0' a light one.
 */
void drawing_bars(struct picture *p, const char *bars);

/* Adds noise of up to +-@amplitude to each pixel; the same @seed makes the same noise. */
void drawing_noise(struct picture *p, unsigned amplitude, uint32_t seed);

/* Pseudo-random bytes that begin as an enrollment code, binary (D2 84) or text (ENR1:). */
void drawing_fill_binary(uint8_t *data, size_t n_data, uint32_t seed);
void drawing_fill_text(uint8_t *data, size_t n_data, uint32_t seed);
