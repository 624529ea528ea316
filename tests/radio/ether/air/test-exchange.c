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

static void test_exchange_first_anchor_is_one_unit_after_the_request(void **state)
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

static void test_exchange_idle_needs_no_look_and_counts_its_events(void **state)
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

static void test_exchange_data_both_ways_arrives_in_order(void **state)
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

/* An echo is asked for at any time and comes back one interval or two later: the request goes with
 * the next event and the answer, which no host has ready 150 us later, with the one after that. */
static void check_round_trips(uint16_t interval)
{
        const uint64_t us = (uint64_t)interval * 1250;
        struct pair *p = pair_new(interval);
        uint64_t shortest = UINT64_MAX, longest = 0;

        pair_connect(p, interval);
        p->b->echoes = true;
        for (uint32_t i = 0; i < 1000; i++) {
                uint64_t asked, took;

                air_pass(p->air, 3 * us + i * us / 1000);
                asked = air_now(p->air);
                leg_send(p->central, i, 20);
                air_pass(p->air, 3 * us);
                assert_int_equal(p->central->n_data, i + 1);
                took = p->central->arrivals[i] - asked;
                shortest = took < shortest ? took : shortest;
                longest = took > longest ? took : longest;
        }
        assert_in_range(shortest, us, us + us / 50 + 500);
        assert_in_range(longest, 2 * us - us / 50, 2 * us + 500);
        (void)pair_free(p);
}

static void test_exchange_round_trip_takes_one_interval_or_two(void **state)
{
        (void)state;
        check_round_trips(6);
        check_round_trips(12);
        check_round_trips(24);
        check_round_trips(40);
}

static void test_exchange_under_loss_delivers_everything_once_and_in_order(void **state)
{
        struct pair *p = *state;

        pair_way(p, true)->loss = 0.3;
        pair_way(p, false)->loss = 0.3;
        for (uint32_t i = 0; i < 3000; i++) {
                leg_send(p->central, i, 27);
                leg_send(p->peripheral, i, 4);
        }
        air_pass(p->air, 120000000);
        assert_int_equal(p->peripheral->n_data, 3000);
        assert_int_equal(p->central->n_data, 3000);
        assert_int_equal(p->central->n_delivered, 3000);
        assert_int_equal(p->peripheral->n_delivered, 3000);
        assert_false(p->central->disorder || p->peripheral->disorder);
        assert_int_equal(pair_way(p, true)->tally.packets, 3000);
        assert_int_equal(pair_way(p, true)->tally.bytes, 3000 * 27);
        assert_true(pair_way(p, true)->tally.lost > 1000);
}

/* When data arrives in intervals since it was sent, after a link that loses packets was idle. */
static void arrivals_after(uint64_t idle, uint64_t ret_arrivals[50])
{
        struct pair *p = pair_new(7);
        uint64_t sent;

        pair_connect(p, 24);
        air_pass(p->air, 1000000);
        pair_way(p, true)->loss = 0.3;
        air_pass(p->air, idle);
        sent = air_now(p->air);
        for (uint32_t i = 0; i < 50; i++)
                leg_send(p->central, i, 27);
        air_pass(p->air, 5000000);
        assert_int_equal(p->peripheral->n_data, 50);
        for (unsigned i = 0; i < 50; i++)
                ret_arrivals[i] = p->peripheral->arrivals[i] - sent;
        (void)pair_free(p);
}

/* A host is never as quick as the last time; its data is as lucky. */
static void test_exchange_luck_of_data_does_not_depend_on_when_it_is_sent(void **state)
{
        uint64_t early[50], late[50];

        (void)state;
        arrivals_after(30000, early);
        arrivals_after(390000, late);
        assert_memory_equal(early, late, sizeof(early));
}

struct outcome {
        uint64_t traces[2];
        struct radio_tally radios[2];
        struct tally ways[2];
};

/* An event that nobody expects anything of is over as soon as it begins, and misses what a host
 * says in these 310 us. */
