/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "enrollment/course.h"
#include "support/haste.h"
#include "support/link-fixture.h"
#include "util/time.h"

#define SECOND UINT64_C(1000000)

static size_t n_waiting;

static void on_waiting(void *userdata)
{
        (void)userdata;
        n_waiting++;
}

static const struct course_handler handler = {on_waiting};

static sd_event *begin(struct course *c)
{
        sd_event *event = NULL;

        haste = 1000;
        n_waiting = 0;
        assert_true(sd_event_new(&event) >= 0);
        assert_int_equal(course_init(c, event, time_now_usec(), &handler, NULL), 0);
        return event;
}

static void end(struct course *c, sd_event *event)
{
        course_done(c);
        (void)sd_event_unref(event);
        haste = 1;
}

static void test_course_is_said_while_a_step_waits_and_only_then(void **state)
{
        struct course course;
        sd_event *event = begin(&course);

        (void)state;
        loop_settle(event);
        assert_int_equal(n_waiting, 0);
        course_begin(&course, EVENT_STEP_FIND, 60);
        assert_int_equal(course.step, EVENT_STEP_FIND);
        loop_until(event, &n_waiting, 3);
        course_stop(&course);
        n_waiting = 0;
        loop_settle(event);
        assert_int_equal(n_waiting, 0);
        course_begin(&course, EVENT_STEP_CONNECT, 0);
        loop_until(event, &n_waiting, 1);
        end(&course, event);
}

/* A step that has begun 100 s ago: the clock is not waited for. */
static void test_course_text_has_the_limit_where_there_is_one(void **state)
{
        struct course course;
        sd_event *event = begin(&course);
        char text[COURSE_TEXT_SIZE];
        unsigned waited, limit;

        (void)state;
        course_begin(&course, EVENT_STEP_CONNECT, 0);
        course.began_usec -= 100 * SECOND;
        assert_true(course_waited_sec(&course) >= 100);
        assert_true(course_ms(&course) >= 100000);
        course_waiting_text(&course, text);
        assert_int_equal(sscanf(text, "waiting, %u s", &waited), 1);
        assert_true(waited >= 100);
        course_wait_on(&course, 20);
        course_waiting_text(&course, text);
        assert_int_equal(sscanf(text, "waiting, %u of %u s", &waited, &limit), 2);
        assert_true(limit >= 120);
        course_wait_on(&course, 0);
        course_waiting_text(&course, text);
        assert_int_equal(sscanf(text, "waiting, %u of %u s", &waited, &limit), 1);
        end(&course, event);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_course_is_said_while_a_step_waits_and_only_then),
                cmocka_unit_test(test_course_text_has_the_limit_where_there_is_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
