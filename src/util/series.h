/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Words in a sentence: "make", "make or qr", "make, show or qr". */

#include <stddef.h>

struct series {
        char *text;
        size_t size, n; /* of the text: its room, and how much of it is used */
        size_t n_words, at;
        const char *conjunction;
};

/*
 * Begins a series of @n_words at the beginning of @text, which is empty then; @conjunction, "and"
 * or "or", stands before the last word. What does not fit is left out.
 */
void series_init(struct series *series, char *text, size_t size, size_t n_words,
                 const char *conjunction);

/* Adds the next word. */
void series_add(struct series *series, const char *word);