static void pass_event(const struct pair *p)
{
        if ((air_now(p->air) - p->central->connected_at - 1250) % 7500 < 400)
                air_pass(p->air, 400);
}

/* Some traffic in both directions, at times that do not depend on the air. */
static struct outcome play(uint64_t seed, double loss, uint16_t latency)
{
        struct chance when = chance_new(5, 5);
        struct pair *p = pair_new(seed);
        struct outcome outcome;

        pair_connect(p, 6);
        if (latency > 0) {
                const struct link_timing timing = {6, latency, 200};

                assert_int_equal(link_update_timing(p->central->end, &timing), 0);
        }
        air_pass(p->air, 1000000);
        pair_way(p, true)->loss = loss;
        pair_way(p, false)->loss = loss;
        for (uint32_t i = 0; i < 300; i++) {
                pass_event(p);
                if (chance_hits(&when, 0.5))
                        leg_send(p->central, i, 20);
                if (chance_hits(&when, 0.5))
                        leg_send(p->peripheral, i, 10);
                air_pass(p->air, chance_below(&when, 100000));
        }
        air_pass(p->air, 1000000);
        outcome = (struct outcome){
                .traces = {p->a->trace, p->b->trace},
                .radios = {radio_tally(p->a->radio), radio_tally(p->b->radio)},
                .ways = {pair_way(p, true)->tally, pair_way(p, false)->tally},
        };
        (void)pair_free(p);
        return outcome;
}

static void test_exchange_same_seed_is_the_same_run(void **state)
{
        struct outcome a = play(1, 0.2, 0), b = play(1, 0.2, 0), c = play(2, 0.2, 0);

        (void)state;
        assert_memory_equal(&a, &b, sizeof(a));
        assert_true(a.traces[0] != c.traces[0]);
        assert_true(a.ways[0].lost != c.ways[0].lost || a.ways[1].lost != c.ways[1].lost);
}

/* With a loss that never strikes every event is run; without, only those that matter are. */
static void test_exchange_skipped_events_are_what_they_would_have_been(void **state)
{
        (void)state;
        for (uint16_t latency = 0; latency < 5; latency += 2) {
                struct outcome run = play(1, 1e-300, latency), skipped = play(1, 0, latency);

                assert_memory_equal(&run, &skipped, sizeof(run));
        }
}

static void test_exchange_drop_takes_the_nth_packet_and_the_link(void **state)
{
        struct pair *p = *state;

        air_pass(p->air, 1000000);
        p->b->echoes = true;
        pair_way(p, true)->drop = 5;
        for (uint32_t i = 0; i < 10; i++)
                leg_send(p->central, i, 20);
        air_pass(p->air, 3000000);
        assert_int_equal(p->peripheral->n_data, 4);
        assert_int_equal(pair_way(p, true)->tally.packets, 4);
        assert_int_equal(pair_way(p, true)->drop, 0);
        assert_int_equal(pair_way(p, true)->tally.drops, 1);
        assert_int_equal(p->central->reason, 0x08);
        assert_int_equal(p->peripheral->reason, 0x08);
}

/* leg_send() sends what no L2CAP would; its number is a length of 0 and a dynamic channel here. */
static void test_exchange_forged_message_is_as_ordered_and_counted(void **state)
{
        struct pair *p = *state;

        pair_way(p, true)->forgery = (struct forgery){FORGERY_LENGTH, 0};
        pair_way(p, true)->loss = 0.5;
        p->peripheral->station->ignores = true;
        leg_send(p->central, 0x00400000, 20);
        leg_send(p->central, 0x00400000, 20);
        air_pass(p->air, 100 * US);
        assert_int_equal(p->peripheral->n_data, 2);
        assert_int_equal(p->peripheral->n_bytes, 6 + 20);
        assert_int_equal(pair_way(p, true)->forgery.kind, FORGERY_OFF);
        assert_int_equal(pair_way(p, true)->tally.forged, 1);
        assert_int_equal(pair_way(p, false)->tally.forged, 0);
}

