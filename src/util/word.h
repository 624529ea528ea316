/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A word: a name that may stand in a topic, a file name or a setting without any quoting. */

#include <stdbool.h>
#include <stddef.h>

#define WORD_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define WORD_MAX      32 /* bytes */

/* Whether these bytes are 1 to WORD_MAX of WORD_ALPHABET. */
bool word_valid(const char *text, size_t n_text);
