/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The words that may stand in one place, and what to say of a word that is not one of them. */

#include <stddef.h>

#define CHOICE_MAX 32

struct choice {
        const char *words[CHOICE_MAX];
        size_t n_words;
};

/* Adds a word, which must outlive the choice. */
void choice_add(struct choice *choice, const char *word);

/* The word that was meant by @wrong (util/nearest.h); NULL if none is near. */
const char *choice_nearest(const struct choice *choice, const char *wrong);

/*
 * Writes what to do about a wrong word, after a semicolon: "did you mean model? The fields are
 * maker and model", or "the fields are maker and model". One with a space in it may be two. @what
 * is the plural, "fields".
 */
void choice_advise(const struct choice *choice, const char *wrong, const char *what,
                   char *ret_advice, size_t size);
