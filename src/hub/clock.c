/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/clock.h"

#include "store/device.h"

bool clock_is_plausible(int64_t now)
{
        return now >= CLOCK_PLAUSIBLE;
}

bool clock_has_jumped(struct clock *clock, int64_t now, int64_t boot)
{
        int64_t latest = clock->latest, change = now - boot - latest;

        clock->latest = now - boot;
        return clock->looked && (change > CLOCK_DRIFT || change < -CLOCK_DRIFT);
}

int clock_look(struct clock *clock, struct store *store, int64_t now, int64_t boot,
               uint64_t *ret_n_mended)
{
        struct store_mending mending = {.before = CLOCK_PLAUSIBLE, .since = INT64_MAX, .now = now};
        int r;

        *ret_n_mended = 0;
        if (!clock->looked) {
                clock->looked = true;
                clock->offset = now - boot;
                clock->began = now;
        }
        if (clock->set || !clock_is_plausible(now))
                return 0;
        /* What was enrolled in an earlier life of the daemon has no known distance to now. */
        if (!clock_is_plausible(clock->began)) {
                mending.since = clock->began;
                mending.shift = now - boot - clock->offset;
        }
        r = store_mend_enrolled_at(store, &mending, ret_n_mended);
        if (r < 0)
                return r;
        clock->set = true;
        return 0;
}
