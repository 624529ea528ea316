/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tool/errors.h"

static struct errors errors;

__attribute__((format(printf, 4, 5))) static void add(bool is_warning, size_t line, size_t column,
                                                      const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        errors_add(&errors, is_warning, line, column, format, arguments);
        va_end(arguments);
}

static int setup(void **state)
{
        (void)state;
        memset(&errors, 0, sizeof(errors));
        return 0;
}

static void test_errors_are_in_the_order_of_their_places(void **state)
{
        static const char *const expected[] = {"a", "b", "c", "d", "e"};

        (void)state;
        add(false, 2, 1, "c");
        add(false, 1, 9, "b");
        add(false, 2, 1, "d");
        add(true, 10, 1, "e");
        add(false, 1, 2, "a");
        assert_int_equal(errors.n_list, 5);
        assert_int_equal(errors.n_errors, 4);
        for (size_t i = 0; i < errors.n_list; i++)
                assert_string_equal(errors.list[i].text, expected[i]);
        assert_true(errors.list[4].is_warning);
}

static void test_errors_same_place_and_text_counts_once(void **state)
{
        (void)state;
        add(false, 1, 1, "a");
        add(false, 1, 1, "a");
        add(false, 1, 2, "a");
        add(false, 1, 1, "b");
        assert_int_equal(errors.n_list, 3);
        assert_int_equal(errors.n_errors, 3);
}

/* The first ones of the file are kept, whichever were found first. */
static void test_errors_beyond_the_list_are_counted(void **state)
{
        (void)state;
        for (size_t line = 2 * ERRORS_MAX; line > 0; line--)
                add(false, line, 1, "line %zu", line);
        assert_int_equal(errors.n_list, ERRORS_MAX);
        assert_int_equal(errors.n_left_out, ERRORS_MAX);
        assert_int_equal(errors.n_errors, 2 * ERRORS_MAX);
        for (size_t i = 0; i < ERRORS_MAX; i++)
                assert_int_equal(errors.list[i].line, i + 1);
        add(false, 2 * ERRORS_MAX + 1, 1, "last");
        assert_int_equal(errors.n_left_out, ERRORS_MAX + 1);
        assert_int_equal(errors.list[ERRORS_MAX - 1].line, ERRORS_MAX);
}

static void test_errors_text_has_no_controls(void **state)
{
        (void)state;
        add(false, 1, 1, "a\x1b[2J\x7f\n");
        assert_string_equal(errors.list[0].text, "a?[2J??");
        add(false, 2, 1, "\xc3\xa4\xe2\x80\xae\xc2\x9b\xc3");
        assert_string_equal(errors.list[1].text, "\xc3\xa4???");
}

static void test_errors_text_that_is_long_is_cut(void **state)
{
        char text[2 * ERRORS_TEXT_SIZE + 1] = "";
        size_t n;

        (void)state;
        for (size_t i = 0; i < ERRORS_TEXT_SIZE; i++)
                memcpy(text + 2 * i, "\xc3\xa4", 3);
        add(false, 1, 1, "%s", text);
        n = strlen(errors.list[0].text);
        assert_string_equal(errors.list[0].text + n - 5, "\xc3\xa4...");
        add(false, 2, 1, ".%s", text);
        n = strlen(errors.list[1].text);
        assert_string_equal(errors.list[1].text + n - 6, "\xc3\xa4?...");
        add(false, 3, 1, "%.*s", ERRORS_TEXT_SIZE - 2, text);
        assert_memory_equal(errors.list[2].text, text, ERRORS_TEXT_SIZE - 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_errors_are_in_the_order_of_their_places, setup),
                cmocka_unit_test_setup(test_errors_same_place_and_text_counts_once, setup),
                cmocka_unit_test_setup(test_errors_beyond_the_list_are_counted, setup),
                cmocka_unit_test_setup(test_errors_text_has_no_controls, setup),
                cmocka_unit_test_setup(test_errors_text_that_is_long_is_cut, setup),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
