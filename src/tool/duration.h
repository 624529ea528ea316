/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A time in a source: "60 s", "5 min", "24 h", "2 d". */

#include <stdbool.h>
#include <stdint.h>

/* Its seconds, of 1 to @max, and true; false if @text is not such a time. */
bool duration_read(const char *text, uint32_t max, uint32_t *ret_sec);
