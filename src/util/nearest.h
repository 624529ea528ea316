/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The word that was meant by one that is wrong, for "did you mean ...?". All words that would be
 * right are offered one by one, and the nearest is kept.
 */

#include <stddef.h>

struct nearest {
        const char *wrong;
        const char *best; /* the word that was meant; NULL if none is near */
        size_t distance;  /* of @best, or what is too far */
};

/* @wrong stays in place as long as @nearest is used, as does each word that is offered. */
void nearest_init(struct nearest *nearest, const char *wrong);

/* The first of several that are equally near is kept. */
void nearest_offer(struct nearest *nearest, const char *word);
