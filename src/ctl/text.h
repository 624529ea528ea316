/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Text for a terminal: how wide it is, and where its lines end. What comes from codes and devices,
 * that is from strangers, goes through utf8_make_printable() first, so that none of it moves the
 * cursor or turns the reading direction around.
 */

#include <stddef.h>

/* Columns it takes: its characters, wide ones counted twice where the locale knows them. */
size_t text_width(const char *text);

/* The number of bytes of its longest beginning that takes at most @columns. */
size_t text_fit(const char *text, size_t columns);

/*
 * The text in lines of at most @columns, 0: in one line. A line ends at a space, or within a word
 * that is longer than a line; each one but the first begins with @indent spaces. To be freed; NULL
 * if memory is short.
 */
char *text_wrap(const char *text, size_t columns, size_t indent);
