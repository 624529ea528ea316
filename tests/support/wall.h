/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The clock on the wall, for tests of what happens when somebody sets it.
 *
 * In a program linked with WALL_LINKING the clock that is shown is this far ahead of the real one.
 * The clock that measures is as always.
 */

#include <stdint.h>

extern int64_t wall_ahead_sec; /* 0 unless a test sets it */
