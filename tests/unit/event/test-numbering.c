/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/numbering.h"

static const uint8_t first[MESSAGE_BOOT_ID_BYTES] = {1}, second[MESSAGE_BOOT_ID_BYTES] = {2};

static void test_numbering_takes_each_number_once(void **state)
{
        struct numbering n = {0};

        (void)state;
        for (uint32_t i = 0; i < 100; i++) {
                assert_true(numbering_take(&n, first, i));
                assert_false(numbering_take(&n, first, i));
                assert_false(numbering_take(&n, first, i / 2));
        }
        assert_int_equal(numbering_report(&n), 0);
}

static void test_numbering_counts_those_that_are_left_out_once(void **state)
{
        struct numbering n = {0};

        (void)state;
        assert_true(numbering_take(&n, first, 0));
        assert_true(numbering_take(&n, first, 4));
        assert_int_equal(numbering_report(&n), 3);
        assert_int_equal(numbering_report(&n), 0);
        assert_true(numbering_take(&n, first, 5));
        assert_int_equal(numbering_report(&n), 0);
}

static void test_numbering_takes_what_comes_late(void **state)
{
        struct numbering n = {0};

        (void)state;
        assert_true(numbering_take(&n, first, 0));
        assert_true(numbering_take(&n, first, 3));
        assert_true(numbering_take(&n, first, 1));
        assert_false(numbering_take(&n, first, 1));
        assert_int_equal(numbering_report(&n), 1);
        assert_true(numbering_take(&n, first, 5));
        assert_true(numbering_take(&n, first, 2)); /* after it was reported */
        assert_int_equal(numbering_report(&n), 1); /* the other one */
}

static void test_numbering_forgets_what_is_long_ago(void **state)
{
        struct numbering n = {0};

        (void)state;
        assert_true(numbering_take(&n, first, 0));
        assert_true(numbering_take(&n, first, NUMBERING_WINDOW + 1));
        assert_false(numbering_take(&n, first, 1)); /* it may have been */
        assert_true(numbering_take(&n, first, 2));
        assert_int_equal(numbering_report(&n), NUMBERING_WINDOW - 1);
        assert_true(numbering_take(&n, first, UINT32_MAX));
        assert_false(numbering_take(&n, first, UINT32_MAX));
        assert_false(numbering_take(&n, first, 2));
        assert_true(numbering_take(&n, first, UINT32_MAX - 1));
}

static void test_numbering_begins_anew_with_each_start_of_the_device(void **state)
{
        struct numbering n = {0};

        (void)state;
        assert_true(numbering_take(&n, first, 7)); /* what was before was not for this hub */
        assert_int_equal(numbering_report(&n), 0);
        assert_true(numbering_take(&n, second, 7)); /* and this was */
        assert_int_equal(numbering_report(&n), 7);
        assert_true(numbering_take(&n, first, 0));
        assert_int_equal(numbering_report(&n), 0);
}

/* The hub was killed after it had taken more than it remembers. */
static void test_numbering_that_is_old_takes_nothing_again_and_misses_nothing(void **state)
{
        struct numbering n = {0}, old;

        (void)state;
        for (uint32_t i = 0; i < 5; i++)
                assert_true(numbering_take(&n, first, i));
        n.is_old = true;
        old = n;
        assert_false(numbering_take(&old, first, 3));
        assert_true(numbering_take(&old, first, 6)); /* now it is followed */
        assert_int_equal(numbering_report(&old), 1);
        old = n;
        assert_true(numbering_take(&old, first, 9));
        assert_int_equal(numbering_report(&old), 0);
        assert_true(numbering_take(&old, first, 11));
        assert_int_equal(numbering_report(&old), 1);
        old = n;
        assert_true(numbering_take(&old, second, 2));
        assert_int_equal(numbering_report(&old), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_numbering_takes_each_number_once),
                cmocka_unit_test(test_numbering_counts_those_that_are_left_out_once),
                cmocka_unit_test(test_numbering_takes_what_comes_late),
                cmocka_unit_test(test_numbering_forgets_what_is_long_ago),
                cmocka_unit_test(test_numbering_begins_anew_with_each_start_of_the_device),
                cmocka_unit_test(test_numbering_that_is_old_takes_nothing_again_and_misses_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
