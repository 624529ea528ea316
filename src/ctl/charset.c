/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/charset.h"

#include <iconv.h>
#include <langinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/defer.h"
#include "wire/utf8.h"

#define CHARSET_SIZE 64
#define NO_SET       ((iconv_t)-1)

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
        if (set == NO_SET || iconv(set, &from, &n, &to, &n_out) == (size_t)-1 || to == out)
                (void)fputc('?', file);
        else
                (void)fwrite(out, 1, (size_t)(to - out), file);
}

static void put_text(iconv_t set, const char *text, FILE *file)
{
        while (*text) {
                uint32_t c = 0;
                size_t n = utf8_take((const uint8_t *)text, strlen(text), &c);

                if (c > 0 && c < 0x80)
                        (void)fputc((int)c, file);
                else if (n > 0)
                        put_character(set, text, n, file);
                else
                        (void)fputc('?', file);
                text += n ? n : 1;
        }
}

char *charset_convert(const char *text, const char *charset)
{
        char name[CHARSET_SIZE], *converted = NULL;
        size_t n_converted = 0;
        iconv_t set;
        FILE *file;

        if (strcmp(charset, "UTF-8") == 0)
                return strdup(text);
        file = open_memstream(&converted, &n_converted);
        if (!file)
                return NULL;
        (void)snprintf(name, sizeof(name), "%s//TRANSLIT", charset);
        set = iconv_open(name, "UTF-8");
        put_text(set, text, file);
        if (set != NO_SET)
                (void)iconv_close(set);
        if (fclose(file) == 0)
                return converted;
        free(converted);
        return NULL;
}

char *charset_localize(const char *text)
{
        return charset_convert(text, nl_langinfo(CODESET));
}
