/* SPDX-License-Identifier: Apache-2.0 */

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/text.h"
#include "util/defer.h"

static void test_ctl_text_only_what_a_terminal_may_see_stays(void **state)
{
        static const struct {
                const char *before, *after;
        } cases[] = {
                {"", ""},
                {"Thermo One", "Thermo One"},
                {"21 \xc2\xb0\x43, \xe6\xb8\xa9, \xf0\x9f\x8c\xa1",
                 "21 \xc2\xb0\x43, \xe6\xb8\xa9, \xf0\x9f\x8c\xa1"},
                {"a\033[1mb", "a?[1mb"},
                {"a\r\n\tb\x7f", "a???b?"},
                {"csi \xc2\x9b", "csi ?"},
                {"rtl \xe2\x80\xae x", "rtl ? x"},
                {"zero \xe2\x80\x8b width", "zero ? width"},
                {"over \xc0\xaf long", "over ?? long"},
                {"half \xe6\xb8", "half ??"},
                {"\xed\xa0\x80", "???"},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char *text = strdup(cases[i].before);

                text_make_printable(text);
                assert_string_equal(text, cases[i].after);
                free(text);
        }
}

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
                cmocka_unit_test(test_ctl_text_only_what_a_terminal_may_see_stays),
                cmocka_unit_test(test_ctl_text_width_counts_columns_not_bytes),
                cmocka_unit_test(test_ctl_text_fit_never_splits_a_character),
        };

        (void)setlocale(LC_ALL, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
