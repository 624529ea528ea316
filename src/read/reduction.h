/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Pixels of an image of any size to a grey picture that fits PICTURE_SIDE_MAX: squares of the image
 * are averaged while it is decoded, so it is never held as a whole.
 *
 * Rows may come in any order and in pieces, as interlaced files have them. What has not come is
 * white when the picture is finished.
 */

#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

#define REDUCTION_SIDE_MAX   65535                /* pixels */
#define REDUCTION_PIXELS_MAX (300 * 1000 * 1000u) /* 16384 x 16384, and what fits beside it */

struct reduction {
        struct picture *picture; /* not owned */
        uint32_t width, height;  /* pixels of the image */
        uint32_t factor;         /* a pixel of the picture is a square of so many of the image */
        uint32_t *dark;          /* the sum of 255 - luma of each square; NULL if factor is 1 */
};

/* Pixels of one row of the image: the first one's column, and the step to the next. */
struct reduction_run {
        uint32_t y, x, step, n;
};

/*
 * reduction_begin() - choose the factor and make room
 * @picture: receives the size; its content is complete after reduction_finish()
 * @width, @height: of the image, pixels
 *
 * Return: 0, -ENOMEM, PICTURE_E_UNREADABLE for a side of 0, or PICTURE_E_TOO_LARGE.
 */
int reduction_begin(struct reduction *r, struct picture *picture, uint32_t width, uint32_t height);

/* Adds pixels, a byte each; those outside the image are left out. */
void reduction_grey(struct reduction *r, struct reduction_run run, const uint8_t *luma);

/* Adds pixels of four bytes: red, green, blue, alpha (255 is opaque). The ground is white. */
void reduction_rgba(struct reduction *r, struct reduction_run run, const uint8_t *rgba);

/* Writes what was added into the picture. */
void reduction_finish(struct reduction *r);

void reduction_done(struct reduction *r);

static inline void reduction_done_deferred(struct reduction *r)
{
        reduction_done(r);
}
