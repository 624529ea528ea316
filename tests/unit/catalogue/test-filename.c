/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "catalogue/filename.h"

static void test_filename_has_the_suffix_and_is_not_hidden(void **state)
{
        (void)state;
        assert_true(filename_is_catalogue("a.catalogue"));
        assert_true(filename_is_catalogue("a.b.catalogue"));
        assert_false(filename_is_catalogue(".catalogue"));
        assert_false(filename_is_catalogue(".a.catalogue"));
        assert_false(filename_is_catalogue("a.catalogue~"));
        assert_false(filename_is_catalogue("catalogue"));
        assert_false(filename_is_catalogue(""));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_filename_has_the_suffix_and_is_not_hidden),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
