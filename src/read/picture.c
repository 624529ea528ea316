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

int picture_invert(struct picture *to, const struct picture *from)
{
        size_t n = (size_t)from->width * from->height;
        int r;

        r = picture_resize(to, from->width, from->height);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                to->luma[i] = (uint8_t)(255 - from->luma[i]);
        return 0;
}

/* Adds a row to the sums of the columns, or takes it away. */
static void columns_add(uint32_t *columns, const struct picture *p, int64_t y, int sign)
{
        const uint8_t *row;

        if (y < 0 || y >= p->height)
                return;
        row = p->luma + (size_t)y * p->width;
        for (uint32_t x = 0; x < p->width; x++)
                columns[x] += (uint32_t)(sign * row[x]);
}

/* One output row; the columns hold the sums of @n_rows rows. */
static void level_row(uint8_t *out, const uint8_t *in, const uint32_t *columns, uint32_t width,
                      uint32_t reach, uint32_t n_rows)
{
        uint32_t sum = 0, n = 0;

        for (uint32_t x = 0; x < reach && x < width; x++, n += n_rows)
                sum += columns[x];
        for (uint32_t x = 0; x < width; x++) {
                int level;

                if (x + reach < width) {
                        sum += columns[x + reach];
                        n += n_rows;
                }
                level = 128 + 2 * (in[x] - (int)(sum / n));
                out[x] = (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
                if (x >= reach) {
                        sum -= columns[x - reach];
                        n -= n_rows;
                }
        }
}

int picture_level(struct picture *to, const struct picture *from, uint32_t reach)
{
        uint32_t columns[PICTURE_SIDE_MAX] = {0};
        int r;

        r = picture_resize(to, from->width, from->height);
        if (r < 0)
                return r;
        for (uint32_t y = 0; y < reach; y++)
                columns_add(columns, from, y, 1);
        for (uint32_t y = 0; y < from->height; y++) {
                uint32_t first = y > reach ? y - reach : 0;
                uint32_t end = y + reach + 1 < from->height ? y + reach + 1 : from->height;

                columns_add(columns, from, (int64_t)y + reach, 1);
                columns_add(columns, from, (int64_t)y - reach - 1, -1);
                level_row(to->luma + (size_t)y * to->width, from->luma + (size_t)y * from->width,
                          columns, from->width, reach, end - first);
        }
        return 0;
}

#define CUT_UNIT 16 /* of a pixel */

static int64_t within(int64_t value, int64_t most)
{
        return value < 0 ? 0 : value > most ? most : value;
}

/* The picture at a place in units, from the four pixels around it. */
static uint8_t picture_between(const struct picture *p, int64_t x, int64_t y)
{
        int64_t most_x = (int64_t)(p->width - 1) * CUT_UNIT;
        int64_t most_y = (int64_t)(p->height - 1) * CUT_UNIT;
        uint32_t px = (uint32_t)within(x, most_x), py = (uint32_t)within(y, most_y);
        uint32_t column = px / CUT_UNIT, row = py / CUT_UNIT;
        uint32_t dx = px % CUT_UNIT, dy = py % CUT_UNIT;
        const uint8_t *at = p->luma + (size_t)row * p->width + column;
        size_t right = column + 1 < p->width ? 1 : 0, down = row + 1 < p->height ? p->width : 0;
        uint32_t upper = at[0] * (CUT_UNIT - dx) + at[right] * dx;
        uint32_t lower = at[down] * (CUT_UNIT - dx) + at[down + right] * dx;

        return (uint8_t)((upper * (CUT_UNIT - dy) + lower * dy + CUT_UNIT * CUT_UNIT / 2) /
                         (CUT_UNIT * CUT_UNIT));
}

int picture_straighten(struct picture *to, const struct picture *from,
                       const struct picture_cut *cut, uint32_t side)
{
        int r;

        r = picture_resize(to, side, side);
        if (r < 0)
                return r;
        for (int64_t y = 0; y < side; y++)
                for (int64_t x = 0; x < side; x++)
                        to->luma[(size_t)y * side + (size_t)x] = picture_between(
                                from, cut->x + (cut->right_x * x + cut->down_x * y) / (int64_t)side,
                                cut->y + (cut->right_y * x + cut->down_y * y) / (int64_t)side);
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
