/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "air/station.h"

/* Radios come, meet and go. a connects to b. */
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

static void pair_begin(struct pair *p, const struct air_advertising *advertising,
                       const struct air_initiating *initiating)
{
        assert_int_equal(radio_advertise(p->b->radio, 0, advertising), 0);
        assert_int_equal(radio_connect(p->a->radio, initiating), 0);
}

static void pair_extended(const struct pair *p, struct air_advertising *ret_advertising,
                          struct air_initiating *ret_initiating)
{
        *ret_advertising = station_advertising(p->b);
        ret_advertising->extended = true;
        ret_advertising->scannable = false;
        ret_advertising->secondary_phy = LINK_PHY_2M;
        *ret_initiating = station_initiating(p->a, p->b, 24);
        ret_initiating->extended = true;
}

static void test_radio_numbers_are_the_lowest_free_ones(void **state)
{
        struct station *others[SPACE_RADIOS], *late;
        struct radio *radio = NULL;
        struct pair *p = *state;

        for (unsigned i = 2; i < SPACE_RADIOS; i++) {
                others[i] = station_new(p->air);
                assert_int_equal(others[i]->number, i);
        }
        assert_int_equal(radio_new(p->air, NULL, NULL, &radio), -ENOSPC);
        (void)radio_free(others[7]->radio);
        late = station_new(p->air);
        assert_int_equal(late->number, 7);
        (void)station_free(late);
        for (unsigned i = 2; i < SPACE_RADIOS; i++)
                (void)station_free(others[i]);
}

static void test_radio_connection_tells_both_sides(void **state)
{
        struct air_address a, b;
        struct pair *p = *state;

        a = station_address(p->a);
        b = station_address(p->b);
        pair_connect(p, 24);
        assert_int_equal(p->central->connection.role, LINK_CENTRAL);
        assert_int_equal(p->peripheral->connection.role, LINK_PERIPHERAL);
        assert_memory_equal(&p->central->connection.own, &a, sizeof(a));
        assert_memory_equal(&p->central->connection.peer, &b, sizeof(b));
        assert_memory_equal(&p->peripheral->connection.own, &b, sizeof(b));
        assert_memory_equal(&p->peripheral->connection.peer, &a, sizeof(a));
        assert_int_equal(p->peripheral->connection.timing.interval, 24);
        assert_int_equal(p->central->connected_at, p->peripheral->connected_at);
        assert_int_equal(radio_links(p->a->radio), 1);
        assert_int_equal(radio_links(p->b->radio), 1);
        assert_int_equal(p->b->n_sets_ended, 0);
        assert_false(radio_connect_cancel(p->a->radio));
        air_pass(p->air, 100000);
        assert_true(air_next(p->air) == UINT64_MAX);
}

static void test_radio_connects_by_the_accept_list(void **state)
{
        struct air_advertising advertising;
        struct air_initiating initiating;
        struct air_address list[1];
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        initiating = station_initiating(p->a, p->a, 24);
        initiating.accept_only = true;
        pair_begin(p, &advertising, &initiating);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_legs, 0);
        list[0] = station_address(p->b);
        radio_accept(p->a->radio, list, 1);
        air_pass(p->air, 100000);
        assert_int_equal(p->a->n_legs, 1);
        assert_int_equal(p->b->n_legs, 1);
}

static void test_radio_looks_for_its_peer_only(void **state)
{
        struct air_advertising advertising;
        struct air_initiating initiating;
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        advertising.connectable = false;
        initiating = station_initiating(p->a, p->b, 24);
        pair_begin(p, &advertising, &initiating);
        air_pass(p->air, 1000000);
        advertising.connectable = true;
        advertising.own.type = AIR_RANDOM;
        assert_int_equal(radio_advertise(p->b->radio, 0, &advertising), 0);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_legs, 0);
        assert_int_equal(radio_connect(p->a->radio, &initiating), -EBUSY);
        assert_true(radio_connect_cancel(p->a->radio));
        assert_false(radio_connect_cancel(p->a->radio));
        advertising.own.type = AIR_PUBLIC;
        assert_int_equal(radio_advertise(p->b->radio, 0, &advertising), 0);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_legs, 0);
}

/* The central cannot know, and believes to be connected for six intervals. */
static void check_not_established(struct pair *p)
{
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_legs, 1);
        assert_int_equal(p->b->n_legs, 0);
        assert_int_equal(p->a->legs[0].reason, 0x3e);
        assert_int_equal(p->a->legs[0].ended_at - p->a->legs[0].connected_at, 6 * 30000);
        assert_int_equal(radio_links(p->a->radio), 0);
}

