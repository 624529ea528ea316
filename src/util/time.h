/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Times as text. */

#include <stdint.h>

#define TIME_TEXT_SIZE 32 /* with the NUL */

/* RFC 3339, in UTC: "2026-01-31T12:00:00Z". Returns @ret_text. */
char *time_text(int64_t unix_time, char ret_text[TIME_TEXT_SIZE]);
