/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hub/beacon.h"
#include "support/haste.h"

#define TURN_USEC (60 * UINT64_C(1000000)) /* after this a test fails */

/* The light, which notes what it shows. */
static enum light_sign shown;

void light_show(struct light *light, enum light_sign sign)
{
        (void)light;
        shown = sign;
}

struct world {
        sd_event *event;
        struct beacon *beacon;
        struct face face;
};

static int set_up(void **state)
{
        static struct world w;

        shown = LIGHT_OFF;
        haste = 1;
        assert_int_equal(sd_event_new(&w.event), 0);
        assert_int_equal(beacon_new(w.event, NULL, &w.beacon), 0);
        w.face = beacon_face(w.beacon);
        *state = &w;
        return 0;
}

static int tear_down(void **state)
{
        struct world *w = *state;

        haste = 1;
        w->beacon = beacon_free(w->beacon);
        w->event = sd_event_unref(w->event);
        return 0;
}

static void tell(struct world *w, unsigned which, enum event_status status, enum reason why)
{
        struct event event = {
                .status = status, .reason = why, .source = EVENT_SOURCE_BUTTON, .text = ""};

        (void)snprintf(event.transaction, sizeof(event.transaction), "%016x", which);
        w->face.handler->on_event(w->face.userdata, &event);
}

/* What passes has passed. */
static void pass(struct world *w)
{
        assert_true(sd_event_run(w->event, TURN_USEC) > 0);
}

static void test_beacon_follows_an_enrollment_from_the_window_to_its_end(void **state)
{
        struct world *w = *state;

        haste = 1000;
        w->face.handler->on_window_changed(w->face.userdata, 1769860845);
        assert_int_equal(shown, LIGHT_WAITING);
        tell(w, 1, EVENT_STARTED, REASON_NONE);
        assert_int_equal(shown, LIGHT_WAITING);
        tell(w, 1, EVENT_PREVIEW, REASON_NONE);
        assert_int_equal(shown, LIGHT_READ);
        tell(w, 1, EVENT_PROGRESS, REASON_NONE);
        assert_int_equal(shown, LIGHT_READ);
        pass(w);
        assert_int_equal(shown, LIGHT_WORKING);
        tell(w, 1, EVENT_SUCCESSFUL, REASON_NONE);
        assert_int_equal(shown, LIGHT_DONE);
        pass(w);
        assert_int_equal(shown, LIGHT_WAITING);
        w->face.handler->on_window_changed(w->face.userdata, 0);
        assert_int_equal(shown, LIGHT_OFF);
}

static void test_beacon_shows_a_failure_and_then_what_goes_on(void **state)
{
        struct world *w = *state;

        haste = 1000;
        tell(w, 1, EVENT_PROGRESS, REASON_NONE);
        tell(w, 2, EVENT_PROGRESS, REASON_NONE);
        tell(w, 1, EVENT_FAILED, REASON_DEVICE_NOT_FOUND);
        assert_int_equal(shown, LIGHT_FAILED);
        pass(w);
        assert_int_equal(shown, LIGHT_WORKING);
        tell(w, 2, EVENT_SUCCESSFUL, REASON_NONE);
        pass(w);
        assert_int_equal(shown, LIGHT_OFF);
        beacon_refuse(w->beacon);
        assert_int_equal(shown, LIGHT_FAILED);
        pass(w);
        assert_int_equal(shown, LIGHT_OFF);
}

static void test_beacon_shows_no_failure_where_there_is_none(void **state)
{
        static const enum reason none[] = {REASON_CANCELLED, REASON_STOPPING, REASON_IMAGE_NO_CODE};
        struct world *w = *state;

        for (size_t i = 0; i < ELEMENTSOF(none); i++) {
                tell(w, 1, EVENT_STARTED, REASON_NONE);
                assert_int_equal(shown, LIGHT_WAITING);
                tell(w, 1, EVENT_FAILED, none[i]);
                assert_int_equal(shown, LIGHT_OFF);
        }
}

static void test_beacon_is_silent_about_what_nobody_has_asked_for(void **state)
{
        const struct event events[] = {
                {.status = EVENT_PROGRESS, .source = EVENT_SOURCE_RESUME, .text = ""},
                {.status = EVENT_FAILED,
                 .source = EVENT_SOURCE_RESUME,
                 .text = "",
                 .reason = REASON_LINK_LOST},
        };
        struct world *w = *state;

        for (size_t i = 0; i < ELEMENTSOF(events); i++) {
                w->face.handler->on_event(w->face.userdata, &events[i]);
                assert_int_equal(shown, LIGHT_OFF);
        }
}

static void test_beacon_knows_as_many_enrollments_as_there_may_be_and_no_more(void **state)
{
        struct world *w = *state;

        haste = 1000;
        for (unsigned i = 0; i < 70; i++)
                tell(w, i, EVENT_PROGRESS, REASON_NONE);
        for (unsigned i = 0; i < 70; i++)
                tell(w, i, EVENT_FAILED, REASON_CANCELLED);
        pass(w);
        assert_int_equal(shown, LIGHT_OFF);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_beacon_follows_an_enrollment_from_the_window_to_its_end),
                TEST(test_beacon_shows_a_failure_and_then_what_goes_on),
                TEST(test_beacon_shows_no_failure_where_there_is_none),
                TEST(test_beacon_is_silent_about_what_nobody_has_asked_for),
                TEST(test_beacon_knows_as_many_enrollments_as_there_may_be_and_no_more),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
