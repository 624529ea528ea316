/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* UTF-8 (RFC 3629) from strangers: is it valid, and is it fit to be shown to a person. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes one code point from @n_bytes > 0 bytes and returns how many bytes it occupies; 0 if they do
 * not begin with a valid one (overlong forms, surrogates and what is above U+10FFFF are not).
 */
size_t utf8_take(const uint8_t *bytes, size_t n_bytes, uint32_t *ret_code_point);

bool utf8_valid(const uint8_t *bytes, size_t n_bytes);

/*
 * Valid, and free of characters that could deceive somebody who reads it: C0 and C1 controls, line
 * and paragraph separators, zero-width and bidirectional formatting characters, and the byte order
 * mark; and of noncharacters, with which no D-Bus message can be sent. doc/code.md section 2 lists
 * the code points.
 */
bool utf8_printable(const uint8_t *bytes, size_t n_bytes);

/*
 * Replaces what utf8_printable() refuses in @text by question marks, in place: one for each
 * character, or for each byte that is not UTF-8.
 */
void utf8_make_printable(char *text);

/*
 * Copies @bytes into @ret_text, which has @size > 0 bytes, as utf8_make_printable() shows them; a
 * NUL becomes a question mark, too. What does not fit is cut off.
 */
void utf8_copy_printable(const uint8_t *bytes, size_t n_bytes, char *ret_text, size_t size);
