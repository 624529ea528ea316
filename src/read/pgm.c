/* SPDX-License-Identifier: Apache-2.0 */

#include "read/pgm.h"

#include <stdbool.h>

#include "read/reduction.h"

#define SAMPLE_MAX 65535

struct pgm {
        const uint8_t *at, *end;
        bool plain;
        uint32_t sample_max; /* the sample that is white */
};

static bool pgm_is_space(uint8_t c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Whitespace, and comments that run from # to the end of the line. */
static void pgm_skip(struct pgm *g)
{
        bool comment = false;

        for (; g->at < g->end; g->at++) {
                if (*g->at == '#')
                        comment = true;
                else if (*g->at == '\n' || *g->at == '\r')
                        comment = false;
                else if (!comment && !pgm_is_space(*g->at))
                        return;
        }
}

/* A decimal number of at most SAMPLE_MAX, which is more than any field may be. */
static int pgm_number(struct pgm *g, uint32_t *ret_number)
{
        const uint8_t *start;
        uint32_t number = 0;

        pgm_skip(g);
        for (start = g->at; g->at < g->end && *g->at >= '0' && *g->at <= '9'; g->at++) {
                number = number * 10 + (*g->at - '0');
                if (number > SAMPLE_MAX)
                        return PICTURE_E_UNREADABLE;
        }
        if (g->at == start)
                return PICTURE_E_UNREADABLE;
        *ret_number = number;
        return 0;
}

static int pgm_sample(struct pgm *g, uint32_t *ret_sample)
{
        size_t n = g->sample_max > 255 ? 2 : 1;

        if (g->plain)
                return pgm_number(g, ret_sample);
        if ((size_t)(g->end - g->at) < n)
                return PICTURE_E_UNREADABLE;
        *ret_sample = n == 2 ? (uint32_t)(g->at[0] << 8 | g->at[1]) : g->at[0];
        g->at += n;
        return 0;
}

static int pgm_header(struct pgm *g, struct reduction *reduction, struct picture *p)
{
        uint32_t width, height;

        if (pgm_number(g, &width) || pgm_number(g, &height) || pgm_number(g, &g->sample_max))
                return g->at == g->end ? PICTURE_E_TRUNCATED : PICTURE_E_UNREADABLE;
        /* Exactly one whitespace stands between the header and binary samples. */
        if (g->sample_max < 1 || (g->at < g->end && !pgm_is_space(*g->at++)))
                return PICTURE_E_UNREADABLE;
        return reduction_begin(reduction, p, width, height);
}

static int pgm_samples(struct pgm *g, struct reduction *reduction)
{
        for (uint32_t y = 0; y < reduction->height; y++)
                for (uint32_t x = 0; x < reduction->width; x++) {
                        struct reduction_run run = {.y = y, .x = x, .step = 1, .n = 1};
                        uint32_t sample;
                        uint8_t luma;

                        if (pgm_sample(g, &sample))
                                return PICTURE_E_TRUNCATED;
                        sample = sample < g->sample_max ? sample : g->sample_max;
                        luma = (uint8_t)((sample * 255 + g->sample_max / 2) / g->sample_max);
                        reduction_grey(reduction, run, &luma);
                }
        return 0;
}

int pgm_parse(struct picture *p, const uint8_t *file, size_t n_file)
{
        struct pgm g = {.at = file + 2, .end = file + n_file, .plain = file[1] == '2'};
        _defer_(reduction_done) struct reduction reduction = {.dark = NULL};
        int r;

        r = pgm_header(&g, &reduction, p);
        if (r)
                return r;
        r = pgm_samples(&g, &reduction);
        reduction_finish(&reduction);
        return r;
}
