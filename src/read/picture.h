/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A grey picture: what the decoders of files and frames write, and the scanner reads.
 *
 * Its buffer is kept and reused, so a loop over frames allocates once. It is bounded by
 * PICTURE_SIDE_MAX, whatever a file claims.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/defer.h"

#define PICTURE_SIDE_MAX 4096 /* pixels, width and height */

/* Outcomes of decoding. */
enum picture_outcome {
        PICTURE_E_UNREADABLE = 1, /* of no known form, or damaged */
        PICTURE_E_TRUNCATED = 2, /* the file ends early; what of the picture came is there, the rest
                                    is white, and its sides are 0 if nothing came */
        PICTURE_E_TOO_LARGE = 3, /* more pixels, or more memory, than is allowed */
};

struct picture {
        uint32_t width, height; /* pixels */
        uint8_t *luma;          /* width * height bytes, row by row, 0 is black; NULL when empty */
        size_t n_allocated;     /* bytes behind luma */
};

/* Sets the size and makes room; the content is undefined. -EINVAL outside 1..PICTURE_SIDE_MAX. */
int picture_resize(struct picture *p, uint32_t width, uint32_t height);

/* Releases the buffer; the picture is empty and may be used again. */
void picture_done(struct picture *p);

static inline void picture_done_deferred(struct picture *p)
{
        picture_done(p);
}

/* @to becomes @from at half its size, each pixel the mean of four. Both sides must be >= 2. */
int picture_halve(struct picture *to, const struct picture *from);

/* @to becomes @from convolved with the 3x3 binomial kernel. */
int picture_smooth(struct picture *to, const struct picture *from);

/* @to becomes @from with each pixel @factor times as wide and high, inside a white margin of
 * @margin pixels of the result. */
int picture_enlarge(struct picture *to, const struct picture *from, uint32_t factor,
                    uint32_t margin);

/* @to becomes @from with black for white. */
int picture_invert(struct picture *to, const struct picture *from);

/*
 * @to becomes @from without its shades and shadows: 128 is the mean of the square that reaches
 * @reach pixels to each side, and differences count double.
 */
int picture_level(struct picture *to, const struct picture *from, uint32_t reach);

/* A parallelogram in a picture: the places of three corners, in 1/16 of a pixel. */
struct picture_cut {
        int32_t x, y;             /* of the corner that comes to the upper left */
        int32_t right_x, right_y; /* from there to the upper right */
        int32_t down_x, down_y;   /* from there to the lower left */
};

/*
 * @to becomes the parallelogram as a square of @side pixels, interpolated. What lies outside of
 * @from repeats its nearest pixel. -EINVAL as picture_resize().
 */
int picture_straighten(struct picture *to, const struct picture *from,
                       const struct picture_cut *cut, uint32_t side);

/* Mean luma, 0 to 255. */
uint8_t picture_mean(const struct picture *p);
