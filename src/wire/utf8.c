/* SPDX-License-Identifier: Apache-2.0 */

#include "wire/utf8.h"

#include <string.h>

size_t utf8_take(const uint8_t *bytes, size_t n_bytes, uint32_t *ret_code_point)
{
        uint32_t point = bytes[0];
        size_t n = 1;

        if (point >= 0x80) {
                n = point >= 0xf0 ? 4 : point >= 0xe0 ? 3 : 2;
                if (point < 0xc2 || point > 0xf4 || n > n_bytes)
                        return 0;
                point &= 0x7fu >> n;
                for (size_t i = 1; i < n; i++) {
                        if ((bytes[i] & 0xc0) != 0x80)
                                return 0;
                        point = point << 6 | (bytes[i] & 0x3f);
                }
                if ((n == 3 && point < 0x800) || (n == 4 && point < 0x10000) || point > 0x10ffff ||
                    point >> 11 == 0xd800 >> 11)
                        return 0;
        }
        *ret_code_point = point;
        return n;
}

bool utf8_valid(const uint8_t *bytes, size_t n_bytes)
{
        uint32_t point;

        for (size_t n; n_bytes > 0; bytes += n, n_bytes -= n) {
                n = utf8_take(bytes, n_bytes, &point);
                if (n == 0)
                        return false;
        }
        return true;
}

static bool utf8_shows(uint32_t point)
{
        /* clang-format off */
        static const struct { uint16_t first, last; } hidden[] = {
                { 0x0000, 0x001f }, { 0x007f, 0x009f },
                { 0x00ad, 0x00ad },                     /* soft hyphen */
                { 0x061c, 0x061c },                     /* Arabic letter mark */
                { 0x180e, 0x180e },                     /* Mongolian vowel separator */
                { 0x200b, 0x200f }, { 0x2028, 0x202e }, /* zero width, separators, embeddings */
                { 0x2060, 0x206f },                     /* word joiner, isolates, deprecated */
                { 0xfdd0, 0xfdef },                     /* noncharacters, which D-Bus does not carry */
                { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
        };
        /* clang-format on */

        for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
                if (point >= hidden[i].first && point <= hidden[i].last)
                        return false;
        return point >> 8 != 0xe00            /* the invisible tags */
               && (point & 0xfffe) != 0xfffe; /* the last two of each plane: noncharacters, too */
}

bool utf8_printable(const uint8_t *bytes, size_t n_bytes)
{
        uint32_t point;

        for (size_t n; n_bytes > 0; bytes += n, n_bytes -= n) {
                n = utf8_take(bytes, n_bytes, &point);
                if (n == 0 || !utf8_shows(point))
                        return false;
        }
        return true;
}

void utf8_make_printable(char *text)
{
        const char *end = text + strlen(text);
        char *to = text;
        uint32_t point;

        for (size_t n; text < end; text += n ? n : 1) {
                n = utf8_take((const uint8_t *)text, (size_t)(end - text), &point);
                if (n == 0 || !utf8_shows(point)) {
                        *to++ = '?';
                        continue;
                }
                memmove(to, text, n);
                to += n;
        }
        *to = 0;
}

void utf8_copy_printable(const uint8_t *bytes, size_t n_bytes, char *ret_text, size_t size)
{
        size_t n = n_bytes < size ? n_bytes : size - 1;

        for (size_t i = 0; i < n; i++)
                ret_text[i] = bytes[i] ? (char)bytes[i] : '?';
        ret_text[n] = 0;
        utf8_make_printable(ret_text);
}
