/* SPDX-License-Identifier: Apache-2.0 */

/* When devices of each kind are due to be visited, and when they are not there any more. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/timetable.h"

#define SECOND  UINT64_C(1000000)
#define START   (7 * SECOND)
#define SETTING 90000

static const uint8_t first[STORE_DEVICE_ID_BYTES]; /* which has no spread */

static struct timetable begin(enum store_presence presence, uint32_t period_s, uint32_t sleep_s,
                              uint32_t offline_after_s)
{
        const struct timetable_terms terms = {presence, sleep_s, period_s, offline_after_s};
        struct timetable t;

        timetable_init(&t, &terms, first, START);
        assert_true(t.offline == TIMETABLE_NEVER); /* it has not been heard */
        return t;
}

static void test_timetable_period_is_the_shortest_of_what_is_reported(void **state)
{
        static const struct store_channel channels[] = {
                {.direction = STORE_PUBLISH, .every_s = 300},
                {.direction = STORE_COMMAND, .every_s = 10},
                {.direction = STORE_BOTH, .every_s = 60},
                {.direction = STORE_PUBLISH, .every_s = 0},
        };

        (void)state;
        assert_int_equal(timetable_period(channels, 4), 60);
        assert_int_equal(timetable_period(channels, 2), 300);
        assert_int_equal(timetable_period(channels + 3, 1), 0);
        assert_int_equal(timetable_period(channels, 0), 0);
}

static void test_timetable_a_report_is_late_after_two_periods(void **state)
{
        static const enum store_presence presences[] = {STORE_MAINS, STORE_PRESENCE_UNKNOWN};

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                struct timetable t = begin(presences[i], 60, 0, SETTING);
                uint64_t now = START + 100 * SECOND;

                assert_true(t.due > START && t.due <= START + 60 * SECOND); /* soon */
                timetable_report(&t, now);
                assert_true(t.due == now + 120 * SECOND);
                timetable_hear(&t, now + SECOND); /* it is there, but has not reported */
                assert_true(t.due == now + 120 * SECOND);
                assert_true(t.offline == now + 181 * SECOND);
        }
}

static void test_timetable_one_that_sleeps_comes_by_itself(void **state)
{
        struct timetable t = begin(STORE_SLEEPS, 60, 3600, SETTING);

        (void)state;
        assert_true(t.due == TIMETABLE_NEVER);
        timetable_report(&t, START);
        timetable_hear(&t, START);
        assert_true(t.due == TIMETABLE_NEVER);
        assert_true(t.offline == START + 3 * 3600 * SECOND);
        t = begin(STORE_SLEEPS, 7200, 3600, SETTING);
        timetable_hear(&t, START);
        assert_true(t.offline == START + 3 * 7200 * SECOND);
}

static void test_timetable_one_on_the_mains_is_due_when_it_is_quiet(void **state)
{
        struct timetable t = begin(STORE_MAINS, 0, 0, SETTING);

        (void)state;
        assert_true(t.due <= START + 60 * SECOND);
        timetable_hear(&t, START);
        assert_true(t.due == START + TIMETABLE_QUIET_S * SECOND);
        timetable_hear(&t, START + 5 * SECOND);
        assert_true(t.due == START + (5 + TIMETABLE_QUIET_S) * SECOND);
        assert_true(t.offline == START + (5 + SETTING) * SECOND);
}

static void test_timetable_without_any_period_the_setting_decides(void **state)
{
        struct timetable t = begin(STORE_PRESENCE_UNKNOWN, 0, 0, SETTING);

        (void)state;
        assert_true(t.due == TIMETABLE_NEVER);
        timetable_hear(&t, START);
        assert_true(t.offline == START + SETTING * SECOND);
        assert_true(t.due == TIMETABLE_NEVER);
        t = begin(STORE_PRESENCE_UNKNOWN, 0, 0, 0);
        timetable_hear(&t, START);
        assert_true(t.offline == TIMETABLE_NEVER);
}

static void test_timetable_gives_a_short_period_time_enough(void **state)
{
        struct timetable t = begin(STORE_PRESENCE_UNKNOWN, 1, 0, SETTING);

        (void)state;
        timetable_hear(&t, START);
        assert_true(t.offline == START + TIMETABLE_SILENCE_S * SECOND);
}

/* A thousand thermometers of one kind that have all reported at once. */
static void test_timetable_spreads_devices_of_one_kind(void **state)
{
        const struct timetable_terms terms = {.presence = STORE_MAINS, .period_s = 60};
        size_t n[10] = {0};

        (void)state;
        for (uint32_t i = 0; i < 1000; i++) {
                uint8_t id[STORE_DEVICE_ID_BYTES] = {0};
                uint32_t hash = i * UINT32_C(2654435761); /* as good as an identifier */
                struct timetable t, again;

                memcpy(id, &hash, sizeof(hash));
                timetable_init(&t, &terms, id, START);
                timetable_init(&again, &terms, id, START);
                assert_true(t.due == again.due);
                timetable_report(&t, START);
                assert_true(t.due >= START + 120 * SECOND);
                n[(t.due - START - 120 * SECOND) * 10 / (15 * SECOND)]++;
        }
        for (size_t i = 0; i < 10; i++)
                assert_in_range(n[i], 80, 120);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_timetable_period_is_the_shortest_of_what_is_reported),
                cmocka_unit_test(test_timetable_a_report_is_late_after_two_periods),
                cmocka_unit_test(test_timetable_one_that_sleeps_comes_by_itself),
                cmocka_unit_test(test_timetable_one_on_the_mains_is_due_when_it_is_quiet),
                cmocka_unit_test(test_timetable_without_any_period_the_setting_decides),
                cmocka_unit_test(test_timetable_gives_a_short_period_time_enough),
                cmocka_unit_test(test_timetable_spreads_devices_of_one_kind),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
