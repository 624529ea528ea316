/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A line's words, and what they can mean. Functions that read return false for anything but what
 * they describe, and then write nothing. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORDS_MAX      16
#define WORDS_LINE_MAX 1000 /* bytes */

struct words {
        unsigned n;
        const char *at[WORDS_MAX];
        const char *rest[WORDS_MAX]; /* the line that was split, from this word on */
        char text[WORDS_LINE_MAX + 1];
};

/* Splits at blanks; a word that begins with # ends the line. 0, -E2BIG for too many words, or
 * -EMSGSIZE for too long a line. @line is pointed to. */
int words_split(const char *line, struct words *ret_words);

/* From @min to @max, in decimal or, after 0x, hexadecimal digits. */
bool value_integer(const char *text, long min, long max, long *ret_value);

/* From @min to @max, in decimal digits with at most one point. */
bool value_number(const char *text, double min, double max, double *ret_value);

/* 250us, 20ms, 1.5s: microseconds, at most a day. */
bool value_duration(const char *text, uint64_t *ret_usec);

#define ADDRESS_TEXT 18

/* AA:BB:CC:DD:EE:FF, least significant byte first in memory. */
bool value_address(const char *text, uint8_t ret_address[6]);
const char *address_text(const uint8_t address[6], char text[ADDRESS_TEXT]);
