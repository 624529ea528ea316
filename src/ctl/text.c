/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

/* How much of @text stands in a line of @columns: up to a space, or within a long word. */
static size_t line_of(const char *text, size_t columns)
{
        size_t fits = text_fit(text, columns), n = fits;

        if (!text[fits])
                return fits;
        while (n > 0 && text[n] != ' ')
                n--;
        while (n > 0 && text[n - 1] == ' ')
                n--;
        if (n > 0)
                return n;
        return fits > 0 ? fits : 1;
}

char *text_wrap(const char *text, size_t columns, size_t indent)
{
        char *lines = NULL;
        size_t n_lines = 0;
        FILE *file;

        if (columns == 0)
                return strdup(text);
        file = open_memstream(&lines, &n_lines);
        if (!file)
                return NULL;
        if (indent + 1 > columns / 2)
                indent = 0; /* there is no room for it */
        for (size_t room = columns;; room = columns - indent) {
                size_t n = line_of(text, room);

                (void)fprintf(file, "%.*s", (int)n, text);
                text += n + strspn(text + n, " ");
                if (!*text)
                        break;
                (void)fprintf(file, "\n%*s", (int)indent, "");
        }
        if (fclose(file) == 0)
                return lines;
        free(lines);
        return NULL;
}
