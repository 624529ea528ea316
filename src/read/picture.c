/* SPDX-License-Identifier: Apache-2.0 */

#include "read/picture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int picture_resize(struct picture *p, uint32_t width, uint32_t height)
{
        size_t n = (size_t)width * height;
        uint8_t *luma;

        if (width < 1 || height < 1 || width > PICTURE_SIDE_MAX || height > PICTURE_SIDE_MAX)
                return -EINVAL;
        if (n > p->n_allocated) {
                luma = realloc(p->luma, n);
                if (!luma)
                        return -ENOMEM;
                p->luma = luma;
                p->n_allocated = n;
        }
        p->width = width;
        p->height = height;
        return 0;
}

void picture_done(struct picture *p)
{
        free(p->luma);
        *p = (struct picture){.luma = NULL};
}

int picture_halve(struct picture *to, const struct picture *from)
{
        int r;

        r = picture_resize(to, from->width / 2, from->height / 2);
        if (r < 0)
                return r;
        for (uint32_t y = 0; y < to->height; y++) {
                const uint8_t *a = from->luma + (size_t)2 * y * from->width;
                const uint8_t *b = a + from->width;
                uint8_t *out = to->luma + (size_t)y * to->width;

                for (uint32_t x = 0; x < to->width; x++)
                        out[x] = (uint8_t)((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) /
                                           4);
        }
        return 0;
}

/* One output row from three input rows; the border repeats the outermost pixel. */
static void smooth_row(uint8_t *out, const uint8_t *up, const uint8_t *mid, const uint8_t *down,
                       uint32_t width)
{
        unsigned left, here, right;

        here = up[0] + 2u * mid[0] + down[0];
        left = here;
        for (uint32_t x = 0; x < width; x++) {
                uint32_t next = x + 1 < width ? x + 1 : x;

                right = up[next] + 2u * mid[next] + down[next];
                out[x] = (uint8_t)((left + 2 * here + right + 8) / 16);
                left = here;
                here = right;
        }
}

int picture_smooth(struct picture *to, const struct picture *from)
{
        int r;

        r = picture_resize(to, from->width, from->height);
        if (r < 0)
                return r;
        for (uint32_t y = 0; y < from->height; y++) {
                const uint8_t *mid = from->luma + (size_t)y * from->width;
                const uint8_t *up = y > 0 ? mid - from->width : mid;
                const uint8_t *down = y + 1 < from->height ? mid + from->width : mid;

                smooth_row(to->luma + (size_t)y * to->width, up, mid, down, from->width);
        }
        return 0;
}

int picture_enlarge(struct picture *to, const struct picture *from, uint32_t factor,
                    uint32_t margin)
{
        int r;

        r = picture_resize(to, from->width * factor + 2 * margin,
                           from->height * factor + 2 * margin);
        if (r < 0)
                return r;
        memset(to->luma, 255, (size_t)to->width * to->height);
        for (uint32_t y = 0; y < from->height * factor; y++) {
                const uint8_t *in = from->luma + (size_t)(y / factor) * from->width;
                uint8_t *out = to->luma + (size_t)(y + margin) * to->width + margin;

                for (uint32_t x = 0; x < from->width * factor; x++)
                        out[x] = in[x / factor];
        }
        return 0;
}

uint8_t picture_mean(const struct picture *p)
{
        size_t n = (size_t)p->width * p->height;
        uint64_t sum = 0;

        for (size_t i = 0; i < n; i++)
                sum += p->luma[i];
        return n > 0 ? (uint8_t)(sum / n) : 0;
}
