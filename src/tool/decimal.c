/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/decimal.h"

#include <string.h>

#define DIGITS     "0123456789"
#define DIGITS_MAX 18 /* 10^18 fits into 63 bits */

/* @n digits behind those that @decimal has. */
static void add_digits(struct decimal *decimal, const char *digits, size_t n)
{
        for (size_t i = 0; i < n; i++)
                decimal->mantissa = decimal->mantissa * 10 + (digits[i] - '0');
}

bool decimal_read(const char *text, struct decimal *ret_decimal)
{
        bool is_negative = text[0] == '-';
        struct decimal decimal = {0, 0};
        size_t n_before, n_behind = 0;
        const char *behind;

        text += is_negative;
        n_before = strspn(text, DIGITS);
        behind = text + n_before;
        if (*behind == '.') {
                behind++;
                n_behind = strspn(behind, DIGITS);
                if (n_behind == 0)
                        return false;
        }
        if (n_before == 0 || n_before + n_behind > DIGITS_MAX || behind[n_behind])
                return false;
        while (n_behind > 0 && behind[n_behind - 1] == '0')
                n_behind--;
        add_digits(&decimal, text, n_before);
        add_digits(&decimal, behind, n_behind);
        if (is_negative)
                decimal.mantissa = -decimal.mantissa;
        decimal.exponent = -(int)n_behind;
        *ret_decimal = decimal;
        return true;
}

bool decimal_scale(struct decimal *decimal, int exponent)
{
        for (; decimal->exponent > exponent; decimal->exponent--) {
                if (decimal->mantissa > INT64_MAX / 10 || decimal->mantissa < INT64_MIN / 10)
                        return false;
                decimal->mantissa *= 10;
        }
        return true;
}
