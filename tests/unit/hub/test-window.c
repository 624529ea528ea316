/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hub/window.h"
#include "support/haste.h"
#include "util/log.h"
#include "util/time.h"

#define TURN_USEC (60 * UINT64_C(1000000)) /* after this a test fails */

/* The intake and the herald, which note what the window asks of them. */
static struct {
        enum reason refusal; /* of looks */
        const struct look_handler *look;
        void *userdata;
        enum event_source source;
        unsigned n_looks, n_ended, seconds, n_told;
        int64_t until;
} seen;

struct api_answer intake_look(struct intake *intake, enum event_source source, unsigned seconds,
                              const struct look_handler *handler, void *userdata)
{
        (void)intake;
        seen.n_looks++;
        if (seen.refusal != REASON_NONE)
                return api_refuse(seen.refusal);
        assert_null(seen.look);
        seen.look = handler;
        seen.userdata = userdata;
        seen.source = source;
        seen.seconds = seconds;
        return api_accept("0011223344556677");
}

void intake_end_look(struct intake *intake)
{
        (void)intake;
        seen.n_ended++;
        seen.look = NULL;
}

void herald_window_changed(struct herald *herald, int64_t until)
{
        (void)herald;
        seen.n_told++;
        seen.until = until;
}

struct world {
        sd_event *event;
        struct settings settings;
        struct window *window;
};

static int set_up(void **state)
{
        static struct world w;
        struct job_means means = {.settings = &w.settings};

        memset(&seen, 0, sizeof(seen));
        w.settings = (struct settings){.window_seconds = 120, .window_max = 300};
        assert_int_equal(sd_event_new(&w.event), 0);
        means.event = w.event;
        assert_int_equal(window_new(&means, NULL, &w.window), 0);
        haste = 1;
        *state = &w;
        return 0;
}

static int tear_down(void **state)
{
        struct world *w = *state;

        haste = 1;
        w->window = window_free(w->window);
        w->event = sd_event_unref(w->event);
        return 0;
}

static unsigned open_for(struct world *w, enum event_source source, unsigned seconds)
{
        const struct api_request request = {.source = source, .seconds = seconds};
        unsigned granted = 0;

        assert_int_equal(window_open(w->window, &request, &granted).reason, REASON_NONE);
        return granted;
}

/* The look ends; whether that is to be reported. */
static bool end_look(enum reason why)
{
        const struct look_handler *look = seen.look;

        assert_non_null(look);
        seen.look = NULL;
        return look->on_ended(seen.userdata, why);
}

static void turn(struct world *w)
{
        assert_true(sd_event_run(w->event, TURN_USEC) > 0);
}

static void test_window_is_open_for_the_time_that_is_asked_or_set_or_allowed(void **state)
{
        struct api_status status = {.scan_until = 5};
        struct world *w = *state;

        assert_false(window_is_open(w->window));
        window_status(w->window, &status);
        assert_int_equal(status.window_until, 0);
        assert_int_equal(status.scan_until, 5);
        assert_int_equal(open_for(w, EVENT_SOURCE_BUTTON, 0), 120);
        assert_int_equal(seen.seconds, 120);
        assert_int_equal(seen.source, EVENT_SOURCE_BUTTON);
        assert_int_equal(open_for(w, EVENT_SOURCE_MQTT, 600), 300);
        assert_int_equal(open_for(w, EVENT_SOURCE_DBUS, 30), 30);
        assert_int_equal(seen.n_looks, 1);
        assert_true(window_is_open(w->window));
        window_status(w->window, &status);
        assert_int_equal(status.window_until, seen.until);
        assert_int_equal(status.scan_until, seen.until);
        assert_int_equal(status.window_source, EVENT_SOURCE_DBUS);
}

static void test_window_ends_by_itself_and_ends_the_look(void **state)
{
        struct world *w = *state;

        haste = 100000;
        (void)open_for(w, EVENT_SOURCE_BUTTON, 0);
        assert_true(seen.until > 0);
        turn(w);
        assert_false(window_is_open(w->window));
        assert_int_equal(seen.n_ended, 1);
        assert_int_equal(seen.until, 0);
        assert_int_equal(window_close(w->window).reason, REASON_NONE);
        assert_int_equal(seen.n_told, 2);
}

static void test_window_looks_again_after_each_code(void **state)
{
        static const uint8_t one[] = "ENR1:1", other[] = "ENR1:2";
        struct world *w = *state;

        haste = 1000;
        w->settings.window_max = 300 * 1000;
        (void)open_for(w, EVENT_SOURCE_BUTTON, 300 * 1000);
        assert_true(seen.look->on_found(seen.userdata, one, sizeof(one)));
        assert_false(end_look(REASON_NONE));
        turn(w);
        assert_int_equal(seen.n_looks, 2);
        assert_false(seen.look->on_found(seen.userdata, one, sizeof(one)));
        assert_false(end_look(REASON_BUSY));
        turn(w);
        assert_int_equal(seen.n_looks, 3);
        assert_true(seen.look->on_found(seen.userdata, other, sizeof(other)));
        assert_true(window_is_open(w->window));
}

static void test_window_reports_once_that_there_is_no_camera_and_goes_on_trying(void **state)
{
        struct world *w = *state;

        haste = 1000;
        w->settings.window_max = 300 * 1000;
        (void)open_for(w, EVENT_SOURCE_MQTT, 300 * 1000);
        assert_true(end_look(REASON_CAMERA_MISSING));
        turn(w);
        assert_false(end_look(REASON_CAMERA_MISSING));
        turn(w);
        assert_false(end_look(REASON_IMAGE_NO_CODE));
        turn(w);
        assert_true(end_look(REASON_CAMERA_FAILED));
        turn(w);
        assert_int_equal(seen.n_looks, 5);
        assert_true(window_is_open(w->window));
}

static void test_window_waits_for_a_camera_in_use_and_refuses_without_a_reader(void **state)
{
        const struct api_request request = {.source = EVENT_SOURCE_BUTTON};
        struct world *w = *state;
        unsigned granted = 7;

        haste = 1000;
        w->settings.window_max = 300 * 1000;
        seen.refusal = REASON_READER_UNAVAILABLE;
        assert_int_equal(window_open(w->window, &request, &granted).reason,
                         REASON_READER_UNAVAILABLE);
        assert_false(window_is_open(w->window));
        assert_int_equal(granted, 7);
        assert_int_equal(seen.n_told, 0);
        seen.refusal = REASON_BUSY;
        (void)open_for(w, EVENT_SOURCE_BUTTON, 300 * 1000);
        turn(w);
        assert_int_equal(seen.n_looks, 3);
        seen.refusal = REASON_NONE;
        turn(w);
        assert_non_null(seen.look);
}

static void test_window_closes_when_its_look_is_cancelled(void **state)
{
        struct world *w = *state;

        (void)open_for(w, EVENT_SOURCE_DBUS, 0);
        assert_true(end_look(REASON_CANCELLED));
        assert_false(window_is_open(w->window));
        assert_int_equal(seen.until, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_window_is_open_for_the_time_that_is_asked_or_set_or_allowed),
                TEST(test_window_ends_by_itself_and_ends_the_look),
                TEST(test_window_looks_again_after_each_code),
                TEST(test_window_reports_once_that_there_is_no_camera_and_goes_on_trying),
                TEST(test_window_waits_for_a_camera_in_use_and_refuses_without_a_reader),
                TEST(test_window_closes_when_its_look_is_cancelled),
        };

        log_open("test-window", LOG_ERR);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
