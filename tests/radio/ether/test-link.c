/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "packet.h"
#include "station.h"

#define INTERVAL 24 /* 30 ms */
#define US       30000

/* A central, its peripheral, and the link between them. */
struct pair {
        struct air *air;
        struct station *a, *b;
        struct leg *central, *peripheral;
};

static struct pair *pair_new(uint64_t seed)
{
        struct pair *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        assert_int_equal(air_new(seed, &p->air), 0);
        p->a = station_new(p->air);
        p->b = station_new(p->air);
        return p;
}

static int pair_setup(void **state)
{
        struct pair *p = pair_new(1);

        station_connect(p->a, p->b, INTERVAL, &p->central, &p->peripheral);
        *state = p;
        return 0;
}

static void pair_free(struct pair *p)
{
        (void)air_free(p->air);
        (void)station_free(p->a);
        (void)station_free(p->b);
        free(p);
}

static int pair_teardown(void **state)
{
        pair_free(*state);
        return 0;
}

static struct way *pair_way(struct pair *p, bool to_peripheral)
{
        return to_peripheral ? space_way(air_space(p->air), p->a->number, p->b->number)
                             : space_way(air_space(p->air), p->b->number, p->a->number);
}

static void test_link_first_anchor_is_one_unit_after_the_request(void **state)
{
        struct pair *p = *state;

        assert_int_equal(p->central->connected_at, p->peripheral->connected_at);
        assert_int_equal(air_next(p->air), p->central->connected_at + 1250);
        leg_send(p->central, 7, 27);
        air_pass(p->air, US);
        assert_int_equal(p->peripheral->n_data, 1);
        assert_int_equal(p->peripheral->arrivals[0],
                         p->central->connected_at + 1250 + packet_airtime(LINK_PHY_1M, 27));
}

static void test_link_idle_needs_no_look_and_counts_its_events(void **state)
{
        struct pair *p = *state;
        uint64_t first = p->central->connected_at + 1250;

        air_advance(p->air, first + 1000);
        assert_true(air_next(p->air) == UINT64_MAX);
        air_advance(p->air, first + 1000 * US);
        assert_int_equal(radio_tally(p->a->radio).events, 1001);
        assert_int_equal(radio_tally(p->b->radio).events, 1001);
        assert_int_equal(pair_way(p, true)->tally.airtime, 1001 * 80);
        assert_int_equal(link_event_counter(p->central->end, air_now(p->air)), 1001);
}

static void test_link_data_both_ways_arrives_in_order(void **state)
{
        struct pair *p = *state;

        for (uint32_t i = 0; i < 500; i++) {
                leg_send(p->central, i, 4 + i % 24);
                leg_send(p->peripheral, 1000 + i, 4 + i % 24);
        }
        air_pass(p->air, 1000000);
        assert_int_equal(p->peripheral->n_data, 500);
        assert_int_equal(p->central->n_data, 500);
        assert_int_equal(p->central->n_delivered, 500);
        assert_int_equal(p->peripheral->n_delivered, 500);
        assert_false(p->central->disorder || p->peripheral->disorder);
        assert_true(air_next(p->air) == UINT64_MAX);
}

static void test_link_terminate_tells_both(void **state)
{
        struct pair *p = *state;

        air_pass(p->air, 100000);
        link_terminate(p->central->end, 0x13);
        air_pass(p->air, 100000);
        assert_int_equal(p->central->reason, 0x16);
        assert_int_equal(p->peripheral->reason, 0x13);
        assert_int_equal(radio_links(p->a->radio), 0);
        assert_int_equal(radio_links(p->b->radio), 0);
        assert_true(air_next(p->air) == UINT64_MAX);
}

static void test_link_terminate_by_peripheral_tells_both(void **state)
{
        struct pair *p = *state;

        air_pass(p->air, 100000);
        link_terminate(p->peripheral->end, 0x15);
        air_pass(p->air, 100000);
        assert_int_equal(p->peripheral->reason, 0x16);
        assert_int_equal(p->central->reason, 0x15);
}

static void test_link_muted_peer_times_out_on_both_sides(void **state)
{
        struct pair *p = *state;
        uint64_t muted_at;

        air_pass(p->air, 1000000);
        muted_at = air_now(p->air);
        space_mute(air_space(p->air), p->b->number, true);
        air_pass(p->air, 3000000);
        assert_int_equal(p->central->reason, 0x08);
        assert_int_equal(p->peripheral->reason, 0x08);
        assert_in_range(p->central->ended_at, muted_at + 2000000 - US, muted_at + 2000000);
        assert_in_range(p->peripheral->ended_at, muted_at + 2000000 - US, muted_at + 2000000);
        assert_true(pair_way(p, true)->tally.lost >= 65);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                        test_link_first_anchor_is_one_unit_after_the_request, pair_setup,
                        pair_teardown),
                cmocka_unit_test_setup_teardown(test_link_idle_needs_no_look_and_counts_its_events,
                                                pair_setup, pair_teardown),
                cmocka_unit_test_setup_teardown(test_link_data_both_ways_arrives_in_order,
                                                pair_setup, pair_teardown),
                cmocka_unit_test_setup_teardown(test_link_terminate_tells_both, pair_setup,
                                                pair_teardown),
                cmocka_unit_test_setup_teardown(test_link_terminate_by_peripheral_tells_both,
                                                pair_setup, pair_teardown),
                cmocka_unit_test_setup_teardown(test_link_muted_peer_times_out_on_both_sides,
                                                pair_setup, pair_teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
