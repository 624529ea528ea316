/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/choice.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "util/nearest.h"

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
