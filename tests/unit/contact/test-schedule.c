/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "contact/schedule.h"

#define LOOK (30 * SCHEDULE_SECOND)

static void test_schedule_pauses_double_up_to_the_longest(void **state)
{
        static const unsigned minutes[] = {1, 2, 4, 4, 4};
        struct schedule s;
        uint64_t now = 7;

        (void)state;
        schedule_init(&s, now);
        assert_false(schedule_turn(&s, now, LOOK));
        assert_int_equal(s.next, now + SCHEDULE_FIRST);
        for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
                now = s.next;
                assert_true(schedule_turn(&s, now, LOOK));
                assert_true(schedule_turn(&s, now + LOOK - 1, LOOK));
                now += LOOK;
                assert_int_equal(s.next, now);
                assert_false(schedule_turn(&s, now, LOOK));
                assert_int_equal(s.next, now + minutes[i] * 60 * SCHEDULE_SECOND);
        }
}

/* Two devices that have nothing to do with each other. */
static void test_schedule_of_one_device_is_not_that_of_another(void **state)
{
        struct schedule dead, back;
        uint64_t now = 0;

        (void)state;
        schedule_init(&dead, now);
        schedule_init(&back, now);
        for (unsigned i = 0; i < 9; i++) {
                now = dead.next;
                (void)schedule_turn(&dead, now, LOOK);
                (void)schedule_turn(&back, now, LOOK);
        }
        schedule_soon(&back, now + 1);
        assert_true(schedule_turn(&back, now + 1, LOOK));
        assert_int_equal(back.next, now + 1 + LOOK);
        assert_int_equal(back.pause, SCHEDULE_PAUSE_MIN);
        assert_true(dead.pause > back.pause);
}

static void test_schedule_rests_after_a_failure_unless_there_is_news(void **state)
{
        struct schedule s;

        (void)state;
        schedule_init(&s, 0);
        assert_true(schedule_may_try(&s, 1));
        assert_true(schedule_turn(&s, SCHEDULE_FIRST, LOOK));
        schedule_fail(&s, SCHEDULE_FIRST + 1);
        assert_false(s.looks);
        assert_int_equal(s.next, SCHEDULE_FIRST + 1 + SCHEDULE_PAUSE_MIN);
        assert_false(schedule_may_try(&s, SCHEDULE_FIRST + SCHEDULE_REST));
        assert_true(schedule_may_try(&s, SCHEDULE_FIRST + 1 + SCHEDULE_REST));
        schedule_soon(&s, SCHEDULE_FIRST + 2);
        assert_true(schedule_may_try(&s, SCHEDULE_FIRST + 2));
        assert_true(schedule_turn(&s, SCHEDULE_FIRST + 2, LOOK));
}

static void test_schedule_is_more_often_again_when_somebody_is_there(void **state)
{
        struct schedule s;
        uint64_t now = 0;

        (void)state;
        schedule_init(&s, now);
        for (unsigned i = 0; i < 20; i++) {
                now = s.next;
                (void)schedule_turn(&s, now, LOOK);
        }
        assert_int_equal(s.next, now + SCHEDULE_PAUSE_MAX);
        schedule_often(&s, now);
        assert_int_equal(s.next, now + SCHEDULE_PAUSE_MIN);
        schedule_often(&s, now + 1);
        assert_int_equal(s.next, now + SCHEDULE_PAUSE_MIN); /* and no later */
        assert_int_equal(s.pause, SCHEDULE_PAUSE_MIN);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_schedule_pauses_double_up_to_the_longest),
                cmocka_unit_test(test_schedule_of_one_device_is_not_that_of_another),
                cmocka_unit_test(test_schedule_rests_after_a_failure_unless_there_is_news),
                cmocka_unit_test(test_schedule_is_more_often_again_when_somebody_is_there),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
