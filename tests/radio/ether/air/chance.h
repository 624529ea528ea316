/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Chance that can be had again: independent streams of numbers, each grown from the seed of the run
 * and a name. What one stream has given does not depend on what was taken from another, so that
 * the order in which two hosts happen to speak does not change either's luck.
 */

#include <stdbool.h>
#include <stdint.h>

struct chance {
        uint64_t state;
};

/* The stream @name of the run @seed. */
struct chance chance_new(uint64_t seed, uint64_t name);

/* 64 bits, each as likely as not. */
uint64_t chance_draw(struct chance *chance);

/* Below @limit, which is not 0. */
uint32_t chance_below(struct chance *chance, uint32_t limit);

/* True with @probability, of 0 (never) to 1 (always). */
bool chance_hits(struct chance *chance, double probability);
