/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tool/decimal.h"
#include "util/defer.h"

static void test_decimal_has_the_exponent_that_it_needs(void **state)
{
        static const struct {
                const char *text;
                int64_t mantissa;
                int exponent;
        } cases[] = {
                {"0", 0, 0},
                {"-5", -5, 0},
                {"300", 300, 0},
                {"21.5", 215, -1},
                {"-0.05", -5, -2},
                {"21.50", 215, -1},
                {"21.0", 21, 0},
                {"0.00", 0, 0},
                {"123456789012345678", INT64_C(123456789012345678), 0},
                {"0.00000000000000001", 1, -17},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct decimal decimal;

                assert_true(decimal_read(cases[i].text, &decimal));
                if (decimal.mantissa != cases[i].mantissa || decimal.exponent != cases[i].exponent)
                        fail_msg("%s", cases[i].text);
        }
}

static void test_decimal_of_something_else_is_refused(void **state)
{
        static const char *const texts[] = {
                "",    "-",  ".",    ".5",    "5.",
                "--5", "+5", "5x",   "1e3",   "1,5",
                " 5",  "5 ", "0x10", "1.2.3", "1234567890123456789",
        };
        struct decimal decimal;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (decimal_read(texts[i], &decimal))
                        fail_msg("%s", texts[i]);
}

static void test_decimal_is_written_with_more_digits(void **state)
{
        struct decimal decimal = {-5, 0};

        (void)state;
        assert_true(decimal_scale(&decimal, -2));
        assert_int_equal(decimal.mantissa, -500);
        assert_int_equal(decimal.exponent, -2);
        assert_true(decimal_scale(&decimal, -2));
        assert_int_equal(decimal.mantissa, -500);
        decimal = (struct decimal){INT64_C(999999999999999999), 0};
        assert_true(decimal_scale(&decimal, -0));
        assert_false(decimal_scale(&decimal, -3));
        decimal = (struct decimal){0, 0};
        assert_true(decimal_scale(&decimal, -17));
        assert_int_equal(decimal.mantissa, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_decimal_has_the_exponent_that_it_needs),
                cmocka_unit_test(test_decimal_of_something_else_is_refused),
                cmocka_unit_test(test_decimal_is_written_with_more_digits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
