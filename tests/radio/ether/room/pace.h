/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How simulated time follows real time: it begins at 0 and passes at a factor, that may change
 * without simulated time making a jump.
 *
 * All times are microseconds; real ones of a clock that never goes back.
 */

#include <stdint.h>

#define PACE_FACTOR_MIN 0.001
#define PACE_FACTOR_MAX 1000.0

struct pace {
        uint64_t real, simulated; /* a moment in both */
        double factor;            /* simulated time per real time since then */
};

/* Simulated time is 0 at @real. */
struct pace pace_new(uint64_t real, double factor);

/* The simulated time at @real. */
uint64_t pace_now(const struct pace *pace, uint64_t real);

/* The real time at which @simulated will be, or was; UINT64_MAX if @simulated is. */
uint64_t pace_when(const struct pace *pace, uint64_t simulated);

/* From @simulated on it passes at another factor. */
void pace_change(struct pace *pace, uint64_t simulated, double factor);
