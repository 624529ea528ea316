/* SPDX-License-Identifier: Apache-2.0 */

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/text.h"

static void test_ctl_text_width_counts_columns_not_bytes(void **state)
{
        (void)state;
        assert_int_equal(text_width(""), 0);
        assert_int_equal(text_width("abc"), 3);
        assert_int_equal(text_width("21 \xc2\xb0\x43"), 5);
        assert_int_equal(text_width("\xe6\xb8\xa9"), 2);
        assert_int_equal(text_width("\xff\xff"), 2);
}

static void test_ctl_text_fit_never_splits_a_character(void **state)
{
        static const char text[] = "a\xe6\xb8\xa9"
                                   "b";

        (void)state;
        assert_int_equal(text_fit(text, 0), 0);
        assert_int_equal(text_fit(text, 1), 1);
        assert_int_equal(text_fit(text, 2), 1);
        assert_int_equal(text_fit(text, 3), 4);
        assert_int_equal(text_fit(text, 4), 5);
        assert_int_equal(text_fit(text, 99), 5);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ctl_text_width_counts_columns_not_bytes),
                cmocka_unit_test(test_ctl_text_fit_never_splits_a_character),
        };

        (void)setlocale(LC_ALL, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
