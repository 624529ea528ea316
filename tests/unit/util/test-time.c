/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/wall.h"
#include "util/defer.h"
#include "util/time.h"

static void test_time_text_is_rfc_3339(void **state)
{
        static const struct {
                int64_t time;
                const char *text;
        } cases[] = {
                {0, "1970-01-01T00:00:00Z"},          {1769860800, "2026-01-31T12:00:00Z"},
                {951782399, "2000-02-28T23:59:59Z"},  {951782400, "2000-02-29T00:00:00Z"},
                {4102444800, "2100-01-01T00:00:00Z"}, {-1, "1969-12-31T23:59:59Z"},
        };
        char text[TIME_TEXT_SIZE];

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                assert_string_equal(time_text(cases[i].time, text), cases[i].text);
}

static void test_time_that_no_calendar_has_is_the_epoch(void **state)
{
        char text[TIME_TEXT_SIZE];

        (void)state;
        assert_string_equal(time_text(INT64_MAX, text), "1970-01-01T00:00:00Z");
        assert_string_equal(time_text(INT64_MIN, text), "1970-01-01T00:00:00Z");
}

static void test_time_that_is_shown_follows_the_clock_that_is_set(void **state)
{
        uint64_t before = time_now_usec(), soon = before + 3600 * UINT64_C(1000000);
        int64_t now = time_shown(before), then = time_shown(soon);

        (void)state;
        assert_in_range(then - now, 3599, 3601);
        wall_ahead_sec = 100000;
        assert_in_range(time_shown(soon) - then, 99999, 100001);
        wall_ahead_sec = -100000;
        assert_in_range(then - time_shown(soon), 99999, 100001);
        wall_ahead_sec = 0;
        assert_true(time_now_usec() >= before);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_time_text_is_rfc_3339),
                cmocka_unit_test(test_time_that_no_calendar_has_is_the_epoch),
                cmocka_unit_test(test_time_that_is_shown_follows_the_clock_that_is_set),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
