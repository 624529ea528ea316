/* SPDX-License-Identifier: Apache-2.0 */

#include "order/value.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/defer.h"
#include "util/hex.h"

#define BLANKS   " \t\r\n"
#define DAY_USEC 86400e6

int words_split(const char *line, struct words *ret_words)
{
        struct words *w = ret_words;
        size_t n = strlen(line);
        char *word, *more;

        if (n > WORDS_LINE_MAX)
                return -EMSGSIZE;
        memcpy(w->text, line, n + 1);
        w->n = 0;
        for (word = strtok_r(w->text, BLANKS, &more); word && *word != '#';
             word = strtok_r(NULL, BLANKS, &more)) {
                if (w->n == WORDS_MAX)
                        return -E2BIG;
                w->rest[w->n] = line + (word - w->text);
                w->at[w->n++] = word;
        }
        return 0;
}

bool value_integer(const char *text, long min, long max, long *ret_value)
{
        bool hexadecimal = strncmp(text, "0x", 2) == 0;
        const char *digits = hexadecimal ? text + 2 : text + (*text == '-');
        size_t n = strspn(digits, hexadecimal ? "0123456789abcdefABCDEF" : "0123456789");
        long value;

        if (n == 0 || n > 15 || digits[n])
                return false;
        value = strtol(text, NULL, hexadecimal ? 16 : 10);
        if (value < min || value > max)
                return false;
        *ret_value = value;
        return true;
}

/* Digits with at most one point at the beginning of @text; how many characters they are. */
static size_t number_read(const char *text, double *ret_value)
{
        size_t whole = strspn(text, "0123456789");
        size_t all = whole;

        if (text[whole] == '.')
                all += 1 + strspn(text + whole + 1, "0123456789");
        if (whole == 0 || text[all - 1] == '.')
                return 0;
        *ret_value = strtod(text, NULL);
        return all;
}

bool value_number(const char *text, double min, double max, double *ret_value)
{
        double value;
        size_t n = number_read(text, &value);

        if (n == 0 || text[n] || value < min || value > max)
                return false;
        *ret_value = value;
        return true;
}

bool value_duration(const char *text, uint64_t *ret_usec)
{
        static const struct {
                const char *name;
                double usec;
        } units[] = {{"us", 1}, {"ms", 1e3}, {"s", 1e6}};
        double value;
        size_t n = number_read(text, &value);

        for (size_t i = 0; n > 0 && i < ELEMENTSOF(units); i++)
                if (strcmp(text + n, units[i].name) == 0 && value * units[i].usec <= DAY_USEC) {
                        *ret_usec = (uint64_t)llround(value * units[i].usec);
                        return true;
                }
        return false;
}

bool value_address(const char *text, uint8_t ret_address[6])
{
        uint8_t address[6];

        if (strlen(text) != ADDRESS_TEXT - 1)
                return false;
        for (unsigned i = 0; i < 6; i++) {
                char digits[3] = {text[3 * i], text[3 * i + 1], 0};

                if (hex_decode(digits, &address[5 - i], 1) < 0 || (i < 5 && text[3 * i + 2] != ':'))
                        return false;
        }
        memcpy(ret_address, address, sizeof(address));
        return true;
}

const char *address_text(const uint8_t address[6], char text[ADDRESS_TEXT])
{
        (void)snprintf(text, ADDRESS_TEXT, "%02X:%02X:%02X:%02X:%02X:%02X", address[5], address[4],
                       address[3], address[2], address[1], address[0]);
        return text;
}
