/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A hub whose clock has no battery may start in 1970, and enrolls nevertheless. When the clock is
 * set, the devices that were enrolled meanwhile get their time. A clock that starts at a wrong but
 * plausible time, as systemd restores it from a file, looks like one that is set.
 */

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

#define CLOCK_PLAUSIBLE                                                                            \
        INT64_C(1767225600) /* 2026-01-01, Unix time in s: before it no clock is set */

struct clock {
        bool looked, set;
        int64_t offset; /* at the first look: Unix time minus time since boot, s */
        int64_t began;  /* at the first look, by the clock that was not set: Unix time, s */
        int64_t latest; /* at the last look, as .offset */
};

/* Whether a clock that says so can be set. */
bool clock_is_plausible(int64_t now);

/* How far a clock goes from one look to the next beyond what has passed, s: more is a jump. */
#define CLOCK_DRIFT 5

/* Whether somebody has set the clock since the last look; of what clock_look() takes. */
bool clock_has_jumped(struct clock *clock, int64_t now, int64_t boot);

/*
 * Looks at the clock: @now is what it says, Unix time, @boot the time since boot, both in s. Mends
 * the devices in the store once the clock is set; @ret_n_mended: how many. 0 or -errno, and then it
 * is tried again at the next look.
 */
int clock_look(struct clock *clock, struct store *store, int64_t now, int64_t boot,
               uint64_t *ret_n_mended);
