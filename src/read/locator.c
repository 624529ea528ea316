/* SPDX-License-Identifier: Apache-2.0 */

#include "read/locator.h"

#include <stdint.h>
#include <stdlib.h>

#define RUNS         5  /* runs in a finder pattern */
#define MODULES      7  /* modules across a finder pattern */
#define WIDTH_MIN    9  /* pixels across a pattern; below this, runs are indistinguishable */
#define CLUSTERS_MAX 64 /* candidates remembered */
#define HITS_MIN     3  /* lines that must cross a candidate */
#define CONTRAST_MIN 24 /* levels between dark and light for a line to be looked at */

/* Pixels along a row or a column. */
struct line {
        const uint8_t *pixels;
        size_t step;
        uint32_t n_pixels;
};

struct cluster {
        uint32_t x, y, size; /* pixels */
        unsigned hits;
};

struct locator {
        struct cluster clusters[CLUSTERS_MAX];
        size_t n_clusters;
};

static uint8_t line_at(const struct line *l, uint32_t i)
{
        return l->pixels[i * l->step];
}

static struct line row_of(const struct picture *p, uint32_t y)
{
        return (struct line){p->luma + (size_t)y * p->width, 1, p->width};
}

static struct line column_of(const struct picture *p, uint32_t x)
{
        return (struct line){p->luma + x, p->width, p->height};
}

/* The middle between the darkest and the lightest pixel of [from, to); 0 if they are alike. */
static unsigned line_threshold(const struct line *l, uint32_t from, uint32_t to)
{
        uint8_t low = 255, high = 0;

        for (uint32_t i = from; i < to; i++) {
                uint8_t v = line_at(l, i);

                low = v < low ? v : low;
                high = v > high ? v : high;
        }
        return high - low < CONTRAST_MIN ? 0 : (low + high + 1u) / 2;
}

/* Whether the runs are 1:1:3:1:1 of a module's width, each within half a module. */
static bool runs_match(const uint32_t runs[RUNS])
{
        static const uint32_t modules[RUNS] = {1, 1, 3, 1, 1};
        uint32_t total = 0;

        for (size_t i = 0; i < RUNS; i++)
                total += runs[i];
        if (total < WIDTH_MIN)
                return false;
        for (size_t i = 0; i < RUNS; i++) {
                uint32_t is = runs[i] * MODULES * 2, ideal = modules[i] * total * 2;
                uint32_t slack = modules[i] == 3 ? total * 2 : total + MODULES;

                if (is + slack < ideal || is > ideal + slack)
                        return false;
        }
        return true;
}

/* Walks from @at in direction @way while pixels are (not) dark; returns the pixels walked. */
static uint32_t line_walk(const struct line *l, uint32_t at, int way, bool dark, unsigned threshold,
                          uint32_t limit)
{
        uint32_t n = 0;

        while (at < l->n_pixels && n <= limit && (line_at(l, at) < threshold) == dark) {
                n++;
                at += (uint32_t)way; /* below 0 wraps to above n_pixels */
        }
        return n;
}

/* Whether a line crosses a pattern of about @size pixels at @at; says where its middle lies. */
static bool line_crosses(const struct line *l, uint32_t at, uint32_t size, uint32_t *ret_middle)
{
        uint32_t from = at > size ? at - size : 0;
        uint32_t to = at + size < l->n_pixels ? at + size : l->n_pixels;
        unsigned threshold = line_threshold(l, from, to);
        uint32_t runs[RUNS], up, down;

        if (threshold == 0 || line_at(l, at) >= threshold)
                return false;
        up = line_walk(l, at, -1, true, threshold, size);
        down = line_walk(l, at, 1, true, threshold, size);
        runs[2] = up + down - 1;
        runs[1] = line_walk(l, at - up, -1, false, threshold, size);
        runs[0] = line_walk(l, at - up - runs[1], -1, true, threshold, size);
        runs[3] = line_walk(l, at + down, 1, false, threshold, size);
        runs[4] = line_walk(l, at + down + runs[3], 1, true, threshold, size);
        if (!runs_match(runs))
                return false;
        *ret_middle = at + down - 1 - runs[2] / 2;
        return true;
}

static uint32_t distance(uint32_t a, uint32_t b)
{
        return a > b ? a - b : b - a;
}

static bool sizes_alike(uint32_t a, uint32_t b)
{
        return distance(a, b) * 2 <= (a > b ? a : b);
}

static void locator_note(struct locator *l, uint32_t x, uint32_t y, uint32_t size)
{
        for (size_t i = 0; i < l->n_clusters; i++) {
                struct cluster *c = &l->clusters[i];

                if (distance(c->x, x) * 3 <= size && distance(c->y, y) * 3 <= size &&
                    sizes_alike(c->size, size)) {
                        c->hits++;
                        return;
                }
        }
        if (l->n_clusters < CLUSTERS_MAX)
                l->clusters[l->n_clusters++] = (struct cluster){x, y, size, 1};
}

/* A row has the runs, ending before @end; it counts if the column through their middle agrees. */
static void locator_check(struct locator *l, const struct picture *p, uint32_t y, uint32_t end,
                          const uint32_t runs[RUNS])
{
        uint32_t size = runs[0] + runs[1] + runs[2] + runs[3] + runs[4];
        uint32_t x = end - runs[4] - runs[3] - (runs[2] + 1) / 2, middle;
        struct line column = column_of(p, x);

        if (line_crosses(&column, y, size, &middle))
                locator_note(l, x, middle, size);
}

/* Checks every sequence of five runs in a row that begins dark. */
static void locator_scan_row(struct locator *l, const struct picture *p, uint32_t y)
{
        struct line row = row_of(p, y);
        uint32_t runs[RUNS] = {0}, span = p->width / 8 + 1;
        unsigned threshold = 0;
        bool dark = false;

        for (uint32_t x = 0; x < p->width; x++) {
                if (x % span == 0) {
                        uint32_t from = x > span / 2 ? x - span / 2 : 0;
                        uint32_t to = x + span + span / 2;

                        threshold = line_threshold(&row, from, to < p->width ? to : p->width);
                }
                if ((line_at(&row, x) < threshold) == dark) {
                        runs[RUNS - 1]++;
                        continue;
                }
                if (dark && runs_match(runs))
                        locator_check(l, p, y, x, runs);
                for (size_t i = 0; i + 1 < RUNS; i++)
                        runs[i] = runs[i + 1];
                runs[RUNS - 1] = 1;
                dark = !dark;
        }
}

/* Whether three patterns of about one size were crossed often enough. */
static bool locator_has_three(const struct locator *l)
{
        for (size_t i = 0; i < l->n_clusters; i++) {
                unsigned alike = 0;

                if (l->clusters[i].hits < HITS_MIN)
                        continue;
                for (size_t j = 0; j < l->n_clusters; j++)
                        if (l->clusters[j].hits >= HITS_MIN &&
                            sizes_alike(l->clusters[i].size, l->clusters[j].size))
                                alike++;
                if (alike >= 3)
                        return true;
        }
        return false;
}

bool locator_sees_code(const struct picture *p)
{
        struct locator l = {.n_clusters = 0};

        for (uint32_t y = 0; y < p->height; y++)
                locator_scan_row(&l, p, y);
        return locator_has_three(&l);
}