static void test_radio_refused_request_fails_to_be_established(void **state)
{
        struct air_advertising advertising;
        struct air_initiating initiating;
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        initiating = station_initiating(p->a, p->b, 24);
        pair_way(p, true)->refusals = 1;
        pair_begin(p, &advertising, &initiating);
        check_not_established(p);
        assert_int_equal(pair_way(p, true)->refusals, 0);
        assert_int_equal(radio_connect(p->a->radio, &initiating), 0);
        air_pass(p->air, 1000000);
        assert_int_equal(p->b->n_legs, 1);
        assert_int_equal(p->a->legs[1].reason, 0);
}

static void test_radio_at_its_limit_does_not_hear_requests(void **state)
{
        struct air_advertising advertising;
        struct air_initiating initiating;
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        initiating = station_initiating(p->a, p->b, 24);
        radio_limit(p->b->radio, 0);
        pair_begin(p, &advertising, &initiating);
        check_not_established(p);
        radio_limit(p->b->radio, 1);
        assert_int_equal(radio_connect(p->a->radio, &initiating), 0);
        air_pass(p->air, 1000000);
        assert_int_equal(radio_links(p->b->radio), 1);
}

static void test_radio_at_its_limit_does_not_connect(void **state)
{
        struct air_advertising advertising;
        struct air_initiating initiating;
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        initiating = station_initiating(p->a, p->b, 24);
        radio_limit(p->a->radio, 0);
        pair_begin(p, &advertising, &initiating);
        assert_int_equal(p->a->n_legs, 0);
        assert_int_equal(p->b->n_legs, 0);
        radio_limit(p->a->radio, 1);
        air_pass(p->air, 1000000);
        assert_int_equal(radio_links(p->a->radio), 1);
        assert_int_equal(radio_links(p->b->radio), 1);
}

static void test_radio_request_of_a_stranger_is_not_heard(void **state)
{
        struct air_advertising advertising;
        struct air_initiating initiating;
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        advertising.accept_connects = true;
        initiating = station_initiating(p->a, p->b, 24);
        pair_begin(p, &advertising, &initiating);
        check_not_established(p);
}

static void test_radio_lost_request_fails_to_be_established(void **state)
{
        struct air_advertising advertising;
        struct air_initiating initiating;
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        initiating = station_initiating(p->a, p->b, 24);
        pair_way(p, true)->loss = 1;
        pair_begin(p, &advertising, &initiating);
        check_not_established(p);
}

static void test_radio_directed_advertising_connects_its_peer(void **state)
{
        struct air_advertising advertising;
        struct air_initiating initiating;
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        advertising.directed = true;
        advertising.high_duty = true;
        advertising.n_data = 0;
        advertising.peer = station_address(p->a);
        initiating = station_initiating(p->a, p->b, 24);
        pair_begin(p, &advertising, &initiating);
        air_pass(p->air, 2000000);
        assert_int_equal(p->a->n_legs, 1);
        assert_int_equal(p->b->n_legs, 1);
        assert_int_equal(p->b->n_sets_ended, 0);
}

static void test_radio_extended_connection_is_on_the_secondary_phy(void **state)
{
        struct air_advertising advertising;
        struct air_initiating initiating;
        struct pair *p = *state;

        pair_extended(p, &advertising, &initiating);
        assert_int_equal(radio_advertise(p->b->radio, 3, &advertising), 0);
        air_pass(p->air, 1000000);
        assert_int_equal(radio_connect(p->a->radio, &initiating), 0);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_legs, 1);
        assert_int_equal(p->b->n_legs, 1);
        assert_int_equal(p->b->legs[0].connection.set, 3);
        assert_in_range(p->b->legs[0].connection.events, 30, 55);
        assert_int_equal(link_phy(p->a->legs[0].end, true), LINK_PHY_2M);
        assert_int_equal(link_phy(p->a->legs[0].end, false), LINK_PHY_2M);
}

static void test_radio_extended_request_that_is_refused_is_made_again(void **state)
{
        struct air_advertising advertising;
        struct air_initiating initiating;
        struct pair *p = *state;

        pair_extended(p, &advertising, &initiating);
        pair_way(p, true)->refusals = 5;
        pair_begin(p, &advertising, &initiating);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_legs, 1);
        assert_int_equal(p->b->n_legs, 1);
        assert_int_equal(p->b->legs[0].connection.events, 5);
        assert_int_equal(p->a->legs[0].reason, 0);
}

static void test_radio_legacy_initiator_does_not_hear_extended_advertising(void **state)
{
        struct air_advertising advertising;
        struct air_initiating initiating;
        struct pair *p = *state;

        pair_extended(p, &advertising, &initiating);
        initiating.extended = false;
        pair_begin(p, &advertising, &initiating);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_legs, 0);
        assert_true(radio_connect_cancel(p->a->radio));
}

