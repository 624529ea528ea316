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

static void assert_wrapped(const char *text, size_t columns, size_t indent, const char *expected)
{
        char *wrapped = text_wrap(text, columns, indent);

        assert_string_equal(wrapped, expected);
        free(wrapped);
}

static void test_ctl_text_wrap_ends_lines_between_words(void **state)
{
        (void)state;
        assert_wrapped("one two three", 0, 4, "one two three");
        assert_wrapped("one two three", 13, 4, "one two three");
        assert_wrapped("one two three", 12, 0, "one two\nthree");
        assert_wrapped("one two three", 12, 2, "one two\n  three");
        assert_wrapped("one  two", 5, 0, "one\ntwo");
        assert_wrapped("21 \xc2\xb0\x43 now", 5, 0, "21 \xc2\xb0\x43\nnow");
        assert_wrapped("", 5, 0, "");
        assert_wrapped("a ", 5, 0, "a ");
}

static void test_ctl_text_wrap_splits_what_no_line_holds(void **state)
{
        (void)state;
        assert_wrapped("0123456789", 4, 0, "0123\n4567\n89");
        assert_wrapped("a 0123456789", 6, 2, "a\n  0123\n  4567\n  89");
        assert_wrapped("0123", 2, 6, "01\n23"); /* no room for the indent */
        assert_wrapped("\xe6\xb8\xa9\xe6\xb8\xa9", 3, 0, "\xe6\xb8\xa9\n\xe6\xb8\xa9");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ctl_text_width_counts_columns_not_bytes),
                cmocka_unit_test(test_ctl_text_fit_never_splits_a_character),
                cmocka_unit_test(test_ctl_text_wrap_ends_lines_between_words),
                cmocka_unit_test(test_ctl_text_wrap_splits_what_no_line_holds),
        };

        (void)setlocale(LC_ALL, "C.UTF-8");
        return cmocka_run_group_tests(tests, NULL, NULL);
}
