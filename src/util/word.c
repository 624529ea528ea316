/* SPDX-License-Identifier: Apache-2.0 */

#include "util/word.h"

#include <string.h>

bool word_valid(const char *text, size_t n_text)
{
        if (n_text == 0 || n_text > WORD_MAX)
                return false;
        for (size_t i = 0; i < n_text; i++)
                if (!memchr(WORD_ALPHABET, text[i], sizeof(WORD_ALPHABET) - 1))
                        return false;
        return true;
}
