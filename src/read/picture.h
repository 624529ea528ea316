/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A grey picture, and the hostile files it comes from.
 *
 * Its buffer is kept and reused, so a loop over frames allocates once. Everything here is bounded
 * by PICTURE_SIDE_MAX and PICTURE_FILE_MAX, whatever a file claims.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/defer.h"

#define PICTURE_SIDE_MAX 4096               /* pixels, width and height */
#define PICTURE_FILE_MAX (32 * 1024 * 1024) /* bytes */

/* Outcomes of reading a file. */
enum {
        PICTURE_E_UNREADABLE = 1, /* not PNG, JPEG or PGM, or damaged, or too large */
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

/*
 * Turns the bytes of a PNG, JPEG or PGM (P5, P2) file into a picture. Colour becomes luma,
 * transparency becomes white. Return: 0, -ENOMEM, or PICTURE_E_UNREADABLE.
 */
int picture_parse(struct picture *p, const uint8_t *file, size_t n_file);

/* As picture_parse(), with the bytes read from @fd up to its end. Reading blocks. */
int picture_read(struct picture *p, int fd);

/* @to becomes @from at half its size, each pixel the mean of four. Both sides must be >= 2. */
int picture_halve(struct picture *to, const struct picture *from);

/* @to becomes @from convolved with the 3x3 binomial kernel. */
int picture_smooth(struct picture *to, const struct picture *from);

/* @to becomes @from with each pixel @factor times as wide and high, inside a white margin of
 * @margin pixels of the result. */
int picture_enlarge(struct picture *to, const struct picture *from, uint32_t factor,
                    uint32_t margin);

/* Mean luma, 0 to 255. */
uint8_t picture_mean(const struct picture *p);