/* Whether this seed loses an answer; what comes of that is checked. */
static bool check_lost_answer(uint64_t seed)
{
        struct pair *p = pair_new(seed);
        struct air_advertising advertising;
        struct air_initiating initiating;
        bool lost;

        pair_extended(p, &advertising, &initiating);
        pair_way(p, false)->loss = 0.5;
        pair_begin(p, &advertising, &initiating);
        while (p->b->n_legs == 0)
                air_advance(p->air, air_next(p->air));
        lost = p->a->n_legs == 0;
        if (lost) {
                air_pass(p->air, 1000000);
                assert_int_equal(p->b->legs[0].reason, 0x3e);
                assert_true(radio_connect_cancel(p->a->radio));
        }
        (void)pair_free(p);
        return lost;
}

static void test_radio_extended_answer_that_is_lost_leaves_the_peripheral_alone(void **state)
{
        uint64_t seed = 1;

        (void)state;
        while (!check_lost_answer(seed))
                assert_true(++seed < 100);
}

static void test_radio_unplugged_vanishes(void **state)
{
        struct pair *p = *state;
        unsigned n;

        pair_connect(p, 24);
        station_scan(p->a);
        station_advertise(p->b);
        air_pass(p->air, 1000000);
        n = p->a->n_reports;
        assert_true(n > 20);
        p->b->radio = radio_free(p->b->radio);
        air_pass(p->air, 3000000);
        assert_int_equal(p->a->n_reports, n);
        assert_int_equal(p->central->reason, 0x08);
        assert_int_equal(p->peripheral->reason, 0);
        assert_true(air_next(p->air) == UINT64_MAX);
}

static void test_radio_that_comes_back_is_another_one(void **state)
{
        struct pair *p = *state;
        struct station *again;

        pair_connect(p, 24);
        air_pass(p->air, 100000);
        pair_way(p, true)->loss = 0.25;
        p->b->radio = radio_free(p->b->radio);
        again = station_new(p->air);
        assert_int_equal(again->number, p->b->number);
        assert_true(pair_way(p, true)->loss > 0);
        leg_send(p->central, 1, 20);
        air_pass(p->air, 3000000);
        assert_int_equal(p->central->reason, 0x08);
        assert_int_equal(again->n_legs, 0);
        assert_int_equal(radio_tally(again->radio).events, 0);
        (void)station_free(again);
}

static uint64_t run_of(uint64_t seed)
{
        struct pair *p = pair_new(seed);
        uint64_t trace;

        station_scan(p->a);
        pair_way(p, true)->loss = pair_way(p, false)->loss = 0.1;
        pair_connect(p, 24);
        p->b->echoes = true;
        for (uint32_t i = 0; i < 100; i++)
                leg_send(p->central, i, 20);
        air_flood(p->air, 10, 100, -60);
        air_pass(p->air, 10000000);
        trace = p->a->trace ^ p->b->trace;
        (void)pair_free(p);
        return trace;
}

static void test_radio_same_seed_is_the_same_run(void **state)
{
        (void)state;
        assert_true(run_of(1) == run_of(1));
        assert_true(run_of(1) != run_of(2));
}

#define UNIT_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                UNIT_TEST(test_radio_legacy_initiator_does_not_hear_extended_advertising),
                UNIT_TEST(test_radio_numbers_are_the_lowest_free_ones),
                UNIT_TEST(test_radio_connection_tells_both_sides),
                UNIT_TEST(test_radio_connects_by_the_accept_list),
                UNIT_TEST(test_radio_looks_for_its_peer_only),
                UNIT_TEST(test_radio_refused_request_fails_to_be_established),
                UNIT_TEST(test_radio_at_its_limit_does_not_hear_requests),
                UNIT_TEST(test_radio_at_its_limit_does_not_connect),
                UNIT_TEST(test_radio_request_of_a_stranger_is_not_heard),
                UNIT_TEST(test_radio_lost_request_fails_to_be_established),
                UNIT_TEST(test_radio_directed_advertising_connects_its_peer),
                UNIT_TEST(test_radio_extended_connection_is_on_the_secondary_phy),
                UNIT_TEST(test_radio_extended_request_that_is_refused_is_made_again),
                cmocka_unit_test(
                        test_radio_extended_answer_that_is_lost_leaves_the_peripheral_alone),
                UNIT_TEST(test_radio_unplugged_vanishes),
                UNIT_TEST(test_radio_that_comes_back_is_another_one),
                cmocka_unit_test(test_radio_same_seed_is_the_same_run),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
