/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/condition.h"
#include "support/wall.h"
#include "util/time.h"

static void test_condition_stands_until_it_is_over(void **state)
{
        struct conditions c = {0};

        (void)state;
        assert_false(condition_is_open(&c, REASON_STORE_FULL));
        assert_true(condition_set(&c, REASON_STORE_FULL, true, 100));
        assert_true(condition_is_open(&c, REASON_STORE_FULL));
        assert_false(condition_is_open(&c, REASON_STORE_FAILED));
        assert_true(condition_set(&c, REASON_STORE_FULL, false, 200));
        assert_false(condition_is_open(&c, REASON_STORE_FULL));
        assert_int_equal(condition_since(&c, REASON_STORE_FULL), 0);
}

static void test_condition_said_twice_keeps_when_it_began(void **state)
{
        struct conditions c = {0};

        (void)state;
        assert_true(condition_set(&c, REASON_ADAPTER_OFF, true, 100));
        assert_false(condition_set(&c, REASON_ADAPTER_OFF, true, 200));
        assert_int_equal(c.of[REASON_ADAPTER_OFF].since, 100);
        assert_true(condition_set(&c, REASON_ADAPTER_OFF, false, 300));
        assert_false(condition_set(&c, REASON_ADAPTER_OFF, false, 400));
}

static void test_condition_what_is_not_in_the_table_is_ignored(void **state)
{
        static const int others[] = {REASON_NONE, REASON_BUSY, REASON_MAX, -1, 1000};
        struct conditions c = {0};

        (void)state;
        assert_true(condition_known(REASON_NO_SUBSCRIBER));
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
                enum reason reason = (enum reason)others[i];

                assert_false(condition_known(reason));
                assert_false(condition_set(&c, reason, true, 1));
                assert_false(condition_is_open(&c, reason));
                assert_int_equal(condition_since(&c, reason), 0);
        }
        assert_int_equal(condition_next_open(&c, REASON_NONE), REASON_NONE);
}

static void test_condition_one_takes_the_place_of_another(void **state)
{
        enum reason adapter = REASON_BLUETOOTH_DISABLED; /* not in the table */
        struct conditions c = {0};

        (void)state;
        assert_true(condition_replace(&c, &adapter, REASON_ADAPTER_MISSING, 1));
        assert_true(condition_is_open(&c, REASON_ADAPTER_MISSING));
        assert_false(condition_replace(&c, &adapter, REASON_ADAPTER_MISSING, 2));
        assert_int_equal(c.of[REASON_ADAPTER_MISSING].since, 1);
        assert_true(condition_replace(&c, &adapter, REASON_ADAPTER_OFF, 3));
        assert_false(condition_is_open(&c, REASON_ADAPTER_MISSING));
        assert_true(condition_is_open(&c, REASON_ADAPTER_OFF));
        assert_true(condition_replace(&c, &adapter, REASON_NONE, 4));
        assert_int_equal(adapter, REASON_NONE);
        assert_int_equal(condition_next_open(&c, REASON_NONE), REASON_NONE);
}

/* It began in 1970, by a clock that has been set since. */
static void test_condition_since_follows_the_clock(void **state)
{
        struct conditions c = {0};
        int64_t before;

        (void)state;
        assert_true(condition_set(&c, REASON_ADAPTER_OFF, true, time_now_usec()));
        before = condition_since(&c, REASON_ADAPTER_OFF);
        wall_ahead_sec = 1000000;
        assert_in_range(condition_since(&c, REASON_ADAPTER_OFF) - before, 999999, 1000001);
        wall_ahead_sec = -1000000;
        assert_in_range(before - condition_since(&c, REASON_ADAPTER_OFF), 999999, 1000001);
        wall_ahead_sec = 0;
}

static void test_condition_walks_meet_each_one_once(void **state)
{
        struct conditions c = {0};
        unsigned n_known = 0, n_open = 0;
        enum reason reason;

        (void)state;
        (void)condition_set(&c, REASON_READER_UNAVAILABLE, true, 1);
        (void)condition_set(&c, REASON_NO_SUBSCRIBER, true, 2);
        for (reason = condition_next_known(REASON_NONE); reason != REASON_NONE;
             reason = condition_next_known(reason)) {
                assert_true(condition_known(reason));
                n_known++;
        }
        assert_int_equal(n_known, 20);
        for (reason = condition_next_open(&c, REASON_NONE); reason != REASON_NONE;
             reason = condition_next_open(&c, reason)) {
                assert_true(condition_is_open(&c, reason));
                n_open++;
        }
        assert_int_equal(n_open, 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_condition_stands_until_it_is_over),
                cmocka_unit_test(test_condition_said_twice_keeps_when_it_began),
                cmocka_unit_test(test_condition_what_is_not_in_the_table_is_ignored),
                cmocka_unit_test(test_condition_one_takes_the_place_of_another),
                cmocka_unit_test(test_condition_since_follows_the_clock),
                cmocka_unit_test(test_condition_walks_meet_each_one_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
