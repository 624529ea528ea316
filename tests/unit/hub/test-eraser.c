/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hub/eraser.h"
#include "support/disk.h"
#include "support/haste.h"
#include "support/store-sample.h"

#define TURN_USEC (60 * UINT64_C(1000000)) /* after this a test fails */
#define SECOND    UINT64_C(1000000)

static const uint8_t sealed_code[] = "sealed and in no other bytes of a store";

struct world {
        struct disk disk;
        char path[256];
        struct store *store;
        sd_event *event;
        struct eraser *eraser;
};

static int set_up(void **state)
{
        struct world *w = calloc(1, sizeof(*w));

        assert_non_null(w);
        disk_install(&w->disk);
        sample_path(w->path, sizeof(w->path), "enrolld.db");
        assert_int_equal(store_open(w->path, &w->store), 0);
        assert_int_equal(sd_event_new(&w->event), 0);
        assert_int_equal(eraser_new(w->event, w->store, &w->eraser), 0);
        haste = 10000;
        *state = w;
        return 0;
}

static int tear_down(void **state)
{
        struct world *w = *state;

        haste = 1;
        w->eraser = eraser_free(w->eraser);
        (void)sd_event_unref(w->event);
        (void)store_free(w->store);
        disk_remove(&w->disk);
        sample_clean(w->path);
        free(w);
        return 0;
}

static void settle(struct world *w, unsigned number)
{
        struct sample s;

        sample_init(&s, number);
        s.enrollment.counter = NULL;
        s.device.ownership.n_resume = sizeof(sealed_code);
        memcpy(s.device.ownership.resume, sealed_code, sizeof(sealed_code));
        assert_int_equal(store_enroll(w->store, &s.enrollment), 0);
        assert_int_equal(store_settle(w->store, s.device.device_id, 1), 0);
        eraser_note(w->eraser);
}

static bool holds(const struct world *w)
{
        return store_files_hold(w->path, sealed_code, sizeof(sealed_code));
}

/* One turn of the loop, in which a timer runs out. */
static void turn(struct world *w)
{
        assert_true(sd_event_run(w->event, TURN_USEC) > 0);
}

static void test_eraser_erases_what_several_devices_leave_at_once(void **state)
{
        struct world *w = *state;
        uint64_t n_syncs;

        settle(w, 1);
        settle(w, 2);
        settle(w, 3);
        assert_true(holds(w));
        n_syncs = w->disk.n_syncs;
        turn(w);
        assert_false(store_has_past(w->store));
        assert_false(holds(w));
        assert_in_range(w->disk.n_syncs - n_syncs, 1, 3);
        assert_int_equal(sd_event_run(w->event, 0), 0);
}

static void test_eraser_begins_again_with_the_next_device(void **state)
{
        struct world *w = *state;

        for (unsigned i = 1; i <= 2; i++) {
                settle(w, i);
                assert_true(holds(w));
                turn(w);
                assert_false(holds(w));
        }
}

static void test_eraser_does_nothing_without_a_past(void **state)
{
        struct world *w = *state;

        eraser_note(w->eraser);
        assert_int_equal(sd_event_run(w->event, 0), 0);
}

static void test_eraser_tries_again_when_the_disk_failed(void **state)
{
        struct world *w = *state;

        settle(w, 1);
        w->disk.fault = DISK_FAIL;
        w->disk.at_call = 1;
        w->disk.code = SQLITE_IOERR_FSYNC;
        turn(w);
        turn(w);
        assert_true(store_has_past(w->store));
        w->disk.fault = DISK_KEEPS_WORKING;
        turn(w);
        assert_false(store_has_past(w->store));
        assert_false(holds(w));
}

/* What is there before it, because the store could not be emptied when it was opened. */
static void test_eraser_erases_what_was_there_before_it(void **state)
{
        struct world *w = *state;

        settle(w, 1);
        w->eraser = eraser_free(w->eraser);
        assert_int_equal(sd_event_run(w->event, 0), 0);
        assert_true(holds(w));
        assert_int_equal(eraser_new(w->event, w->store, &w->eraser), 0);
        turn(w);
        assert_false(holds(w));
}

static void test_eraser_waits_for_quiet_but_not_for_ever(void **state)
{
        (void)state;
        assert_int_equal(eraser_pause(7 * SECOND, 7 * SECOND), 2000);
        assert_int_equal(eraser_pause(7 * SECOND, 8 * SECOND), 2000);
        assert_int_equal(eraser_pause(7 * SECOND, 35 * SECOND), 2000);
        assert_int_equal(eraser_pause(7 * SECOND, 36 * SECOND), 1000);
        assert_int_equal(eraser_pause(7 * SECOND, 37 * SECOND), 0);
        assert_int_equal(eraser_pause(7 * SECOND, 99 * SECOND), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_eraser_erases_what_several_devices_leave_at_once),
                TEST(test_eraser_begins_again_with_the_next_device),
                TEST(test_eraser_does_nothing_without_a_past),
                TEST(test_eraser_tries_again_when_the_disk_failed),
                TEST(test_eraser_erases_what_was_there_before_it),
                cmocka_unit_test(test_eraser_waits_for_quiet_but_not_for_ever),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
