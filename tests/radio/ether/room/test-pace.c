/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "room/pace.h"

static void test_pace_begins_at_zero(void **state)
{
        struct pace pace = pace_new(1000, 2);

        (void)state;
        assert_int_equal(pace_now(&pace, 1000), 0);
        assert_int_equal(pace_now(&pace, 999), 0);
        assert_int_equal(pace_now(&pace, 1500), 1000);
        assert_int_equal(pace_when(&pace, 1000), 1500);
        assert_int_equal(pace_when(&pace, 0), 1000);
        assert_int_equal(pace_when(&pace, UINT64_MAX), UINT64_MAX);
}

static void test_pace_changes_without_a_jump(void **state)
{
        struct pace pace = pace_new(0, 1);

        (void)state;
        pace_change(&pace, 700, 10);
        assert_int_equal(pace_now(&pace, 700), 700);
        assert_int_equal(pace_now(&pace, 701), 710);
        pace_change(&pace, 710, 0.5);
        assert_int_equal(pace_now(&pace, 701), 710);
        assert_int_equal(pace_now(&pace, 703), 711);
        assert_int_equal(pace_when(&pace, 711), 703);
}

static void test_pace_is_there_when_it_said(void **state)
{
        static const double factors[] = {0.001, 0.3, 1, 1.1, 7, 1000};

        (void)state;
        for (size_t i = 0; i < sizeof(factors) / sizeof(factors[0]); i++) {
                struct pace pace = pace_new(123456789, factors[i]);

                for (uint64_t t = 1; t < UINT64_C(100000000000); t = t * 3 + 1) {
                        uint64_t when = pace_when(&pace, t);

                        assert_true(pace_now(&pace, when) + 1 >= t);
                        assert_true(pace_now(&pace, when + 1) >= t);
                        assert_true(pace_now(&pace, when - 1) <= t);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_pace_begins_at_zero),
                cmocka_unit_test(test_pace_changes_without_a_jump),
                cmocka_unit_test(test_pace_is_there_when_it_said),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