static void test_exchange_drop_before_it_is_established_ends_with_0x3e(void **state)
{
        struct pair *p = *state;

        pair_way(p, true)->drop = 1;
        leg_send(p->central, 0, 20);
        air_pass(p->air, 3000000);
        assert_int_equal(p->central->reason, 0x3e);
        assert_int_equal(p->peripheral->reason, 0x3e);
        assert_int_equal(p->central->ended_at, p->central->connected_at + 6 * US);
}

static void say(struct leg *leg, uint8_t channel, uint8_t opcode)
{
        const uint8_t frame[] = {4, 0, channel, 0, opcode, 3, 0, 0};

        assert_int_equal(link_send(leg->end, true, frame, sizeof(frame)), 0);
}

static void test_exchange_stops_before_the_nth_message_is_heard(void **state)
{
        struct pair *p = *state;
        struct space *space = air_space(p->air);
        uint64_t stopped;

        p->peripheral->station->ignores = true;
        space_stop_at(space, p->a->number, p->b->number, 4);
        say(p->central, 0x04, 0x52); /* the first: a write command */
        say(p->central, 0x04, 0x12); /* a write request */
        say(p->central, 0x05, 0x12); /* signaling */
        say(p->central, 0x04, 0x1b); /* the second: a notification */
        say(p->peripheral, 0x04, 0x52);
        say(p->central, 0x04, 0x23); /* the third: notifications */
        say(p->central, 0x40, 0x00); /* the fourth: on a channel of their own */
        say(p->central, 0x04, 0x52);
        air_pass(p->air, 1000000);
        assert_true(space_stopped(space));
        assert_int_equal(p->peripheral->n_data, 5);
        assert_int_equal(pair_way(p, true)->tally.stops, 1);
        stopped = air_now(p->air);
        assert_in_range(stopped, p->central->connected_at, p->central->connected_at + 2 * US);

        air_pass(p->air, 1000000);
        assert_int_equal(air_now(p->air), stopped);
        assert_int_equal(p->peripheral->n_data, 5);

        space_go_on(space);
        air_pass(p->air, 1000000);
        assert_int_equal(air_now(p->air), stopped + 1000000);
        assert_int_equal(p->peripheral->n_data, 7);
        assert_int_equal(pair_way(p, true)->tally.stops, 1);
}

static void test_exchange_held_data_waits_for_its_release(void **state)
{
        const struct link_control control = {.opcode = LL_VERSION_IND};
        struct pair *p = *state;

        pair_way(p, true)->held = true;
        leg_send(p->central, 0, 20);
        leg_send(p->central, 1, 20);
        leg_send(p->peripheral, 0, 20);
        assert_int_equal(link_control(p->central->end, &control), 0);
        air_pass(p->air, 5000000);
        assert_int_equal(p->peripheral->n_data, 0);
        assert_int_equal(p->peripheral->n_control, 1);
        assert_int_equal(p->central->n_data, 1);
        assert_int_equal(p->central->reason, 0);
        assert_true(air_next(p->air) == UINT64_MAX);

        pair_way(p, true)->held = false;
        assert_in_range(air_next(p->air), air_now(p->air), air_now(p->air) + US);
        air_pass(p->air, US + 5000);
        assert_int_equal(p->peripheral->n_data, 2);
        assert_false(p->peripheral->disorder);
}

static void test_exchange_control_pdu_passes_data_and_arrives_whole(void **state)
{
        const struct link_control control = {LL_FEATURE_REQ, 8, {1, 2, 3, 4, 5, 6, 7, 8}};
        struct pair *p = *state;

        for (uint32_t i = 0; i < 200; i++)
                leg_send(p->central, i, 27);
        assert_int_equal(link_control(p->central->end, &control), 0);
        air_advance(p->air, p->central->connected_at + 1250 + 1000);
        assert_int_equal(p->peripheral->n_control, 1);
        assert_true(p->peripheral->n_data < 3);
        assert_int_equal(p->peripheral->control.opcode, LL_FEATURE_REQ);
        assert_int_equal(p->peripheral->control.n_data, 8);
        assert_memory_equal(p->peripheral->control.data, control.data, 8);
        assert_int_equal(pair_way(p, true)->tally.control, 1);
}

