/* SPDX-License-Identifier: Apache-2.0 */

#include "util/hex.h"

#include <errno.h>
#include <string.h>

char *hex_encode(const uint8_t *bytes, size_t n_bytes, char *text)
{
        static const char digits[] = "0123456789abcdef";

        for (size_t i = 0; i < n_bytes; i++) {
                text[2 * i] = digits[bytes[i] >> 4];
                text[2 * i + 1] = digits[bytes[i] & 15];
        }
        text[2 * n_bytes] = '\0';
        return text;
}

static int hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

int hex_decode(const char *text, uint8_t *ret_bytes, size_t n_bytes)
{
        if (strlen(text) != 2 * n_bytes)
                return -EINVAL;
        for (size_t i = 0; i < 2 * n_bytes; i++)
                if (hex_digit(text[i]) < 0)
                        return -EINVAL;
        for (size_t i = 0; i < n_bytes; i++) {
                unsigned high = (unsigned)hex_digit(text[2 * i]),
                         low = (unsigned)hex_digit(text[2 * i + 1]);

                ret_bytes[i] = (uint8_t)(high << 4 | low);
        }
        return 0;
}
