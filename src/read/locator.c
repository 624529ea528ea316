/* SPDX-License-Identifier: Apache-2.0 */

#include "read/locator.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define RUNS         5   /* runs in a finder pattern */
#define MODULES      7   /* modules across a finder pattern */
#define WIDTH_MIN    11  /* pixels across a pattern; below this, runs are indistinguishable */
#define CLUSTERS_MAX 128 /* candidates remembered */
#define MARKS_MAX    24  /* of them that are compared with each other, the most often crossed */
#define HITS_MIN     3   /* lines that must cross a candidate */
#define MODULES_MIN  21  /* a side: version 1 */
#define MODULES_MAX  177 /* version 40 */
#define CONTRAST_MIN 24  /* levels between dark and light for a line to be looked at */

#define COSINE_MAX        0.65 /* of the angle between the arms: seen at 45 degrees both ways */
#define RATIO_MAX         2.2  /* of the arms */
#define TURNS_OF_PATTERNS 4    /* between dark and light, of the patterns at both ends */
#define MODULES_A_TURN    5    /* at most, on the average of a line */

/* Pixels along a row or a column. */
struct line {
        const uint8_t *pixels;
        size_t step;
        uint32_t n_pixels;
};

struct cluster {
        struct locator_mark mark;
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

/* The diagonal through a place, downwards to the right. */
static struct line falling_of(const struct picture *p, uint32_t x, uint32_t y, uint32_t *ret_at)
{
        uint32_t at = x < y ? x : y, x0 = x - at, y0 = y - at;
        uint32_t n = p->width - x0 < p->height - y0 ? p->width - x0 : p->height - y0;

        *ret_at = at;
        return (struct line){p->luma + (size_t)y0 * p->width + x0, p->width + 1, n};
}

/* The diagonal through a place, downwards to the left. */
static struct line rising_of(const struct picture *p, uint32_t x, uint32_t y, uint32_t *ret_at)
{
        uint32_t right = p->width - 1 - x, at = right < y ? right : y, x0 = x + at, y0 = y - at;
        uint32_t n = x0 + 1 < p->height - y0 ? x0 + 1 : p->height - y0;