static void test_exchange_fragment_is_one_delivery_of_many_packets(void **state)
{
        struct pair *p = *state;
        uint8_t data[600] = {0};

        p->b->ignores = true;
        assert_int_equal(link_send(p->central->end, true, data, sizeof(data)), 0);
        air_pass(p->air, 1000000);
        assert_int_equal(p->peripheral->n_data, 23);
        assert_int_equal(p->peripheral->n_bytes, 600);
        assert_int_equal(p->central->n_delivered, 1);

        link_set_octets(p->central->end, 251);
        assert_int_equal(link_send(p->central->end, true, data, sizeof(data)), 0);
        air_pass(p->air, 1000000);
        assert_int_equal(p->peripheral->n_data, 26);
        assert_int_equal(p->central->n_delivered, 2);
}

static void test_exchange_counts_att_by_opcode(void **state)
{
        const uint8_t write[] = {3, 0, 4, 0, 0x12, 1, 2}, other[] = {3, 0, 5, 0, 0x12, 1, 2};
        struct pair *p = *state;

        p->b->ignores = true;
        assert_int_equal(link_send(p->central->end, true, write, sizeof(write)), 0);
        assert_int_equal(link_send(p->central->end, false, write, sizeof(write)), 0);
        assert_int_equal(link_send(p->central->end, true, other, sizeof(other)), 0);
        air_pass(p->air, 1000000);
        assert_int_equal(pair_way(p, true)->tally.packets, 3);
        assert_int_equal(pair_way(p, true)->tally.att[0x12], 1);
}

/* 27 bytes take 296 us, an empty answer 80, the pauses 300: 44 exchanges in 30 ms. */
static void test_exchange_event_lasts_as_long_as_there_is_data_and_time(void **state)
{
        struct pair *p = *state;

        for (uint32_t i = 0; i < 200; i++)
                leg_send(p->central, i, 27);
        air_advance(p->air, p->central->connected_at + 1250 + US - 1);
        assert_int_equal(p->peripheral->n_data, (US - 150 + 150) / (296 + 150 + 80 + 150));
        assert_int_equal(radio_tally(p->a->radio).events, 1);
        assert_true(p->peripheral->arrivals[43] < p->central->connected_at + 1250 + US - 380);
}

static void test_exchange_peripheral_that_says_there_is_more_is_asked_again(void **state)
{
        struct pair *p = *state;

        for (uint32_t i = 0; i < 40; i++)
                leg_send(p->peripheral, i, 27);
        air_advance(p->air, p->central->connected_at + 1250 + US - 1);
        assert_int_equal(p->central->n_data, 40);
        assert_int_equal(radio_tally(p->a->radio).events, 1);
}

static void test_exchange_encryption_costs_four_bytes_a_packet(void **state)
{
        struct pair *p = *state;
        uint64_t before, back;

        air_pass(p->air, 100000);
        before = pair_way(p, true)->tally.airtime;
        back = pair_way(p, false)->tally.airtime;
        link_set_encrypted(p->central->end, true);
        link_set_encrypted(p->peripheral->end, true);
        leg_send(p->central, 0, 20);
        air_pass(p->air, US);
        assert_int_equal(pair_way(p, true)->tally.airtime - before, 80 + 24 * 8);
        assert_int_equal(pair_way(p, false)->tally.airtime - back, 80);
}

