/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/input-event-codes.h>

#include <cmocka.h>

#include "panel/button.h"
#include "support/fake-evdev.h"

#define TURN_USEC (60 * UINT64_C(1000000)) /* after this a test fails */

struct world {
        char path[64];
        sd_event *event;
        int end;
        struct button *button;
        unsigned n_short, n_long, n_gone;
};

static void on_pressed(void *userdata, enum press_verdict press)
{
        struct world *w = userdata;

        if (press == PRESS_LONG)
                w->n_long++;
        else
                w->n_short++;
}

static void on_gone(void *userdata, struct button *button)
{
        struct world *w = userdata;

        assert_ptr_equal(button, w->button);
        w->button = button_free(button);
        w->n_gone++;
}

static const struct button_handler handler = {.on_pressed = on_pressed, .on_gone = on_gone};

static int set_up(void **state)
{
        static struct world w;

        memset(&w, 0, sizeof(w));
        memset(&fake_evdev, 0, sizeof(fake_evdev));
        (void)snprintf(w.path, sizeof(w.path), "/tmp/test-button.%d", (int)getpid());
        w.end = fake_evdev_open(w.path);
        assert_int_equal(sd_event_new(&w.event), 0);
        *state = &w;
        return 0;
}

static int tear_down(void **state)
{
        struct world *w = *state;

        w->button = button_free(w->button);
        w->event = sd_event_unref(w->event);
        (void)close(w->end);
        (void)unlink(w->path);
        return 0;
}

/* 0, or what button_new() says. */
static int open_button(struct world *w, unsigned key)
{
        int fd = open(w->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), r;

        assert_true(fd >= 0);
        r = button_new(w->event, fd, key, &handler, w, &w->button);
        if (r != 0)
                (void)close(fd);
        return r;
}

/* Everything that was said is read. */
static void settle(struct world *w)
{
        while (sd_event_run(w->event, 0) > 0)
                ;
}

static void test_button_reads_its_key_and_no_other(void **state)
{
        struct world *w = *state;

        assert_int_equal(open_button(w, KEY_PROG1), 0);
        assert_string_equal(button_name(w->button), FAKE_EVDEV_NAME);
        fake_evdev_say(w->end, EV_KEY, KEY_A, 1, 1000);
        fake_evdev_say(w->end, EV_KEY, KEY_A, 0, 1100);
        fake_evdev_say(w->end, EV_KEY, KEY_PROG1, 1, 2000);
        settle(w);
        assert_int_equal(w->n_short, 0);
        fake_evdev_say(w->end, EV_KEY, KEY_PROG1, 0, 2200);
        settle(w);
        assert_int_equal(w->n_short, 1);
        fake_evdev_say(w->end, EV_KEY, KEY_PROG1, 1, 5000);
        fake_evdev_say(w->end, EV_KEY, KEY_PROG1, 0, 7000);
        settle(w);
        assert_int_equal(w->n_short, 1);
        assert_int_equal(w->n_long, 1);
}

static void test_button_that_is_held_at_the_start_counts_from_its_next_press(void **state)
{
        struct world *w = *state;

        fake_evdev.is_held = true;
        assert_int_equal(open_button(w, KEY_PROG1), 0);
        fake_evdev_say(w->end, EV_KEY, KEY_PROG1, 0, 9000);
        settle(w);
        assert_int_equal(w->n_short + w->n_long, 0);
        fake_evdev_say(w->end, EV_KEY, KEY_PROG1, 1, 9500);
        fake_evdev_say(w->end, EV_KEY, KEY_PROG1, 0, 9600);
        settle(w);
        assert_int_equal(w->n_short, 1);
}

static void test_button_goes_on_after_events_were_dropped(void **state)
{
        struct world *w = *state;

        assert_int_equal(open_button(w, KEY_PROG1), 0);
        fake_evdev_say(w->end, EV_KEY, KEY_PROG1, 1, 1000);
        fake_evdev_say(w->end, EV_SYN, SYN_DROPPED, 0, 1500);
        fake_evdev_say(w->end, EV_SYN, SYN_REPORT, 0, 1500);
        settle(w);
        assert_int_equal(w->n_short + w->n_long, 0);
        fake_evdev_say(w->end, EV_KEY, KEY_PROG1, 1, 4000);
        fake_evdev_say(w->end, EV_KEY, KEY_PROG1, 0, 4100);
        settle(w);
        assert_int_equal(w->n_short, 1);
        assert_int_equal(w->n_long, 0);
}

static void test_button_that_is_pulled_out_is_gone(void **state)
{
        struct world *w = *state;

        assert_int_equal(open_button(w, KEY_PROG1), 0);
        (void)close(w->end);
        w->end = -1;
        assert_true(sd_event_run(w->event, TURN_USEC) > 0);
        assert_int_equal(w->n_gone, 1);
        assert_null(w->button);
}

static void test_button_of_something_else_is_refused(void **state)
{
        struct world *w = *state;

        assert_int_equal(open_button(w, KEY_POWER), BUTTON_E_NO_KEY);
        fake_evdev.is_none = true;
        assert_int_equal(open_button(w, KEY_PROG1), -ENOTTY);
        assert_null(w->button);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_button_reads_its_key_and_no_other),
                TEST(test_button_that_is_held_at_the_start_counts_from_its_next_press),
                TEST(test_button_goes_on_after_events_were_dropped),
                TEST(test_button_that_is_pulled_out_is_gone),
                TEST(test_button_of_something_else_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
