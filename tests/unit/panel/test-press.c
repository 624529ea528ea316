/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "panel/press.h"
#include "util/defer.h"

#define MS(n) (UINT64_C(1000) * (n))

/* What a contact does at a time, in ms, and the verdict that it makes. */
struct record {
        int value;
        unsigned ms;
        enum press_verdict verdict;
};

#define N PRESS_NONE
#define S PRESS_SHORT
#define L PRESS_LONG

static void play(const struct record *records, size_t n)
{
        struct press press = {.is_down = false};

        for (size_t i = 0; i < n; i++)
                assert_int_equal(press_take(&press, records[i].value, MS(records[i].ms)),
                                 records[i].verdict);
}
#define PLAY(...)                                                                                  \
        play(((const struct record[]){__VA_ARGS__}),                                               \
             ELEMENTSOF(((const struct record[]){__VA_ARGS__})))

static void test_press_is_short_or_long_by_the_times_of_its_events(void **state)
{
        (void)state;
        PLAY({1, 1000, N}, {0, 1200, S}, {1, 5000, N}, {0, 7000, L}, {1, 9000, N}, {0, 10999, S});
}

static void test_press_that_repeats_is_long_while_it_is_held_and_once(void **state)
{
        (void)state;
        PLAY({1, 1000, N}, {2, 1250, N}, {2, 2999, N}, {2, 3000, L}, {2, 3030, N}, {0, 3500, N},
             {1, 4000, N}, {0, 4100, S});
}

static void test_press_that_bounces_at_its_beginning_is_one(void **state)
{
        (void)state;
        PLAY({1, 1000, N}, {0, 1002, N}, {1, 1004, N}, {0, 1006, N}, {1, 1010, N}, {0, 1300, S});
        PLAY({1, 1000, N}, {0, 1002, N}, {1, 1004, N}, {0, 3500, L});
}

static void test_press_that_bounces_at_its_end_is_one(void **state)
{
        (void)state;
        PLAY({1, 1000, N}, {0, 1300, S}, {1, 1303, N}, {0, 1305, N}, {1, 1310, N}, {0, 1312, N},
             {1, 1500, N}, {0, 1600, S});
        PLAY({1, 1000, N}, {0, 3300, L}, {1, 3303, N}, {0, 3305, N});
}

static void test_press_of_no_length_is_noise(void **state)
{
        (void)state;
        PLAY({1, 1000, N}, {0, 1005, N}, {1, 2000, N}, {0, 2029, N}, {1, 3000, N}, {0, 3030, S});
}

static void test_press_values_that_change_nothing_and_times_that_run_back_do_no_harm(void **state)
{
        (void)state;
        PLAY({0, 1000, N}, {2, 1001, N}, {1, 2000, N}, {1, 3900, N}, {0, 4000, L}, {0, 4100, N},
             {1, 5000, N}, {0, 10, N}, {7, 6000, N}, {-1, 6001, N}, {1, 7000, N}, {0, 7100, S});
}

static void test_press_that_is_held_before_anybody_listens_does_not_count(void **state)
{
        struct press press = {.is_down = false};

        (void)state;
        press_resume(&press, true);
        assert_int_equal(press_take(&press, 2, MS(9000)), PRESS_NONE);
        assert_int_equal(press_take(&press, 0, MS(9500)), PRESS_NONE);
        assert_int_equal(press_take(&press, 1, MS(9600)), PRESS_NONE);
        assert_int_equal(press_take(&press, 0, MS(9700)), PRESS_SHORT);
}

static void test_press_whose_events_were_lost_does_not_count(void **state)
{
        struct press press = {.is_down = false};

        (void)state;
        assert_int_equal(press_take(&press, 1, MS(1000)), PRESS_NONE);
        press_resume(&press, false);
        assert_int_equal(press_take(&press, 0, MS(4000)), PRESS_NONE);
        assert_int_equal(press_take(&press, 1, MS(5000)), PRESS_NONE);
        press_resume(&press, true);
        assert_int_equal(press_take(&press, 0, MS(9000)), PRESS_NONE);
        assert_int_equal(press_take(&press, 1, MS(9100)), PRESS_NONE);
        assert_int_equal(press_take(&press, 0, MS(11100)), PRESS_LONG);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_press_is_short_or_long_by_the_times_of_its_events),
                cmocka_unit_test(test_press_that_repeats_is_long_while_it_is_held_and_once),
                cmocka_unit_test(test_press_that_bounces_at_its_beginning_is_one),
                cmocka_unit_test(test_press_that_bounces_at_its_end_is_one),
                cmocka_unit_test(test_press_of_no_length_is_noise),
                cmocka_unit_test(
                        test_press_values_that_change_nothing_and_times_that_run_back_do_no_harm),
                cmocka_unit_test(test_press_that_is_held_before_anybody_listens_does_not_count),
                cmocka_unit_test(test_press_whose_events_were_lost_does_not_count),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
