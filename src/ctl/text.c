/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/text.h"

#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "wire/utf8.h"

/* The character at @text and its length in bytes; length 0 if it is not UTF-8. */
static size_t decode(const char *text, uint32_t *ret_character)
{
        return utf8_take((const uint8_t *)text, strlen(text), ret_character);
}

static size_t columns_of(uint32_t c)
{
        int width = wcwidth((wchar_t)c);

        return width < 0 ? 1 : (size_t)width;
}

size_t text_width(const char *text)
{
        size_t columns = 0;

        while (*text) {
                uint32_t c = 0;
                size_t n = decode(text, &c);

                columns += n ? columns_of(c) : 1;
                text += n ? n : 1;
        }
        return columns;
}

size_t text_fit(const char *text, size_t columns)
{
        const char *at = text;

        while (*at) {
                uint32_t c = 0;
                size_t n = decode(at, &c), width = n ? columns_of(c) : 1;

                if (width > columns)
                        break;
                columns -= width;
                at += n ? n : 1;
        }
        return (size_t)(at - text);
}
