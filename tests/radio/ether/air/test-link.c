/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "air/packet.h"
#include "air/station.h"

#define INTERVAL 24 /* 30 ms */
#define US       30000

static int setup(void **state)
{
        struct pair *p = pair_new(1);

        pair_connect(p, INTERVAL);
        *state = p;
        return 0;
}

static int teardown(void **state)
{
        (void)pair_free(*state);
        return 0;
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
        uint64_t asked;

        air_pass(p->air, 100000);
        asked = air_now(p->air);
        link_terminate(p->peripheral->end, 0x15);
        air_pass(p->air, 100000);
        assert_int_equal(p->peripheral->reason, 0x16);
        assert_int_equal(p->central->reason, 0x15);
        /* The central acknowledges with its next packet, an interval later. */
        assert_int_equal(p->peripheral->ended_at, p->central->ended_at);
        assert_true(p->central->ended_at > asked + US);
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

static void test_link_one_way_deaf_central_times_out_first(void **state)
{
        struct pair *p = *state;

        air_pass(p->air, 1000000);
        pair_way(p, false)->loss = 1;
        air_pass(p->air, 2500000);
        assert_int_equal(p->central->reason, 0x08);
        assert_int_equal(p->peripheral->reason, 0);
        air_pass(p->air, 2500000);
        assert_int_equal(p->peripheral->reason, 0x08);
        assert_in_range(p->peripheral->ended_at - p->central->ended_at, 2000000 - US, 2000000 + US);
}

static void test_link_terminate_nobody_hears_ends_by_the_supervision_timeout(void **state)
{
        struct pair *p = *state;

        air_pass(p->air, 1000000);
        pair_way(p, true)->loss = 1;
        link_terminate(p->central->end, 0x13);
        air_pass(p->air, 2100000);
        assert_int_equal(p->central->reason, 0x16);
        assert_int_equal(p->peripheral->reason, 0x08);
}

static void test_link_terminate_goes_ahead_of_data(void **state)
{
        struct pair *p = *state;

        air_pass(p->air, 1000000);
        for (uint32_t i = 0; i < 100; i++)
                leg_send(p->central, i, 27);
        link_terminate(p->central->end, 0x13);
        air_pass(p->air, 2 * US);
        assert_int_equal(p->central->reason, 0x16);
        assert_int_equal(p->peripheral->reason, 0x13);
        assert_int_equal(p->peripheral->n_data, 0);
}

static void test_link_cut_tells_both_at_once(void **state)
{
        struct pair *p = *state;
        uint64_t now;

        air_pass(p->air, 1000000);
        now = air_now(p->air);
        link_cut(p->peripheral->end, 0x3d);
        assert_int_equal(air_next(p->air), now);
        air_advance(p->air, now);
        assert_int_equal(p->central->reason, 0x3d);
        assert_int_equal(p->peripheral->reason, 0x3d);
        assert_int_equal(p->central->ended_at, now);
}

static void test_link_abandoned_end_is_silent(void **state)
{
        struct pair *p = *state;

        air_pass(p->air, 1000000);
        link_abandon(p->peripheral->end);
        air_pass(p->air, 3000000);
        assert_int_equal(p->central->reason, 0x08);
        assert_int_equal(p->peripheral->reason, 0);
        assert_true(air_next(p->air) == UINT64_MAX);
}

static void on_data_leave(struct leg *leg)
{
        link_abandon(leg->end);
}

static void test_link_may_be_abandoned_from_its_callback(void **state)
{
        struct pair *p = *state;

        air_pass(p->air, 100000);
        p->b->on_data = on_data_leave;
        leg_send(p->central, 1, 27);
        leg_send(p->central, 2, 27);
        air_pass(p->air, 3000000);
        assert_int_equal(p->peripheral->n_data, 1);
        assert_int_equal(p->central->reason, 0x08);
}

static void on_data_unplug(struct leg *leg)
{
        leg->station->radio = radio_free(leg->station->radio);
}

static void test_link_radio_may_be_freed_from_a_callback(void **state)
{
        struct pair *p = *state;

        air_pass(p->air, 100000);
        p->b->on_data = on_data_unplug;
        leg_send(p->central, 1, 27);
        air_pass(p->air, 3000000);
        assert_int_equal(p->central->reason, 0x08);
        assert_int_equal(p->peripheral->reason, 0);
}

static void test_link_timing_changes_at_both_ends_at_its_instant(void **state)
{
        const struct link_timing timing = {40, 0, 300};
        struct pair *p = *state;
        uint64_t now, anchor;

        air_pass(p->air, 1000000);
        now = air_now(p->air);
        anchor = p->central->connected_at + 1250;
        anchor += ((now - anchor) / US + 1) * US;
        assert_int_equal(link_update_timing(p->central->end, &timing), 0);
        air_pass(p->air, 6 * US);
        assert_int_equal(p->central->n_timings, 0);
        air_pass(p->air, 2 * US);
        assert_int_equal(p->central->n_timings, 1);
        assert_int_equal(p->peripheral->n_timings, 1);
        assert_int_equal(p->central->timing_at, anchor + 6 * US);
        assert_int_equal(p->peripheral->timing_at, anchor + 6 * US);
        assert_int_equal(p->peripheral->timing.timeout, 300);
        assert_int_equal(link_timing(p->peripheral->end).interval, 40);

        air_pass(p->air, 1000000);
        leg_send(p->central, 0, 20);
        air_pass(p->air, 100000);
        assert_int_equal((p->peripheral->arrivals[0] - packet_airtime(LINK_PHY_1M, 20) -
                          p->central->timing_at) %
                                 50000,
                         0);
}

/* The last packet before the instant may be longer ago than the new supervision timeout. */
static void test_link_survives_a_much_shorter_interval_and_timeout(void **state)
{
        const struct link_timing slow = {800, 0, 600}, fast = {12, 0, 42};
        struct pair *p = *state;

        assert_int_equal(link_update_timing(p->central->end, &slow), 0);
        air_pass(p->air, 20000000);
        assert_int_equal(link_update_timing(p->central->end, &fast), 0);
        air_pass(p->air, 20000000);
        assert_int_equal(p->central->n_timings, 2);
        assert_int_equal(link_timing(p->peripheral->end).interval, 12);
        assert_int_equal(p->central->reason, 0);
        assert_int_equal(p->peripheral->reason, 0);
}

static void test_link_timing_that_is_heard_late_changes_once_it_is(void **state)
{
        const struct link_timing timing = {40, 0, 300};
        struct pair *p = *state;

        air_pass(p->air, 1000000);
        pair_way(p, true)->loss = 1;
        assert_int_equal(link_update_timing(p->central->end, &timing), 0);
        air_pass(p->air, 10 * US);
        assert_int_equal(p->central->n_timings, 0);
        pair_way(p, true)->loss = 0;
        air_pass(p->air, 3 * US);
        assert_int_equal(p->central->n_timings, 1);
        assert_int_equal(p->peripheral->n_timings, 1);
        assert_int_equal(p->central->timing_at, p->peripheral->timing_at);
}

static void test_link_phys_change_at_both_ends_at_their_instant(void **state)
{
        struct pair *p = *state;
        uint64_t before;

        air_pass(p->air, 1000000);
        assert_int_equal(link_update_phys(p->central->end, LINK_PHY_2M, 0), 0);
        air_pass(p->air, 8 * US);
        assert_int_equal(p->central->n_phys, 1);
        assert_int_equal(p->peripheral->n_phys, 1);
        assert_int_equal(p->central->phys_at, p->peripheral->phys_at);
        assert_int_equal(p->central->tx_phy, LINK_PHY_2M);
        assert_int_equal(p->central->rx_phy, LINK_PHY_1M);
        assert_int_equal(p->peripheral->tx_phy, LINK_PHY_1M);
        assert_int_equal(link_phy(p->peripheral->end, false), LINK_PHY_2M);

        before = pair_way(p, true)->tally.airtime;
        leg_send(p->central, 0, 20);
        air_pass(p->air, US);
        assert_int_equal(pair_way(p, true)->tally.airtime - before, 44 + 20 * 4);
}

static void test_link_knows_its_ends(void **state)
{
        struct pair *p = *state;

        assert_int_equal(link_role(p->central->end), LINK_CENTRAL);
        assert_int_equal(link_role(p->peripheral->end), LINK_PERIPHERAL);
        assert_int_equal(link_peer(p->central->end), p->b->number);
        assert_int_equal(link_peer(p->peripheral->end), p->a->number);
        pair_way(p, false)->signal = -70;
        assert_int_equal(link_signal(p->central->end), -70);
        assert_int_equal(link_signal(p->peripheral->end), SPACE_NEAR);
}

static void test_link_terminate_that_is_not_heard_ends_a_peripheral_in_time(void **state)
{
        struct pair *p = *state;
        uint64_t asked;

        air_pass(p->air, 1000000);
        asked = air_now(p->air);
        pair_way(p, false)->loss = 1;
        link_terminate(p->peripheral->end, 0x13);
        air_pass(p->air, 5000000);
        assert_int_equal(p->peripheral->reason, 0x16);
        assert_int_equal(p->peripheral->ended_at, asked + 2000000);
        assert_int_equal(p->central->reason, 0x08);
}

static void test_link_out_of_range_one_way_ends(void **state)
{
        struct pair *p = *state;

        air_pass(p->air, 1000000);
        pair_way(p, true)->signal = SPACE_FLOOR;
        air_pass(p->air, 2500000);
        assert_int_equal(p->central->reason, 0x08);
        assert_int_equal(p->peripheral->reason, 0x08);
}

static void test_link_instant_allows_for_a_sleeping_peripheral(void **state)
{
        const struct link_timing sleepy = {INTERVAL, 4, 300}, awake = {INTERVAL, 0, 300};
        struct pair *p = *state;
        uint64_t now;

        assert_int_equal(link_update_timing(p->central->end, &sleepy), 0);
        air_pass(p->air, 1000000);
        now = air_now(p->air);
        assert_int_equal(link_update_timing(p->central->end, &awake), 0);
        air_pass(p->air, 1000000);
        assert_int_equal(p->peripheral->n_timings, 2);
        assert_in_range(p->peripheral->timing_at, now + 10 * US, now + 11 * US);
}

#define UNIT_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                UNIT_TEST(test_link_instant_allows_for_a_sleeping_peripheral),
                UNIT_TEST(test_link_out_of_range_one_way_ends),
                UNIT_TEST(test_link_terminate_that_is_not_heard_ends_a_peripheral_in_time),
                UNIT_TEST(test_link_terminate_tells_both),
                UNIT_TEST(test_link_terminate_by_peripheral_tells_both),
                UNIT_TEST(test_link_muted_peer_times_out_on_both_sides),
                UNIT_TEST(test_link_one_way_deaf_central_times_out_first),
                UNIT_TEST(test_link_terminate_nobody_hears_ends_by_the_supervision_timeout),
                UNIT_TEST(test_link_terminate_goes_ahead_of_data),
                UNIT_TEST(test_link_cut_tells_both_at_once),
                UNIT_TEST(test_link_abandoned_end_is_silent),
                UNIT_TEST(test_link_may_be_abandoned_from_its_callback),
                UNIT_TEST(test_link_radio_may_be_freed_from_a_callback),
                UNIT_TEST(test_link_timing_changes_at_both_ends_at_its_instant),
                UNIT_TEST(test_link_survives_a_much_shorter_interval_and_timeout),
                UNIT_TEST(test_link_timing_that_is_heard_late_changes_once_it_is),
                UNIT_TEST(test_link_phys_change_at_both_ends_at_their_instant),
                UNIT_TEST(test_link_knows_its_ends),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
