/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/text.h"

#include <iconv.h>
#include <langinfo.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "util/defer.h"
#include "util/free.h"
#include "wire/utf8.h"

#define CHARSET_SIZE 64

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

/* --- lines --- */

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

/* --- other character sets --- */

/* What iconv() has no likeness of, and units need. */
static const char *const likenesses[][2] = {
        {"\xc2\xb0", "deg"}, {"\xc2\xb2", "2"}, {"\xc2\xb3", "3"},
        {"\xc2\xb5", "u"},   {"\xce\xbc", "u"},
};

/* Converts one character; what the set does not have becomes a likeness or a question mark. */
static void put_character(iconv_t set, const char *character, size_t n, FILE *file)
{
        char in[4], out[16], *from = in, *to = out;
        size_t n_out = sizeof(out);

        memcpy(in, character, n);
        for (size_t i = 0; i < ELEMENTSOF(likenesses); i++)
                if (strlen(likenesses[i][0]) == n && memcmp(likenesses[i][0], in, n) == 0) {
                        (void)fputs(likenesses[i][1], file);
                        return;
                }
        if (iconv(set, &from, &n, &to, &n_out) == (size_t)-1 || to == out)
                (void)fputc('?', file);
        else
                (void)fwrite(out, 1, (size_t)(to - out), file);
}

static void put_text(iconv_t set, const char *text, FILE *file)
{
        while (*text) {
                uint32_t c = 0;
                size_t n = decode(text, &c);

                if (c > 0 && c < 0x80)
                        (void)fputc((int)c, file);
                else if (n > 0 && n <= 4)
                        put_character(set, text, n, file);
                else
                        (void)fputc('?', file);
                text += n ? n : 1;
        }
}

char *text_localize(const char *text)
{
        const char *charset = nl_langinfo(CODESET);
        char name[CHARSET_SIZE], *localized = NULL;
        size_t n_localized = 0;
        iconv_t set;
        FILE *file;

        if (strcmp(charset, "UTF-8") == 0)
                return strdup(text);
        (void)snprintf(name, sizeof(name), "%s//TRANSLIT", charset);
        set = iconv_open(name, "UTF-8");
        file = set == (iconv_t)-1 ? NULL : open_memstream(&localized, &n_localized);
        if (file)
                put_text(set, text, file);
        if (set != (iconv_t)-1)
                (void)iconv_close(set);
        if (file && fclose(file) == 0)
                return localized;
        free(localized);
        return NULL;
}
