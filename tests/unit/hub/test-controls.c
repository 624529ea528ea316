/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hub/beacon.h"
#include "hub/controls.h"
#include "panel/buttons.h"
#include "util/log.h"

/* The panel, the window, the herald and the desk, which note what the controls ask of them. */
static struct {
        const struct buttons_handler *buttons;
        const struct light_handler *light;
        void *userdata;
        bool is_open;
        enum reason refusal; /* of opening the window */
        enum event_source source;
        unsigned n_opened, n_closed, n_refused, n_faces, n_changed;
        size_t n_running; /* enrollments */
        char cancelled[EVENT_TRANSACTION_CHARS + 1];
} seen;

int buttons_new(sd_event *event, const char *device, unsigned key,
                const struct buttons_handler *handler, void *userdata, struct buttons **ret_buttons)
{
        (void)event;
        assert_string_equal(device, "auto");
        assert_int_equal(key, 28);
        seen.buttons = handler;
        seen.userdata = userdata;
        *ret_buttons = NULL;
        return 0;
}

struct buttons *buttons_free(struct buttons *buttons)
{
        assert_null(buttons);
        return NULL;
}

size_t buttons_count(const struct buttons *buttons)
{
        assert_null(buttons);
        return 2;
}

enum reason buttons_state(const struct buttons *buttons)
{
        assert_null(buttons);
        return REASON_BUTTON_UNAVAILABLE;
}

int light_new(sd_event *event, const char *root, const char *name,
              const struct light_handler *handler, void *userdata, struct light **ret_light)
{
        (void)event;
        (void)userdata;
        assert_string_equal(root, LIGHT_ROOT);
        assert_string_equal(name, "led0");
        seen.light = handler;
        *ret_light = NULL;
        return 0;
}

struct light *light_free(struct light *light)
{
        assert_null(light);
        return NULL;
}

enum reason light_state(const struct light *light)
{
        assert_null(light);
        return REASON_LIGHT_UNAVAILABLE;
}

int beacon_new(sd_event *event, struct light *light, struct beacon **ret_beacon)
{
        (void)event;
        (void)light;
        *ret_beacon = NULL;
        return 0;
}

struct beacon *beacon_free(struct beacon *beacon)
{
        return beacon;
}

struct face beacon_face(struct beacon *beacon)
{
        static const struct face_handler handler = {.on_event = NULL};

        return (struct face){&handler, beacon};
}

void beacon_refuse(struct beacon *beacon)
{
        (void)beacon;
        seen.n_refused++;
}

bool window_is_open(const struct window *window)
{
        (void)window;
        return seen.is_open;
}

struct api_answer window_open(struct window *window, const struct api_request *request,
                              unsigned *ret_seconds)
{
        (void)window;
        seen.n_opened++;
        seen.source = request->source;
        *ret_seconds = 120;
        return seen.refusal == REASON_NONE ? api_accept("") : api_refuse(seen.refusal);
}

struct api_answer window_close(struct window *window)
{
        (void)window;
        seen.n_closed++;
        return api_accept("");
}

void herald_add_face(struct herald *herald, struct face face)
{
        (void)herald;
        assert_non_null(face.handler);
        seen.n_faces++;
}

void herald_info_changed(struct herald *herald)
{
        (void)herald;
        seen.n_changed++;
}

static void desk_on_status(void *userdata, struct api_status *ret_status)
{
        (void)userdata;
        *ret_status = (struct api_status){.n_enrollments = seen.n_running};
        for (size_t i = 0; i < seen.n_running; i++)
                ret_status->enrollments[i].transaction = "0011223344556677";
}

static struct api_answer desk_on_cancel(void *userdata, const char *transaction)
{
        (void)userdata;
        (void)strncpy(seen.cancelled, transaction, sizeof(seen.cancelled) - 1);
        return api_accept("");
}

struct world {
        struct settings settings;
        struct controls *controls;
};

static int set_up(void **state)
{
        static const struct api_handler desk = {.on_status = desk_on_status,
                                                .on_cancel = desk_on_cancel};
        static struct world w;
        const struct job_means means = {.settings = &w.settings};
        const struct api_backend backend = {.handler = &desk};

        memset(&seen, 0, sizeof(seen));
        w.settings =
                (struct settings){.button_device = "auto", .button_key = 28, .led_name = "led0"};
        assert_int_equal(controls_new(&means, NULL, &backend, &w.controls), 0);
        *state = &w;
        return 0;
}

static int tear_down(void **state)
{
        struct world *w = *state;

        w->controls = controls_free(w->controls);
        return 0;
}

static void press(enum press_verdict verdict)
{
        seen.buttons->on_pressed(seen.userdata, verdict);
}

static void test_controls_short_press_opens_the_window(void **state)
{
        (void)state;
        press(PRESS_SHORT);
        assert_int_equal(seen.n_opened, 1);
        assert_int_equal(seen.source, EVENT_SOURCE_BUTTON);
        assert_int_equal(seen.n_refused, 0);
}

static void test_controls_press_for_nothing_shows_in_the_light(void **state)
{
        (void)state;
        seen.refusal = REASON_READER_UNAVAILABLE;
        press(PRESS_SHORT);
        assert_int_equal(seen.n_opened, 1);
        assert_int_equal(seen.n_refused, 1);
}

static void test_controls_long_press_closes_the_window(void **state)
{
        (void)state;
        seen.is_open = true;
        seen.n_running = 1;
        press(PRESS_LONG);
        assert_int_equal(seen.n_closed, 1);
        assert_string_equal(seen.cancelled, ""); /* which ends no enrollment */
        assert_int_equal(seen.n_refused, 0);
}

static void test_controls_long_press_ends_the_one_enrollment(void **state)
{
        (void)state;
        seen.n_running = 1;
        press(PRESS_LONG);
        assert_int_equal(seen.n_closed, 0);
        assert_string_equal(seen.cancelled, "0011223344556677");
        assert_int_equal(seen.n_refused, 0);
}

static void test_controls_long_press_ends_none_of_several(void **state)
{
        (void)state;
        press(PRESS_LONG);
        assert_int_equal(seen.n_refused, 1);
        seen.n_running = 2;
        press(PRESS_LONG);
        assert_int_equal(seen.n_refused, 2);
        assert_string_equal(seen.cancelled, "");
}

static void test_controls_say_what_is_there(void **state)
{
        struct world *w = *state;
        struct api_status status = {.version = NULL};

        assert_int_equal(seen.n_faces, 1);
        seen.buttons->on_changed(seen.userdata);
        seen.light->on_changed(seen.userdata);
        assert_int_equal(seen.n_changed, 2);
        controls_status(w->controls, &status);
        assert_int_equal(status.button_state, REASON_BUTTON_UNAVAILABLE);
        assert_int_equal(status.n_buttons, 2);
        assert_int_equal(status.light_state, REASON_LIGHT_UNAVAILABLE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_controls_short_press_opens_the_window),
                TEST(test_controls_press_for_nothing_shows_in_the_light),
                TEST(test_controls_long_press_closes_the_window),
                TEST(test_controls_long_press_ends_the_one_enrollment),
                TEST(test_controls_long_press_ends_none_of_several),
                TEST(test_controls_say_what_is_there),
        };

        log_open("test-controls", LOG_CRIT);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
