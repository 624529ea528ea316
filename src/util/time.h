/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The clock that measures, the clock that is shown, and times as text. */

#include <stdint.h>

#define TIME_TEXT_SIZE 32 /* with the NUL */

/* Now, in microseconds, on CLOCK_MONOTONIC: the clock that nobody sets. */
uint64_t time_now_usec(void);

/*
 * The Unix time of @usec, a time of that clock. It follows the hub's clock when that is set, so it
 * is made when it is shown, and not before.
 */
int64_t time_shown(uint64_t usec);

/* RFC 3339, in UTC: "2026-01-31T12:00:00Z". Returns @ret_text. */
char *time_text(int64_t unix_time, char ret_text[TIME_TEXT_SIZE]);