        *ret_at = at;
        return (struct line){p->luma + (size_t)y0 * p->width + x0, p->width - 1, n};
}

static bool diagonal_crosses(const struct picture *p, uint32_t x, uint32_t y, uint32_t size)
{
        uint32_t at, middle;
        struct line diagonal = falling_of(p, x, y, &at);

        if (line_crosses(&diagonal, at, size, &middle))
                return true;
        diagonal = rising_of(p, x, y, &at);
        return line_crosses(&diagonal, at, size, &middle);
}

static uint32_t distance(uint32_t a, uint32_t b)
{
        return a > b ? a - b : b - a;
}

static bool sizes_alike(uint32_t a, uint32_t b)
{
        return distance(a, b) * 5 <= (a > b ? a : b) * 2;
}

static void locator_note(struct locator *l, uint32_t x, uint32_t y, uint32_t size)
{
        for (size_t i = 0; i < l->n_clusters; i++) {
                struct locator_mark *m = &l->clusters[i].mark;

                if (distance(m->x, x) * 3 <= size && distance(m->y, y) * 3 <= size &&
                    sizes_alike(m->size, size)) {
                        unsigned n = ++l->clusters[i].hits;

                        /* The mean of all lines that cross it. */
                        m->x = (m->x * (n - 1) + x + n / 2) / n;
                        m->y = (m->y * (n - 1) + y + n / 2) / n;
                        m->size = (m->size * (n - 1) + size + n / 2) / n;
                        return;
                }
        }
        if (l->n_clusters < CLUSTERS_MAX)
                l->clusters[l->n_clusters++] = (struct cluster){{x, y, size}, 1};
}

/* A row has the runs, ending before @end; it counts if the column and a diagonal through their
 * middle agree. */
static void locator_check(struct locator *l, const struct picture *p, uint32_t y, uint32_t end,
                          const uint32_t runs[RUNS])
{
        uint32_t size = runs[0] + runs[1] + runs[2] + runs[3] + runs[4];
        uint32_t x = end - runs[4] - runs[3] - (runs[2] + 1) / 2, middle;
        struct line column = column_of(p, x);

        if (line_crosses(&column, y, size, &middle) && diagonal_crosses(p, x, middle, size))
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

/* A place relative to another, pixels. */
struct arm {
        int64_t x, y;
};

static struct arm arm_of(const struct locator_mark *from, const struct locator_mark *to)
{
        return (struct arm){(int64_t)to->x - from->x, (int64_t)to->y - from->y};
}

static int64_t arm_squared(struct arm a)
{
        return a.x * a.x + a.y * a.y;
}

/* Pixels of a module along the arm, from how wide the pattern is along a row. */
static double arm_module(struct arm a, const struct locator_mark *at)
{
        double x = (double)(a.x < 0 ? -a.x : a.x), y = (double)(a.y < 0 ? -a.y : a.y);

        return at->size * (x > y ? x : y) / sqrt(x * x + y * y) / MODULES;
}

/* Modules a side of a code that has its patterns at both ends of the arm. */
static double arm_modules(struct arm a, const struct locator_mark *from,
                          const struct locator_mark *to)
{
        double module = (arm_module(a, from) + arm_module(a, to)) / 2;

        return module > 0 ? sqrt((double)arm_squared(a)) / module + MODULES : 0;
}

/* How far from a right angle of two equal arms, 0 to 1; more than 1 cannot be a code. */
static double corner_skew(const struct locator_mark *corner, const struct locator_mark *one,
                          const struct locator_mark *other)
{
        struct arm a = arm_of(corner, one), b = arm_of(corner, other);
        double aa = (double)arm_squared(a), bb = (double)arm_squared(b), cosine, ratio;

        if (aa <= 0 || bb <= 0)
                return 2;
        cosine = fabs((double)(a.x * b.x + a.y * b.y)) / sqrt(aa * bb);
        ratio = sqrt(aa > bb ? aa / bb : bb / aa);
        return cosine > COSINE_MAX || ratio > RATIO_MAX
                       ? 2
                       : (cosine / COSINE_MAX + (ratio - 1) / (RATIO_MAX - 1)) / 2;
}

/* Whether there are modules on the way, not one surface: dark and light take turns. */
static bool arm_has_modules(const struct picture *p, const struct locator_mark *from,
                            const struct locator_mark *to)
{
        struct arm a = arm_of(from, to);
        int64_t n = (a.x < 0 ? -a.x : a.x) + (a.y < 0 ? -a.y : a.y);
        double modules = arm_modules(a, from, to);
        uint8_t low = 255, high = 0;
        unsigned turns = 0;
        bool dark = true;

        for (int pass = 0; pass < 2; pass++)
                for (int64_t i = 0; i <= n; i++) {
                        size_t x = (size_t)(from->x + a.x * i / n);
                        uint8_t v = p->luma[(size_t)(from->y + a.y * i / n) * p->width + x];

                        if (pass == 0) {
                                low = v < low ? v : low;
                                high = v > high ? v : high;
                        } else if ((v < (low + high + 1) / 2) != dark) {
                                dark = !dark;
                                turns++;
                        }
                }
        return turns >= TURNS_OF_PATTERNS && turns * MODULES_A_TURN >= modules;
}

static bool location_is_possible(const struct picture *p, const struct location *l)
{
        const struct locator_mark *m = l->marks;

        return sizes_alike(m[0].size, m[1].size) && sizes_alike(m[0].size, m[2].size) &&
               sizes_alike(m[1].size, m[2].size) && location_modules(l) > 0 &&
               arm_has_modules(p, &m[0], &m[1]) && arm_has_modules(p, &m[0], &m[2]);
}

/* Three modules of a pattern are crossed; of one that noise disturbs, at least one module's lines.
 */
static bool cluster_is_crossed(const struct cluster *c)
{
        return c->hits >= HITS_MIN && c->hits * MODULES >= c->mark.size;
}

/* The clusters that are crossed most often, the best first; returns how many. */
static size_t locator_marks(const struct locator *l, struct locator_mark marks[MARKS_MAX])
{
        bool taken[CLUSTERS_MAX] = {false};
        size_t n = 0;

        while (n < MARKS_MAX) {
                size_t best = CLUSTERS_MAX;

                for (size_t i = 0; i < l->n_clusters; i++)
                        if (!taken[i] && cluster_is_crossed(&l->clusters[i]) &&
                            (best == CLUSTERS_MAX || l->clusters[i].hits > l->clusters[best].hits))
                                best = i;
                if (best == CLUSTERS_MAX)
                        break;
                taken[best] = true;
                marks[n++] = l->clusters[best].mark;
        }
        return n;
}

/* @one and @other in the order that is clockwise about the corner. */
static struct location location_of(const struct locator_mark *corner,
                                   const struct locator_mark *one, const struct locator_mark *other)
{
        struct arm a = arm_of(corner, one), b = arm_of(corner, other);

        if (a.x * b.y - a.y * b.x > 0)
                return (struct location){{*corner, *one, *other}};
        return (struct location){{*corner, *other, *one}};
}

bool locator_find(const struct picture *p, struct location *ret_location)
{
        struct locator l = {.n_clusters = 0};
        struct locator_mark marks[MARKS_MAX];
        double least = 1;
        bool found = false;
        size_t n;

        for (uint32_t y = 0; y < p->height; y++)
                locator_scan_row(&l, p, y);
        n = locator_marks(&l, marks);
        for (size_t corner = 0; corner < n; corner++)
                for (size_t i = 0; i < n; i++)
                        for (size_t j = i + 1; j < n && i != corner; j++) {
                                double skew = j == corner ? 2
                                                          : corner_skew(&marks[corner], &marks[i],
                                                                        &marks[j]);
                                struct location here =
                                        location_of(&marks[corner], &marks[i], &marks[j]);

                                if (skew >= least || !location_is_possible(p, &here))
                                        continue;
                                least = skew;
                                found = true;
                                *ret_location = here;
                        }
        return found;
}

unsigned location_modules(const struct location *l)
{
        const struct locator_mark *m = l->marks;
        double one = arm_modules(arm_of(&m[0], &m[1]), &m[0], &m[1]);
        double other = arm_modules(arm_of(&m[0], &m[2]), &m[0], &m[2]);
        double modules = one > other ? one : other; /* a tilt shortens */

        if (modules < MODULES_MIN * 0.8 || modules > MODULES_MAX * 1.2)
                return 0;
        return modules < MODULES_MIN ? MODULES_MIN : (unsigned)(modules + 0.5);
}

unsigned location_module_px16(const struct location *l)
{
        unsigned modules = location_modules(l);
        int64_t one = arm_squared(arm_of(&l->marks[0], &l->marks[1]));
        int64_t other = arm_squared(arm_of(&l->marks[0], &l->marks[2]));

        return modules > MODULES ? (unsigned)(sqrt((double)(one < other ? one : other)) * 16 /
                                              (modules - MODULES))
                                 : 0;
}
