/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a locale that is not UTF-8 has for the characters of a text. */

/*
 * The text, which is UTF-8, in a character set: "degC" where it has no degree sign, a question mark
 * where it has nothing like it. A set that is not known, or not installed, is taken for ASCII. To
 * be freed; NULL if memory is short.
 */
char *charset_convert(const char *text, const char *charset);

/* The same in the character set of the locale. */
char *charset_localize(const char *text);
