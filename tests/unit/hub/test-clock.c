/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hub/clock.h"
#include "store/enrollment.h"
#include "support/store-sample.h"

#define NOW INT64_C(1790000000)

struct place {
        struct store *store;
        char path[256];
};

static int set_up(void **state)
{
        struct place *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        sample_path(p->path, sizeof(p->path), "enrolld.db");
        assert_int_equal(store_open(p->path, &p->store), 0);
        *state = p;
        return 0;
}

static int tear_down(void **state)
{
        struct place *p = *state;

        (void)store_free(p->store);
        sample_clean(p->path);
        free(p);
        return 0;
}

static void enroll_at(struct place *p, unsigned number, int64_t when)
{
        struct sample s;

        sample_init(&s, number);
        s.device.enrolled_at = when;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
}

static int64_t enrolled_at(struct place *p, const char *name)
{
        struct store_device device;

        assert_int_equal(store_find_name(p->store, name, &device), 0);
        return device.enrolled_at;
}

static void look(struct place *p, struct clock *clock, int64_t now, int64_t boot, unsigned n_mended)
{
        uint64_t n;

        assert_int_equal(clock_look(clock, p->store, now, boot, &n), 0);
        assert_int_equal(n, n_mended);
}

static void test_clock_that_is_set_later_mends_what_was_enrolled_before(void **state)
{
        struct place *p = *state;
        struct clock clock = {.looked = false};

        enroll_at(p, 1, 20);  /* in an earlier life of the daemon, nobody knows when */
        enroll_at(p, 2, 500); /* in an earlier boot, which was longer */
        look(p, &clock, 70, 60, 0);
        enroll_at(p, 3, 100); /* at 90 s since boot */
        look(p, &clock, 110, 100, 0);
        look(p, &clock, NOW, 150, 3);
        assert_int_equal(enrolled_at(p, "device-1"), NOW);
        assert_int_equal(enrolled_at(p, "device-3"), NOW - 150 + 90);
        assert_int_equal(enrolled_at(p, "device-2"), NOW);
        look(p, &clock, NOW + 5, 155, 0);
        assert_int_equal(enrolled_at(p, "device-1"), NOW);
}

static void test_clock_that_is_set_changes_no_time(void **state)
{
        struct place *p = *state;
        struct clock clock = {.looked = false};

        enroll_at(p, 1, NOW - 1000);
        look(p, &clock, NOW, 50, 0);
        assert_int_equal(enrolled_at(p, "device-1"), NOW - 1000);
}

static void test_clock_mends_at_the_start_what_an_earlier_boot_has_left(void **state)
{
        struct place *p = *state;
        struct clock clock = {.looked = false};

        enroll_at(p, 1, 1000);
        look(p, &clock, NOW, 50, 1);
        assert_int_equal(enrolled_at(p, "device-1"), NOW);
}

static void test_clock_jumps_are_seen_once_and_drift_is_none(void **state)
{
        struct place *p = *state;
        struct clock clock = {.looked = false};

        assert_false(
                clock_has_jumped(&clock, 100, 60)); /* nothing is known before the first look */
        look(p, &clock, 100, 60, 0);
        assert_false(clock_has_jumped(&clock, 102, 62));
        assert_false(clock_has_jumped(&clock, 104 + CLOCK_DRIFT, 64));
        assert_true(clock_has_jumped(&clock, NOW, 66));
        assert_false(clock_has_jumped(&clock, NOW + 2, 68));
        assert_true(clock_has_jumped(&clock, NOW - 3600, 70));
        assert_false(clock_has_jumped(&clock, NOW - 3598, 72));
        assert_false(clock_is_plausible(0));
        assert_false(clock_is_plausible(CLOCK_PLAUSIBLE - 1));
        assert_true(clock_is_plausible(NOW));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_clock_that_is_set_later_mends_what_was_enrolled_before),
                TEST(test_clock_that_is_set_changes_no_time),
                TEST(test_clock_mends_at_the_start_what_an_earlier_boot_has_left),
                TEST(test_clock_jumps_are_seen_once_and_drift_is_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
