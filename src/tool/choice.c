/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/choice.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "util/nearest.h"
#include "util/series.h"

void choice_add(struct choice *choice, const char *word)
{
        assert(choice->n_words < CHOICE_MAX);
        choice->words[choice->n_words++] = word;
}

const char *choice_nearest(const struct choice *choice, const char *wrong)
{
        struct nearest nearest;

        nearest_init(&nearest, wrong);
        for (size_t i = 0; i < choice->n_words; i++)
                nearest_offer(&nearest, choice->words[i]);
        return nearest.best;
}

void choice_advise(const struct choice *choice, const char *wrong, const char *what,
                   char *ret_advice, size_t size)
{
        const char *nearest = choice_nearest(choice, wrong);
        struct series series;
        int n = 0;

        if (nearest)
                n = snprintf(ret_advice, size, "did you mean %s? ", nearest);
        else if (strchr(wrong, ' '))
                n = snprintf(ret_advice, size, "is a comma or a colon missing? ");
        n += snprintf(ret_advice + n, size - (size_t)n, "%s %s are ", n > 0 ? "The" : "the", what);
        series_init(&series, ret_advice + n, size - (size_t)n, choice->n_words, "and");
        for (size_t i = 0; i < choice->n_words; i++)
                series_add(&series, choice->words[i]);
}
