/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text for a terminal. Some of it comes from codes and devices and is not trusted: none of it may
 * move the cursor or reverse the reading direction.
 */

#include <stddef.h>

/*
 * Replaces what utf8_printable() refuses, control and formatting characters and bytes that are not
 * UTF-8, by question marks, in place.
 */
void text_make_printable(char *text);

/* Columns it takes: its characters, wide ones counted twice where the locale knows them. */
size_t text_width(const char *text);

/* The number of bytes of its longest beginning that takes at most @columns. */
size_t text_fit(const char *text, size_t columns);
