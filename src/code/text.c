/* SPDX-License-Identifier: Apache-2.0 */

#include "code/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* RFC 9285, table 1; the position is the value. */
static const char base45[45] = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E',
        'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T',
        'U', 'V', 'W', 'X', 'Y', 'Z', ' ', '$', '%', '*', '+', '-', '.', '/', ':',
};

/* RFC 4648, table 2. */
static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static const uint8_t envelope_start[] = {0xd2, 0x84}; /* tag 18, array of four */

static int value_of(char c, const char *alphabet, size_t n_alphabet)
{
        const char *found = memchr(alphabet, c, n_alphabet);

        return found ? (int)(found - alphabet) : -1;
}

/* The value of two or three characters, the first one weighs least; -1 if one is not Base45. */
static int group_of(const char *text, size_t n_text)
{
        int group = 0;

        for (size_t i = n_text; i-- > 0;) {
                int value = value_of(text[i], base45, sizeof(base45));

                if (value < 0)
                        return -1;
                group = group * 45 + value;
        }
        return group;
}

enum text_outcome base45_decode(const char *text, size_t n_text, uint8_t *ret_bytes, size_t size,
                                size_t *ret_n_bytes)
{
        enum text_outcome outcome = TEXT_DONE;
        size_t n = 0;

        for (size_t at = 0; at < n_text; at += 3) {
                size_t n_group = n_text - at < 3 ? n_text - at : 3;
                int group = group_of(text + at, n_group);

                if (group < 0 || (n_group == 3 && group > UINT16_MAX))
                        return TEXT_WRONG;
                if (n_group == 1 || (n_group == 2 && group > UINT8_MAX)) {
                        outcome = TEXT_CUT;
                        break;
                }
                if (n + n_group - 1 > size)
                        return TEXT_TOO_LONG;
                if (n_group == 3)
                        ret_bytes[n++] = (uint8_t)(group >> 8);
                ret_bytes[n++] = (uint8_t)group;
        }
        *ret_n_bytes = n;
        return outcome;
}

void base45_encode(const uint8_t *bytes, size_t n_bytes, char *ret_text)
{
        while (n_bytes > 0) {
                unsigned group = n_bytes > 1 ? (unsigned)bytes[0] << 8 | bytes[1] : bytes[0];
                size_t n = n_bytes > 1 ? 3 : 2;

                for (size_t i = 0; i < n; i++, group /= 45)
                        *ret_text++ = base45[group % 45];
                bytes += n - 1;
                n_bytes -= n - 1;
        }
        *ret_text = '\0';
}

/* The last bits of an end that is no whole byte are not looked at. */
enum text_outcome base64url_decode(const char *text, size_t n_text, uint8_t *ret_bytes, size_t size,
                                   size_t *ret_n_bytes)
{
        unsigned bits = 0;
        size_t n = 0;

        for (size_t i = 0; i < n_text; i++) {
                int value = value_of(text[i], base64url, 64);

                if (value < 0)
                        return TEXT_WRONG;
                bits = bits << 6 | (unsigned)value;
                if (i % 4 == 0)
                        continue;
                if (n == size)
                        return TEXT_TOO_LONG;
                ret_bytes[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
        }
        *ret_n_bytes = n;
        return n_text % 4 == 1 ? TEXT_CUT : TEXT_DONE;
}

void base64url_encode(const uint8_t *bytes, size_t n_bytes, char *ret_text)
{
        size_t n_text = BASE64URL_CHARS(n_bytes);

        for (size_t i = 0; i < n_text; i++) {
                size_t bit = 6 * i, at = bit / 8;
                unsigned two = (unsigned)bytes[at] << 8 | (at + 1 < n_bytes ? bytes[at + 1] : 0);

                ret_text[i] = base64url[two >> (10 - bit % 8) & 63];
        }
        ret_text[n_text] = '\0';
}

/*
 * Drops white space at both ends. No valid Base45 ends in a space, because a last character of that
 * value would stand for more than the group's bytes hold.
 */
static const char *trim(const char *text, size_t *n_text)
{
        while (*n_text > 0 && isspace((unsigned char)text[0])) {
                text++;
                (*n_text)--;
        }
        while (*n_text > 0 && isspace((unsigned char)text[*n_text - 1]))
                (*n_text)--;
        return text;
}

enum text_form text_form_of(const uint8_t *bytes, size_t n_bytes)
{
        size_t n_start = n_bytes < sizeof(envelope_start) ? n_bytes : sizeof(envelope_start);
        const char *text;
        size_t digits = 3;

        if (n_bytes > 0 && memcmp(bytes, envelope_start, n_start) == 0)
                return TEXT_FORM_BINARY;
        text = trim((const char *)bytes, &n_bytes);
        if (n_bytes <= digits || strncasecmp(text, "ENR", digits) != 0)
                return TEXT_FORM_OTHER;
        while (digits < n_bytes && isdigit((unsigned char)text[digits]))
                digits++;
        if (digits == 3 || digits == n_bytes || (text[digits] != ':' && text[digits] != '.'))
                return TEXT_FORM_OTHER;
        if (digits != 4 || text[3] != '1')
                return TEXT_FORM_NEWER;
        return text[digits] == ':' ? TEXT_FORM_QR : TEXT_FORM_PASTE;
}

void text_encode(enum text_form form, const uint8_t *bytes, size_t n_bytes, char *ret_text)
{
        memcpy(ret_text, form == TEXT_FORM_QR ? "ENR1:" : "enr1.", TEXT_PREFIX_CHARS);
        (form == TEXT_FORM_QR ? base45_encode : base64url_encode)(bytes, n_bytes,
                                                                  ret_text + TEXT_PREFIX_CHARS);
}
