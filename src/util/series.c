/* SPDX-License-Identifier: Apache-2.0 */

#include "util/series.h"

#include <stdio.h>

void series_init(struct series *series, char *text, size_t size, size_t n_words,
                 const char *conjunction)
{
        *series = (struct series){
                .text = text, .size = size, .n_words = n_words, .conjunction = conjunction};
        text[0] = '\0';
}

void series_add(struct series *series, const char *word)
{
        size_t at = series->at++, left = series->size - series->n;
        int n;

        if (at == 0)
                n = snprintf(series->text, left, "%s", word);
        else if (at + 1 < series->n_words)
                n = snprintf(series->text + series->n, left, ", %s", word);
        else
                n = snprintf(series->text + series->n, left, " %s %s", series->conjunction, word);
        series->n += (size_t)n < left ? (size_t)n : left - 1;
}
