/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/choice.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX   40 /* bytes of a word that may be misspelt */
#define PREFIX_MIN 3  /* characters that a shortened word has at least */

void choice_add(struct choice *choice, const char *word)
{
        assert(choice->n_words < CHOICE_MAX);
        choice->words[choice->n_words++] = word;
}

static size_t least(size_t a, size_t b)
{
        return a < b ? a : b;
}

static int same(char a, char b)
{
        return strncasecmp(&a, &b, 1) == 0;
}

/*
 * How many letters have to be inserted, left out, replaced or swapped with their neighbour (the
 * optimal string alignment).
 */
static size_t distance(const char *a, const char *b)
{
        size_t rows[WORD_MAX + 1][WORD_MAX + 1];
        size_t n_a = strlen(a), n_b = strlen(b);

        for (size_t i = 0; i <= n_a; i++)
                for (size_t j = 0; j <= n_b; j++) {
                        if (i == 0 || j == 0) {
                                rows[i][j] = i + j;
                                continue;
                        }
                        rows[i][j] = least(least(rows[i - 1][j], rows[i][j - 1]) + 1,
                                           rows[i - 1][j - 1] + !same(a[i - 1], b[j - 1]));
                        if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                                rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1);
                }
        return rows[n_a][n_b];
}

/* How far a misspelt word may be from the one that was meant; a short one only in the case. */
static size_t reach(const char *wrong, const char *word)
{
        size_t n = least(strlen(wrong), strlen(word));

        return n <= 2 ? 0 : n <= 4 ? 1 : n <= 7 ? 2 : 3;
}

const char *choice_nearest(const struct choice *choice, const char *wrong)
{
        const char *nearest = NULL;
        size_t n_wrong = strlen(wrong), best = WORD_MAX;

        if (n_wrong == 0 || n_wrong > WORD_MAX)
                return NULL;
        for (size_t i = 0; i < choice->n_words; i++) {
                const char *word = choice->words[i];
                size_t away = strlen(word) <= WORD_MAX ? distance(wrong, word) : WORD_MAX;

                if (n_wrong >= PREFIX_MIN && strncasecmp(word, wrong, n_wrong) == 0)
                        away = least(away, 1);
                if (away <= reach(wrong, word) && away < best) {
                        best = away;
                        nearest = word;
                }
        }
        return nearest;
}

static size_t join(const struct choice *choice, char *text, size_t size)
{
        size_t n = 0;

        for (size_t i = 0; i < choice->n_words && n < size; i++) {
                const char *between = i == 0 ? "" : i + 1 == choice->n_words ? " and " : ", ";

                n += (size_t)snprintf(text + n, size - n, "%s%s", between, choice->words[i]);
        }
        return n;
}

void choice_advise(const struct choice *choice, const char *wrong, const char *what,
                   char *ret_advice, size_t size)
{
        const char *nearest = choice_nearest(choice, wrong);
        int n = 0;

        if (nearest)
                n = snprintf(ret_advice, size, "did you mean %s? ", nearest);
        else if (strchr(wrong, ' '))
                n = snprintf(ret_advice, size, "is a comma or a colon missing? ");
        n += snprintf(ret_advice + n, size - (size_t)n, "%s %s are ", n > 0 ? "The" : "the", what);
        (void)join(choice, ret_advice + n, size - (size_t)n);
}
