/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The clocks, for tests of what happens when somebody sets the one on the wall, or when much time
 * has passed.
 *
 * In a program linked with WALL_LINKING the clock that is shown, and the one that measures, are
 * this far ahead of the real ones. Timers are not: they run out when they would have.
 */

#include <stdint.h>

extern int64_t wall_ahead_sec, steady_ahead_sec; /* 0 unless a test sets them */
