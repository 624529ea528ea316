/* SPDX-License-Identifier: Apache-2.0 */

#include "util/nearest.h"

#include <string.h>
#include <strings.h>

#define CHARS_MAX 32 /* of a word; longer ones are no slips of the finger */

static size_t least(size_t a, size_t b)
{
        return a < b ? a : b;
}

/* One row of the table of distances: @above and @two_above are those of the letters before. */
static void fill_row(const char *wrong, const char *word, size_t i, size_t rows[3][CHARS_MAX + 1])
{
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        size_t n_word = strlen(word);

        row[0] = i;
        for (size_t k = 1; k <= n_word; k++) {
                size_t other = strncasecmp(wrong + i - 1, word + k - 1, 1) != 0;

                row[k] = least(least(above[k], row[k - 1]) + 1, above[k - 1] + other);
                if (i > 1 && k > 1 && wrong[i - 1] == word[k - 2] && wrong[i - 2] == word[k - 1])
                        row[k] = least(row[k], two_above[k - 2] + 1);
        }
}

/*
 * How many letters are missing, too many, wrong or swapped with their neighbour (the optimal string
 * alignment distance).
 */
static size_t distance_of(const char *wrong, const char *word)
{
        size_t rows[3][CHARS_MAX + 1], n_wrong = strlen(wrong);

        for (size_t k = 0; k <= strlen(word); k++)
                rows[0][k] = k;
        for (size_t i = 1; i <= n_wrong; i++)
                fill_row(wrong, word, i, rows);
        return rows[n_wrong % 3][strlen(word)];
}

/* What is further away than this was hardly meant. */
static size_t too_far(size_t n_wrong)
{
        return n_wrong < 5 ? 2 : n_wrong < 8 ? 3 : 4;
}

void nearest_init(struct nearest *nearest, const char *wrong)
{
        *nearest = (struct nearest){.wrong = wrong, .distance = too_far(strlen(wrong))};
}

void nearest_offer(struct nearest *nearest, const char *word)
{
        size_t n_wrong = strlen(nearest->wrong), n_word = strlen(word), distance;

        if (n_wrong > CHARS_MAX || n_word > CHARS_MAX || n_wrong == 0)
                return;
        distance = distance_of(nearest->wrong, word);
        /* The beginning of a word is as near as one that has a single mistake. */
        if (n_wrong > 1 && n_wrong < n_word && strncasecmp(nearest->wrong, word, n_wrong) == 0)
                distance = 1;
        /* As many mistakes as letters would be any other word. */
        if (distance >= nearest->distance || distance >= n_word)
                return;
        nearest->best = word;
        nearest->distance = distance;
}
