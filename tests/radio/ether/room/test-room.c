/* SPDX-License-Identifier: Apache-2.0 */

/* Time in a room: what is due, and when. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <time.h>
#include <unistd.h>

#include "room/room.h"

#define N_LINES 5000
#define FAST    1000

struct watch {
        sd_event *event;
        struct room *room;
        unsigned n_due;
};

/* Line n is due at n milliseconds. */
static void on_due(void *userdata, const char *line)
{
        struct watch *w = userdata;

        w->n_due++;
        assert_int_equal(room_now(w->room), strtoul(line, NULL, 10) * 1000);
}

static int watch_new(void **state)
{
        static const struct room_owner owner = {.on_due = on_due};
        struct watch *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        assert_return_code(sd_event_new(&w->event), 0);
        assert_int_equal(room_new(w->event, 1, FAST, &owner, w, &w->room), 0);
        *state = w;
        return 0;
}

static int watch_free(void **state)
{
        struct watch *w = *state;

        (void)room_free(w->room);
        (void)sd_event_unref(w->event);
        free(w);
        return 0;
}

/* However the clock ticks meanwhile; each tick is a line here. */
static void test_room_line_is_done_exactly_when_it_is_due(void **state)
{
        struct watch *w = *state;

        for (unsigned i = N_LINES; i > 0; i--) {
                char line[16];

                (void)snprintf(line, sizeof(line), "%u", i);
                assert_int_equal(room_later(w->room, i * 1000, line), 0);
        }
        assert_return_code(room_start(w->room), 0);
        while (w->n_due < N_LINES)
                room_advance(w->room);
}

static uint64_t real_usec(void)
{
        struct timespec t;

        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* An air that was left alone for 250 ms makes up for 100 ms of it, and not for the rest later. */
static void test_room_overdue_time_is_not_made_up_for(void **state)
{
        struct watch *w = *state;
        uint64_t real, simulated;

        air_flood(room_air(w->room), 10, 100, -50);
        assert_return_code(room_start(w->room), 0);
        real = real_usec();
        room_advance(w->room);
        simulated = room_now(w->room);
        (void)usleep(250000);
        room_advance(w->room);
        assert_in_range(room_now(w->room) - simulated, 100000 * FAST, 101000 * FAST);
        room_advance(w->room);
        assert_true(room_now(w->room) - simulated < (real_usec() - real - 140000) * FAST);
}

/* Where nothing happens nothing is overdue. */
static void test_room_idle_time_is_not_missed(void **state)
{
        struct watch *w = *state;

        assert_return_code(room_start(w->room), 0);
        (void)usleep(250000);
        room_advance(w->room);
        assert_true(room_now(w->room) >= 250000 * FAST);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, watch_new, watch_free)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_room_line_is_done_exactly_when_it_is_due),
                TEST(test_room_overdue_time_is_not_made_up_for),
                TEST(test_room_idle_time_is_not_missed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
