/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/input-event-codes.h>

#include <cmocka.h>

#include "panel/buttons.h"
#include "support/fake-evdev.h"
#include "support/haste.h"
#include "util/log.h"

#define TURN_USEC (60 * UINT64_C(1000000)) /* after this a test fails */

struct world {
        char path[64];
        sd_event *event;
        struct buttons *buttons;
        unsigned n_pressed, n_changed;
};

static void on_pressed(void *userdata, enum press_verdict press)
{
        struct world *w = userdata;

        assert_int_equal(press, PRESS_SHORT);
        w->n_pressed++;
}

static void on_changed(void *userdata)
{
        ((struct world *)userdata)->n_changed++;
}

static const struct buttons_handler handler = {.on_pressed = on_pressed, .on_changed = on_changed};

static int set_up(void **state)
{
        static struct world w;

        memset(&w, 0, sizeof(w));
        memset(&fake_evdev, 0, sizeof(fake_evdev));
        (void)snprintf(w.path, sizeof(w.path), "/tmp/test-buttons.%d", (int)getpid());
        assert_int_equal(sd_event_new(&w.event), 0);
        haste = 1000;
        *state = &w;
        return 0;
}

static int tear_down(void **state)
{
        struct world *w = *state;

        haste = 1;
        w->buttons = buttons_free(w->buttons);
        w->event = sd_event_unref(w->event);
        (void)unlink(w->path);
        return 0;
}

static void look_for(struct world *w, const char *device)
{
        assert_int_equal(buttons_new(w->event, device, KEY_PROG1, &handler, w, &w->buttons), 0);
}

static void turn(struct world *w)
{
        assert_true(sd_event_run(w->event, TURN_USEC) > 0);
}

static void wait_for(struct world *w, size_t n, enum reason why)
{
        while (buttons_count(w->buttons) != n || buttons_state(w->buttons) != why)
                turn(w);
}

static void press(struct world *w, int end, uint64_t ms)
{
        unsigned before = w->n_pressed;

        fake_evdev_say(end, EV_KEY, KEY_PROG1, 1, ms);
        fake_evdev_say(end, EV_KEY, KEY_PROG1, 0, ms + 100);
        while (w->n_pressed == before)
                turn(w);
}

static void test_buttons_one_is_plugged_in_pulled_out_and_plugged_in_again(void **state)
{
        struct world *w = *state;
        int end;

        look_for(w, w->path);
        wait_for(w, 0, REASON_BUTTON_UNAVAILABLE);
        assert_int_equal(w->n_changed, 1);
        for (unsigned round = 1; round <= 2; round++) {
                end = fake_evdev_open(w->path);
                wait_for(w, 1, REASON_NONE);
                press(w, end, 1000);
                (void)unlink(w->path);
                (void)close(end);
                wait_for(w, 0, REASON_BUTTON_UNAVAILABLE);
        }
        assert_int_equal(w->n_pressed, 2);
}

static void test_buttons_what_is_no_button_is_a_state_until_it_is_one(void **state)
{
        struct world *w = *state;
        int end = fake_evdev_open(w->path);

        fake_evdev.is_none = true;
        look_for(w, w->path);
        wait_for(w, 0, REASON_BUTTON_UNAVAILABLE);
        for (unsigned i = 0; i < 5; i++)
                turn(w);
        assert_int_equal(w->n_changed, 1);
        fake_evdev.is_none = false;
        wait_for(w, 1, REASON_NONE);
        press(w, end, 1000);
        (void)close(end);
}

static void test_buttons_without_one_nothing_is_wrong_unless_one_is_named(void **state)
{
        struct world *w = *state;

        look_for(w, "auto");
        turn(w);
        turn(w);
        assert_int_equal(buttons_state(w->buttons), REASON_NONE);
        assert_int_equal(w->n_changed, 0);
        w->buttons = buttons_free(w->buttons);
        look_for(w, "none");
        assert_int_equal(sd_event_run(w->event, 100000), 0);
        assert_int_equal(buttons_state(w->buttons), REASON_NONE);
        w->buttons = buttons_free(w->buttons);
        look_for(w, "a name that no device has");
        wait_for(w, 0, REASON_BUTTON_UNAVAILABLE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_buttons_one_is_plugged_in_pulled_out_and_plugged_in_again),
                TEST(test_buttons_what_is_no_button_is_a_state_until_it_is_one),
                TEST(test_buttons_without_one_nothing_is_wrong_unless_one_is_named),
        };

        log_open("test-buttons", LOG_ERR);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
