/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "air/station.h"

/* b advertises, a listens. */
static int setup(void **state)
{
        *state = pair_new(1);
        return 0;
}

static int teardown(void **state)
{
        (void)pair_free(*state);
        return 0;
}

static void test_air_nothing_happens_by_itself(void **state)
{
        struct pair *p = *state;

        assert_true(air_next(p->air) == UINT64_MAX);
        station_scan(p->a);
        assert_true(air_next(p->air) == UINT64_MAX);
        air_advance(p->air, 5);
        assert_int_equal(air_now(p->air), 5);
}

static void test_air_lost_advertisements_are_as_many_as_ordered(void **state)
{
        struct pair *p = *state;

        pair_way(p, false)->loss = 0.5;
        station_advertise(p->b);
        station_scan(p->a);
        air_pass(p->air, 50000000);
        assert_in_range(p->a->n_reports, 900, 1100);
}

static void test_air_muted_or_far_advertiser_is_not_heard(void **state)
{
        struct pair *p = *state;

        station_advertise(p->b);
        station_scan(p->a);
        space_mute(air_space(p->air), p->b->number, true);
        air_pass(p->air, 1000000);
        space_mute(air_space(p->air), p->b->number, false);
        space_mute(air_space(p->air), p->a->number, true);
        air_pass(p->air, 1000000);
        space_mute(air_space(p->air), p->a->number, false);
        pair_way(p, false)->signal = SPACE_FLOOR;
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_reports, 0);
        pair_way(p, false)->signal = SPACE_FLOOR + 1;
        air_pass(p->air, 1000000);
        assert_true(p->a->n_reports > 20);
        assert_int_equal(p->a->report.signal, SPACE_FLOOR + 1);
}

static void test_air_flood_is_as_much_as_ordered(void **state)
{
        struct pair *p = *state;

        station_scan(p->a);
        air_flood(p->air, 1000, 300, -71);
        air_pass(p->air, 2000000);
        assert_in_range(p->a->n_reports, 599, 600);
        assert_int_equal(p->b->n_reports, 0);
        assert_int_equal(p->a->report.signal, -71);
        assert_int_equal(p->a->report.from.type, AIR_RANDOM);
        assert_int_equal(p->a->report.from.bytes[5] & 0xc0, 0xc0);
        assert_false(p->a->report.connectable);
        air_flood(p->air, 0, 300, -71);
        assert_true(air_next(p->air) == UINT64_MAX);
}

static void test_air_flood_is_not_heard_by_those_who_cannot_or_will_not(void **state)
{
        struct air_scanning scanning;
        struct pair *p = *state;

        scanning = station_scanning(p->a);
        scanning.accept_only = true;
        radio_scan(p->a->radio, &scanning);
        air_flood(p->air, 1000, 300, -71);
        air_pass(p->air, 1000000);
        station_scan(p->a);
        space_mute(air_space(p->air), p->a->number, true);
        air_pass(p->air, 1000000);
        space_mute(air_space(p->air), p->a->number, false);
        air_flood(p->air, 1000, 300, SPACE_FLOOR);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_reports, 0);
}

static struct air_address flooded[30];

static void on_report_note(struct station *s)
{
        if (s->n_reports <= 30)
                flooded[s->n_reports - 1] = s->report.from;
}

static void test_air_flood_repeats_its_addresses(void **state)
{
        struct pair *p = *state;

        p->a->on_report = on_report_note;
        station_scan(p->a);
        air_flood(p->air, 10, 100, -50);
        air_pass(p->air, 400000);
        for (unsigned i = 0; i < 30; i++)
                for (unsigned j = 0; j < i; j++)
                        assert_int_equal(memcmp(&flooded[i], &flooded[j], sizeof(flooded[i])) == 0,
                                         (i - j) % 10 == 0);
}

static void on_report_stop_all(struct station *s)
{
        for (unsigned n = 0; n < 2; n++)
                radio_scan(s->radio, NULL);
        air_flood(s->air, 0, 0, 0);
}

static void on_report_leave(struct station *s)
{
        s->radio = radio_free(s->radio);
}

static void test_air_radio_may_leave_when_it_is_told(void **state)
{
        struct pair *p = *state;
        struct station *c = station_new(p->air);

        station_advertise(p->b);
        station_scan(p->a);
        station_scan(c);
        p->a->on_report = on_report_leave;
        c->on_report = on_report_stop_all;
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_reports, 1);
        assert_int_equal(c->n_reports, 1);
        (void)station_free(c);
}

#define UNIT_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                UNIT_TEST(test_air_flood_is_not_heard_by_those_who_cannot_or_will_not),
                UNIT_TEST(test_air_nothing_happens_by_itself),
                UNIT_TEST(test_air_lost_advertisements_are_as_many_as_ordered),
                UNIT_TEST(test_air_muted_or_far_advertiser_is_not_heard),
                UNIT_TEST(test_air_flood_is_as_much_as_ordered),
                UNIT_TEST(test_air_flood_repeats_its_addresses),
                UNIT_TEST(test_air_radio_may_leave_when_it_is_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
