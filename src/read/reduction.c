/* SPDX-License-Identifier: Apache-2.0 */

#include "read/reduction.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WHITE 255

int reduction_begin(struct reduction *r, struct picture *picture, uint32_t width, uint32_t height)
{
        uint32_t side = width > height ? width : height;
        int e;

        if (width < 1 || height < 1)
                return PICTURE_E_UNREADABLE;
        if (side > REDUCTION_SIDE_MAX || (uint64_t)width * height > REDUCTION_PIXELS_MAX)
                return PICTURE_E_TOO_LARGE;
        *r = (struct reduction){.picture = picture, .width = width, .height = height};
        r->factor = (side + PICTURE_SIDE_MAX - 1) / PICTURE_SIDE_MAX;
        e = picture_resize(picture, (width + r->factor - 1) / r->factor,
                           (height + r->factor - 1) / r->factor);
        if (e < 0)
                return e;
        memset(picture->luma, WHITE, (size_t)picture->width * picture->height);
        if (r->factor == 1)
                return 0;
        r->dark = calloc((size_t)picture->width * picture->height, sizeof(*r->dark));
        return r->dark ? 0 : -ENOMEM;
}

void reduction_grey(struct reduction *r, struct reduction_run run, const uint8_t *luma)
{
        uint32_t x = run.x;
        size_t row;

        if (run.y >= r->height)
                return;
        row = (size_t)(run.y / r->factor) * r->picture->width;
        for (uint32_t i = 0; i < run.n && x < r->width; i++, x += run.step) {
                if (r->dark)
                        r->dark[row + x / r->factor] += (uint32_t)(WHITE - luma[i]);
                else
                        r->picture->luma[row + x] = luma[i];
        }
}

/* BT.601, in 256ths; grey stays exactly what it is. */
static uint8_t luma_of(const uint8_t rgba[4])
{
        unsigned luma = (77u * rgba[0] + 150u * rgba[1] + 29u * rgba[2] + 128) / 256;

        return (uint8_t)((luma * rgba[3] + WHITE * (255u - rgba[3]) + 127) / 255);
}

void reduction_rgba(struct reduction *r, struct reduction_run run, const uint8_t *rgba)
{
        for (uint32_t i = 0; i < run.n; i++) {
                const uint8_t luma = luma_of(rgba + (size_t)4 * i);

                reduction_grey(r,
                               (struct reduction_run){
                                       .y = run.y, .x = run.x + i * run.step, .step = 1, .n = 1},
                               &luma);
        }
}

/* How many pixels of the image a square has that begins at @at; the last one may be cut off. */
static uint32_t square_side(const struct reduction *r, uint32_t at, uint32_t side)
{
        return side - at * r->factor < r->factor ? side - at * r->factor : r->factor;
}

void reduction_finish(struct reduction *r)
{
        struct picture *p = r->picture;

        for (uint32_t y = 0; r->dark && y < p->height; y++)
                for (uint32_t x = 0; x < p->width; x++) {
                        size_t at = (size_t)y * p->width + x;
                        uint32_t n = square_side(r, x, r->width) * square_side(r, y, r->height);
                        uint32_t dark = (r->dark[at] + n / 2) / n;

                        /* A file may give a pixel twice. */
                        p->luma[at] = (uint8_t)(WHITE - (dark < WHITE ? dark : WHITE));
                }
}

void reduction_done(struct reduction *r)
{
        free(r->dark);
        r->dark = NULL;
}