static void test_exchange_sleeping_peripheral_costs_less_and_loses_nothing(void **state)
{
        const struct link_timing timing = {INTERVAL, 4, 200};
        struct pair *p = *state;
        struct radio_tally before, after;

        assert_int_equal(link_update_timing(p->central->end, &timing), 0);
        air_pass(p->air, 1000000);
        before = radio_tally(p->b->radio);
        air_pass(p->air, 500 * US);
        after = radio_tally(p->b->radio);
        assert_int_equal(after.events - before.events, 100);
        assert_int_equal(after.airtime - before.airtime, 100 * 80);
        assert_int_equal(pair_way(p, true)->tally.lost, 0);

        for (uint32_t i = 0; i < 50; i++) {
                uint64_t asked = air_now(p->air);

                leg_send(p->central, i, 20);
                leg_send(p->peripheral, i, 20);
                air_pass(p->air, 6 * US + 1000 * i);
                assert_int_equal(p->peripheral->n_data, i + 1);
                assert_in_range(p->central->arrivals[i] - asked, 0, US + 1000);
                assert_in_range(p->peripheral->arrivals[i] - asked, 0, US + 1000);
        }
        for (uint32_t i = 50; i < 100; i++) {
                uint64_t asked = air_now(p->air);

                leg_send(p->central, i, 20);
                air_pass(p->air, 6 * US + 1000 * i);
                assert_in_range(p->peripheral->arrivals[i] - asked, 0, 5 * US + 1000);
        }
        assert_int_equal(pair_way(p, true)->tally.lost, 0);
        assert_int_equal(p->central->reason, 0);
}

/* Once there is something, the next comes without waiting for it to wake up. */
static void test_exchange_peripheral_stays_awake_while_there_is_data(void **state)
{
        const struct link_timing timing = {INTERVAL, 9, 300};
        struct pair *p = *state;

        assert_int_equal(link_update_timing(p->central->end, &timing), 0);
        air_pass(p->air, 1000000);
        leg_send(p->central, 0, 20);
        while (p->peripheral->n_data == 0)
                air_advance(p->air, air_next(p->air));
        for (uint32_t i = 1; i < 20; i++) {
                air_pass(p->air, 1000);
                leg_send(p->central, i, 20);
                air_pass(p->air, US - 1000);
                assert_int_equal(p->peripheral->n_data, i + 1);
        }
}

#define UNIT_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                UNIT_TEST(test_exchange_peripheral_stays_awake_while_there_is_data),
                UNIT_TEST(test_exchange_peripheral_that_says_there_is_more_is_asked_again),
                UNIT_TEST(test_exchange_first_anchor_is_one_unit_after_the_request),
                UNIT_TEST(test_exchange_idle_needs_no_look_and_counts_its_events),
                UNIT_TEST(test_exchange_data_both_ways_arrives_in_order),
                cmocka_unit_test(test_exchange_round_trip_takes_one_interval_or_two),
                UNIT_TEST(test_exchange_under_loss_delivers_everything_once_and_in_order),
                UNIT_TEST(test_exchange_luck_of_data_does_not_depend_on_when_it_is_sent),
                cmocka_unit_test(test_exchange_same_seed_is_the_same_run),
                cmocka_unit_test(test_exchange_skipped_events_are_what_they_would_have_been),
                UNIT_TEST(test_exchange_drop_takes_the_nth_packet_and_the_link),
                UNIT_TEST(test_exchange_forged_message_is_as_ordered_and_counted),
                UNIT_TEST(test_exchange_drop_before_it_is_established_ends_with_0x3e),
                UNIT_TEST(test_exchange_stops_before_the_nth_message_is_heard),
                UNIT_TEST(test_exchange_held_data_waits_for_its_release),
                UNIT_TEST(test_exchange_control_pdu_passes_data_and_arrives_whole),
                UNIT_TEST(test_exchange_fragment_is_one_delivery_of_many_packets),
                UNIT_TEST(test_exchange_counts_att_by_opcode),
                UNIT_TEST(test_exchange_event_lasts_as_long_as_there_is_data_and_time),
                UNIT_TEST(test_exchange_encryption_costs_four_bytes_a_packet),
                UNIT_TEST(test_exchange_sleeping_peripheral_costs_less_and_loses_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
