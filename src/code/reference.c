/* SPDX-License-Identifier: Apache-2.0 */

#include "code/reference.h"

#include <string.h>

/* A reference or a serial number without what only separates, in the form that is compared. */
struct folded {
        char text[REFERENCE_SIZE];
        size_t n;
        bool has_digit; /* as it was written */
        bool is_number; /* digits only, as it is understood */
};

/* What stands between the characters of a reference: how many bytes, 0 if this is none of it. */
static size_t separator_at(const uint8_t *at, size_t n)
{
        if (memchr(" \t\r\n-", at[0], 5))
                return 1;
        if (n >= 2 && at[0] == 0xc2 && at[1] == 0xa0) /* U+00A0 */
                return 2;
        if (n >= 3 && at[0] == 0xe2 &&
            ((at[1] == 0x80 && at[2] >= 0x90 && at[2] <= 0x95) || /* U+2010 to 2015 */
             (at[1] == 0x88 && at[2] == 0x92)))                   /* U+2212 */
                return 3;
        return 0;
}

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
        return c >= 'A' && c <= 'Z';
}

/* Letters that look like a digit count as that digit. */
static char fold(char c)
{
        if (c >= 'a' && c <= 'z')
                c = (char)(c - 'a' + 'A');
        if (c == 'O')
                return '0';
        return c == 'I' ? '1' : c;
}

/* False if it is too long. */
static bool folded_add(struct folded *f, char c)
{
        char as = fold(c);

        if (f->n == REFERENCE_CHARS_MAX)
                return false;
        f->has_digit = f->has_digit || is_digit(c);
        f->is_number = f->is_number && is_digit(as);
        f->text[f->n++] = as;
        f->text[f->n] = '\0';
        return true;
}

static void folded_init(struct folded *f)
{
        *f = (struct folded){.is_number = true};
}

static unsigned value_of(char c)
{
        return is_digit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'A') + 10;
}

/* GS1 General Specifications, section 7.9: the digits weigh 3 and 1 in turn, from the right. */
static char check_digit(const char *digits, size_t n)
{
        unsigned sum = 0;

        for (size_t i = 0; i < n; i++)
                sum += value_of(digits[n - 1 - i]) * (i % 2 == 0 ? 3 : 1);
        return (char)('0' + (10 - sum % 10) % 10);
}

/* ISO/IEC 7064, MOD 37,36; written as it is compared. */
static char check_character(const char *text, size_t n)
{
        unsigned product = 36, check;

        for (size_t i = 0; i < n; i++) {
                unsigned sum = (product + value_of(text[i])) % 36;

                product = (sum == 0 ? 36 : sum) * 2 % 37;
        }
        check = (37 - product) % 36;
        return fold((char)(check < 10 ? '0' + check : 'A' + check - 10));
}

/* Leading zeros of a number are padding, up to the shortest one. */
static const char *without_padding(const struct folded *f)
{
        const char *text = f->text;

        while (f->is_number && *text == '0' &&
               f->n - (size_t)(text - f->text) > REFERENCE_CHARS_MIN)
                text++;
        return text;
}

static bool is_checked(const struct folded *f)
{
        char check =
                f->is_number ? check_digit(f->text, f->n - 1) : check_character(f->text, f->n - 1);

        return f->text[f->n - 1] == check;
}

enum reference_outcome reference_read(const uint8_t *input, size_t n_input,
                                      char ret_text[REFERENCE_SIZE])
{
        struct folded f;
        const char *text;

        folded_init(&f);
        for (size_t i = 0; i < n_input;) {
                size_t n = separator_at(input + i, n_input - i);
                char c = (char)input[i];

                if (n == 0 && !is_digit(fold(c)) && !is_letter(fold(c)))
                        return REFERENCE_OTHER;
                if (n == 0 && !folded_add(&f, c))
                        return REFERENCE_OTHER;
                i += n == 0 ? 1 : n;
        }
        if (f.n < REFERENCE_CHARS_MIN || !f.has_digit)
                return REFERENCE_OTHER;
        if (!is_checked(&f))
                return REFERENCE_WRONG_CHECK;
        text = without_padding(&f);
        memcpy(ret_text, text, strlen(text) + 1);
        return REFERENCE_DONE;
}

bool reference_is_canonical(const char *text)
{
        char canonical[REFERENCE_SIZE];

        return reference_read((const uint8_t *)text, strlen(text), canonical) == REFERENCE_DONE &&
               strcmp(text, canonical) == 0;
}

/* Whether the serial number is the reference, with or without the check character. */
static bool is_same(const char *reference, const struct folded *serial)
{
        struct folded whole = *serial;
        bool is_number = strspn(reference, "0123456789") == strlen(reference);

        if (strcmp(reference, without_padding(&whole)) == 0)
                return true;
        if (whole.n == 0 || whole.n == REFERENCE_CHARS_MAX)
                return false;
        whole.text[whole.n] =
                is_number ? check_digit(whole.text, whole.n) : check_character(whole.text, whole.n);
        whole.text[++whole.n] = '\0';
        whole.is_number = is_number;
        return strcmp(reference, without_padding(&whole)) == 0;
}

bool reference_fits(const char *reference, const char *serial)
{
        struct folded f;
        bool is_number = strspn(reference, "0123456789") == strlen(reference);

        folded_init(&f);
        for (; *serial; serial++)
                if ((is_digit(fold(*serial)) || is_letter(fold(*serial))) &&
                    !folded_add(&f, *serial))
                        return false;
        if (is_number && (!f.is_number || f.n < REFERENCE_CHARS_MIN - 1))
                return true; /* the maker's own number, which no serial number contradicts */
        return is_same(reference, &f);
}
