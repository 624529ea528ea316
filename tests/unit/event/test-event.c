/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "event/event.h"

static void test_event_every_status_has_a_name_that_leads_back(void **state)
{
        (void)state;
        for (int i = 0; i < EVENT_STATUS_MAX; i++) {
                enum event_status back = EVENT_STATUS_MAX;

                assert_true(strlen(event_status_name((enum event_status)i)) > 0);
                assert_int_equal(
                        event_status_from_name(event_status_name((enum event_status)i), &back), 0);
                assert_int_equal(back, i);
        }
}

static void test_event_every_source_has_a_name_that_leads_back(void **state)
{
        (void)state;
        for (int i = EVENT_SOURCE_NONE + 1; i < EVENT_SOURCE_MAX; i++) {
                assert_true(strlen(event_source_name((enum event_source)i)) > 0);
                assert_int_equal(event_source_from_name(event_source_name((enum event_source)i)),
                                 i);
        }
        assert_string_equal(event_source_name(EVENT_SOURCE_NONE), "");
        assert_string_equal(event_source_name(EVENT_SOURCE_RESUME), "resume");
}

static void test_event_every_step_has_a_name_and_a_title(void **state)
{
        (void)state;
        for (int i = 0; i <= EVENT_STEPS; i++) {
                assert_true(strlen(event_step_name((enum event_step)i)) > 0);
                assert_true(strlen(event_step_title((enum event_step)i)) > 0);
        }
        assert_string_equal(event_step_name(EVENT_STEP_CODE), "code");
}

static void test_event_what_has_no_name_is_empty(void **state)
{
        static const int bad[] = {-1, 99, INT32_MAX, INT32_MIN};

        (void)state;
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                assert_string_equal(event_status_name((enum event_status)bad[i]), "");
                assert_string_equal(event_step_name((enum event_step)bad[i]), "");
                assert_string_equal(event_step_title((enum event_step)bad[i]), "");
                assert_string_equal(event_source_name((enum event_source)bad[i]), "");
        }
}

static void test_event_unknown_names_are_refused(void **state)
{
        static const char *const bad[] = {"", "Started", "progres", "resumed", "camera "};
        enum event_status status = EVENT_PREVIEW;

        (void)state;
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                assert_int_equal(event_status_from_name(bad[i], &status), -EINVAL);
                assert_int_equal(event_source_from_name(bad[i]), EVENT_SOURCE_NONE);
        }
        assert_int_equal(status, EVENT_PREVIEW);
}

static void test_event_only_success_and_failure_end_an_enrollment(void **state)
{
        (void)state;
        for (int i = 0; i < EVENT_STATUS_MAX; i++) {
                const struct event event = {.status = (enum event_status)i};

                assert_int_equal(event_is_over(&event), i == EVENT_SUCCESSFUL || i == EVENT_FAILED);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_event_every_status_has_a_name_that_leads_back),
                cmocka_unit_test(test_event_every_source_has_a_name_that_leads_back),
                cmocka_unit_test(test_event_every_step_has_a_name_and_a_title),
                cmocka_unit_test(test_event_what_has_no_name_is_empty),
                cmocka_unit_test(test_event_unknown_names_are_refused),
                cmocka_unit_test(test_event_only_success_and_failure_end_an_enrollment),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
