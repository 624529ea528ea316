/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tool/functions.h"

static void test_functions_that_are_not_known_allow_any(void **state)
{
        struct functions f = {.known = false};

        (void)state;
        assert_true(functions_allow(&f, 1));
        assert_true(functions_allow(&f, FUNCTIONS_MAX));
        assert_true(functions_add(&f, FUNCTIONS_MAX));
        assert_false(functions_allow(&f, 1));
        assert_true(functions_allow(&f, FUNCTIONS_MAX));
        assert_false(functions_allow(&f, FUNCTIONS_MAX + 1));
}

static void test_functions_of_other_numbers_are_refused(void **state)
{
        struct functions f = {.known = false};

        (void)state;
        assert_false(functions_add(&f, 0));
        assert_false(functions_add(&f, -1));
        assert_false(functions_add(&f, FUNCTIONS_MAX + 1));
        assert_false(f.known);
}

static void test_functions_are_named_as_far_as_they_fit(void **state)
{
        struct functions f = {.known = false};
        char text[FUNCTIONS_TEXT_SIZE];

        (void)state;
        functions_name(&f, text);
        assert_string_equal(text, "");
        assert_true(functions_add(&f, 4) && functions_add(&f, 1));
        functions_name(&f, text);
        assert_string_equal(text, "1, 4");
        for (unsigned i = 1; i <= FUNCTIONS_MAX; i++)
                assert_true(functions_add(&f, i));
        functions_name(&f, text);
        assert_string_equal(text + strlen(text) - 5, ", ...");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_functions_that_are_not_known_allow_any),
                cmocka_unit_test(test_functions_of_other_numbers_are_refused),
                cmocka_unit_test(test_functions_are_named_as_far_as_they_fit),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
