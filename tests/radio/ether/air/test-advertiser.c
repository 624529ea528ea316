/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "air/station.h"

/* Advertising, and who hears it. b advertises, a listens. */
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

static void advertise(struct station *s, const struct air_advertising *advertising)
{
        assert_int_equal(radio_advertise(s->radio, 0, advertising), 0);
}

static void scan_extended(struct station *s, bool active)
{
        struct air_scanning scanning = station_scanning(s);

        scanning.extended = true;
        scanning.active = active;
        radio_scan(s->radio, &scanning);
}

static struct air_advertising extended_advertising(const struct station *s)
{
        struct air_advertising advertising = station_advertising(s);

        advertising.extended = true;
        advertising.scannable = false;
        advertising.sid = 5;
        advertising.tx_power = 4;
        advertising.secondary_phy = LINK_PHY_2M;
        return advertising;
}

static void test_advertiser_advertisement_is_reported_as_it_is(void **state)
{
        struct pair *p = *state;
        struct air_address address = station_address(p->b);

        pair_way(p, false)->signal = -63;
        station_advertise(p->b);
        station_scan(p->a);
        air_pass(p->air, 15000);
        assert_int_equal(p->a->n_reports, 1);
        assert_false(p->a->report.extended || p->a->report.response || p->a->report.directed);
        assert_true(p->a->report.connectable && p->a->report.scannable);
        assert_memory_equal(&p->a->report.from, &address, sizeof(address));
        assert_int_equal(p->a->report.signal, -63);
        assert_int_equal(p->a->report.sid, 0xff);
        assert_int_equal(p->a->report.n_data, 3);
        assert_memory_equal(p->a->data, "\x02\x01\x06", 3);
        assert_int_equal(p->b->n_reports, 0);
}

/* Every interval and up to 10 ms: 25 ms on the average. */
static void test_advertiser_advertising_events_keep_their_interval(void **state)
{
        struct pair *p = *state;
        struct air_scanning scanning = station_scanning(p->a);
        uint64_t shortest = UINT64_MAX, longest = 0;

        scanning.interval = scanning.window = 10000000;
        station_advertise(p->b);
        radio_scan(p->a->radio, &scanning);
        air_pass(p->air, 25000000);
        assert_in_range(p->a->n_reports, 970, 1030);
        for (unsigned i = 1; i < p->a->n_reports; i++) {
                uint64_t d = p->a->report_times[i] - p->a->report_times[i - 1];

                shortest = d < shortest ? d : shortest;
                longest = d > longest ? d : longest;
        }
        /* Which of its three channels is listened to moves it by two PDUs. */
        assert_in_range(shortest, 20000 - 1000, 20500);
        assert_in_range(longest, 29500, 30000 + 1000);
        assert_in_range(radio_tally(p->b->radio).adverts, p->a->n_reports - 1, p->a->n_reports + 1);
        assert_int_equal(radio_tally(p->a->radio).reports, p->a->n_reports);
}

static void test_advertiser_advertising_with_one_channel_is_heard_a_third_of_the_time(void **state)
{
        struct air_advertising advertising;
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        advertising.channels = 2;
        advertise(p->b, &advertising);
        station_scan(p->a);
        air_pass(p->air, 50000000);
        assert_in_range(p->a->n_reports, 2000 / 3 - 100, 2000 / 3 + 100);
}

static void test_advertiser_scanning_a_tenth_of_the_time_hears_a_tenth(void **state)
{
        struct air_scanning scanning;
        struct pair *p = *state;

        scanning = station_scanning(p->a);
        scanning.interval = 100000;
        scanning.window = 10000;
        station_advertise(p->b);
        radio_scan(p->a->radio, &scanning);
        air_pass(p->air, 50000000);
        assert_in_range(p->a->n_reports, 140, 260);
        for (unsigned i = 0; i < p->a->n_reports; i++)
                assert_true(p->a->report_times[i] % 100000 <= 10000);
}

static void test_advertiser_stopped_advertising_and_scanning_are_silent(void **state)
{
        struct pair *p = *state;
        unsigned n;

        station_advertise(p->b);
        station_scan(p->a);
        air_pass(p->air, 1000000);
        n = p->a->n_reports;
        radio_scan(p->a->radio, NULL);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_reports, n);
        radio_advertise_stop(p->b->radio, 0);
        assert_true(air_next(p->air) == UINT64_MAX);
}

static void test_advertiser_pdu_that_has_begun_is_not_heard(void **state)
{
        struct air_advertising advertising;
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        advertising.channels = 1;
        advertise(p->b, &advertising);
        air_advance(p->air, air_next(p->air));
        air_pass(p->air, 1);
        station_scan(p->a);
        air_pass(p->air, 5000);
        assert_int_equal(p->a->n_reports, 0);
        air_pass(p->air, 200000);
        assert_true(p->a->n_reports > 0);
}

static void test_advertiser_active_scan_gets_a_response(void **state)
{
        struct air_scanning scanning;
        struct pair *p = *state;

        scanning = station_scanning(p->a);
        scanning.active = true;
        station_advertise(p->b);
        radio_scan(p->a->radio, &scanning);
        air_pass(p->air, 15000);
        assert_int_equal(p->a->n_reports, 2);
        assert_int_equal(p->a->n_responses, 1);
        assert_true(p->a->report.response);
        assert_int_equal(p->a->report.n_data, 4);
        assert_memory_equal(p->a->data, "\x03\x09hi", 4);
        /* T_IFS, SCAN_REQ, T_IFS, SCAN_RSP */
        assert_int_equal(p->a->report_times[1] - p->a->report_times[0],
                         150 + (80 + 12 * 8) + 150 + (80 + 10 * 8));
}

static void test_advertiser_scan_response_needs_both_to_agree(void **state)
{
        struct air_advertising advertising;
        struct air_scanning scanning;
        struct air_address list[1];
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        advertising.scannable = false;
        scanning = station_scanning(p->a);
        scanning.active = true;
        advertise(p->b, &advertising);
        radio_scan(p->a->radio, &scanning);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_responses, 0);

        advertising.scannable = true;
        advertising.accept_scans = true;
        advertise(p->b, &advertising);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_responses, 0);

        list[0] = station_address(p->a);
        radio_accept(p->b->radio, list, 1);
        air_pass(p->air, 1000000);
        assert_true(p->a->n_responses > 20);

        p->a->n_responses = 0;
        pair_way(p, true)->loss = 1;
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_responses, 0);
}

static void test_advertiser_accept_list_filters_what_is_heard(void **state)
{
        struct air_scanning scanning;
        struct air_address list[2];
        struct pair *p = *state;

        scanning = station_scanning(p->a);
        scanning.accept_only = true;
        station_advertise(p->b);
        radio_scan(p->a->radio, &scanning);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_reports, 0);
        list[0] = station_address(p->a);
        list[1] = station_address(p->b);
        radio_accept(p->a->radio, list, 2);
        air_pass(p->air, 1000000);
        assert_true(p->a->n_reports > 20);
        radio_accept(p->a->radio, NULL, 0);
        p->a->n_reports = 0;
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_reports, 0);
}

static void test_advertiser_directed_advertisement_is_for_its_peer_alone(void **state)
{
        struct air_advertising advertising;
        struct pair *p = *state;
        struct station *c = station_new(p->air);

        advertising = station_advertising(p->b);
        advertising.directed = true;
        advertising.scannable = false;
        advertising.n_data = 0;
        advertising.peer = station_address(c);
        advertise(p->b, &advertising);
        station_scan(p->a);
        station_scan(c);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_reports, 0);
        assert_true(c->n_reports > 20);
        assert_true(c->report.directed);
        assert_memory_equal(&c->report.to, &advertising.peer, sizeof(advertising.peer));
        (void)station_free(c);
}

static void test_advertiser_high_duty_advertising_lasts_1280_ms(void **state)
{
        struct air_advertising advertising;
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        advertising.directed = true;
        advertising.high_duty = true;
        advertising.n_data = 0;
        advertising.peer = station_address(p->a);
        advertise(p->b, &advertising);
        station_scan(p->a);
        air_pass(p->air, 2000000);
        assert_in_range(p->a->n_reports, 320, 345);
        assert_int_equal(p->b->n_sets_ended, 1);
        assert_int_equal(p->b->set_status, 0x3c);
        assert_int_equal(p->b->set_ended_at, 1280000);
        assert_true(air_next(p->air) == UINT64_MAX);
}

static void test_advertiser_set_ends_by_its_duration(void **state)
{
        struct air_advertising advertising;
        struct pair *p = *state;

        advertising = extended_advertising(p->b);
        advertising.duration = 500000;
        advertise(p->b, &advertising);
        air_pass(p->air, 1000000);
        assert_int_equal(p->b->n_sets_ended, 1);
        assert_int_equal(p->b->set_status, 0x3c);
        assert_int_equal(p->b->set_ended_at, 500000);
        assert_in_range(p->b->set_events, 16, 25);
}

static void test_advertiser_set_ends_by_its_events(void **state)
{
        struct air_advertising advertising;
        struct pair *p = *state;

        advertising = extended_advertising(p->b);
        advertising.max_events = 7;
        advertise(p->b, &advertising);
        scan_extended(p->a, false);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_reports, 7);
        assert_int_equal(p->b->n_sets_ended, 1);
        assert_int_equal(p->b->set_status, 0x43);
        assert_int_equal(p->b->set_events, 7);
        assert_int_equal(radio_tally(p->b->radio).adverts, 7);
}

static void test_advertiser_changed_set_keeps_its_rhythm(void **state)
{
        struct air_advertising advertising;
        struct pair *p = *state;
        uint64_t next;

        advertising = station_advertising(p->b);
        advertise(p->b, &advertising);
        station_scan(p->a);
        air_pass(p->air, 1000000);
        next = air_next(p->air);
        advertising.n_data = 1;
        advertise(p->b, &advertising);
        assert_int_equal(air_next(p->air), next);
        air_pass(p->air, 40000);
        assert_int_equal(p->a->report.n_data, 1);
}

static void test_advertiser_nine_sets_are_too_many(void **state)
{
        struct air_advertising advertising;
        struct pair *p = *state;

        advertising = station_advertising(p->b);
        for (uint8_t i = 0; i < AIR_SETS_MAX; i++)
                assert_int_equal(radio_advertise(p->b->radio, (uint8_t)(10 + i), &advertising), 0);
        assert_true(radio_advertise(p->b->radio, 3, &advertising) < 0);
        radio_advertise_stop(p->b->radio, 12);
        assert_int_equal(radio_advertise(p->b->radio, 3, &advertising), 0);
        station_scan(p->a);
        air_pass(p->air, 5000000);
        assert_in_range(p->a->n_reports, 8 * 190, 8 * 210);
}

static void test_advertiser_extended_advertisement_is_for_those_who_ask(void **state)
{
        struct air_advertising advertising;
        struct pair *p = *state;
        struct station *c = station_new(p->air);

        advertising = extended_advertising(p->b);
        advertising.n_data = AIR_DATA_MAX;
        for (size_t i = 0; i < AIR_DATA_MAX; i++)
                advertising.data[i] = (uint8_t)(i * 31 >> 3);
        advertise(p->b, &advertising);
        station_scan(p->a);
        scan_extended(c, false);
        air_pass(p->air, 1000000);
        assert_int_equal(p->a->n_reports, 0);
        assert_in_range(c->n_reports, 30, 55);
        assert_true(c->report.extended && c->report.connectable && !c->report.scannable);
        assert_int_equal(c->report.sid, 5);
        assert_int_equal(c->report.tx_power, 4);
        assert_int_equal(c->report.primary_phy, LINK_PHY_1M);
        assert_int_equal(c->report.secondary_phy, LINK_PHY_2M);
        assert_int_equal(c->report.n_data, AIR_DATA_MAX);
        assert_memory_equal(c->data, advertising.data, AIR_DATA_MAX);
        (void)station_free(c);
}

static void test_advertiser_extended_scan_response_is_as_long_as_it_likes(void **state)
{
        struct air_advertising advertising;
        struct pair *p = *state;

        advertising = extended_advertising(p->b);
        advertising.connectable = false;
        advertising.scannable = true;
        advertising.n_data = 0;
        advertising.n_response = 1000;
        memset(advertising.response, 0x5a, 1000);
        advertise(p->b, &advertising);
        scan_extended(p->a, true);
        air_pass(p->air, 25000);
        assert_int_equal(p->a->n_reports, 2);
        assert_int_equal(p->a->n_responses, 1);
        assert_int_equal(p->a->report.n_data, 1000);
        assert_memory_equal(p->a->data, advertising.response, 1000);
}

/* Five PDUs in a chain and a primary one: all have to be heard. */
static void test_advertiser_long_extended_advertisements_are_lost_more_often(void **state)
{
        struct air_advertising advertising;
        struct pair *p = *state;
        unsigned events;

        advertising = extended_advertising(p->b);
        advertising.n_data = 1000;
        pair_way(p, false)->loss = 0.2;
        advertise(p->b, &advertising);
        scan_extended(p->a, false);
        air_pass(p->air, 50000000);
        events = (unsigned)radio_tally(p->b->radio).adverts;
        assert_in_range(p->a->n_reports * 1000 / events, 235, 290);
}

#define UNIT_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                UNIT_TEST(test_advertiser_pdu_that_has_begun_is_not_heard),
                UNIT_TEST(test_advertiser_advertisement_is_reported_as_it_is),
                UNIT_TEST(test_advertiser_advertising_events_keep_their_interval),
                UNIT_TEST(
                        test_advertiser_advertising_with_one_channel_is_heard_a_third_of_the_time),
                UNIT_TEST(test_advertiser_scanning_a_tenth_of_the_time_hears_a_tenth),
                UNIT_TEST(test_advertiser_stopped_advertising_and_scanning_are_silent),
                UNIT_TEST(test_advertiser_active_scan_gets_a_response),
                UNIT_TEST(test_advertiser_scan_response_needs_both_to_agree),
                UNIT_TEST(test_advertiser_accept_list_filters_what_is_heard),
                UNIT_TEST(test_advertiser_directed_advertisement_is_for_its_peer_alone),
                UNIT_TEST(test_advertiser_high_duty_advertising_lasts_1280_ms),
                UNIT_TEST(test_advertiser_set_ends_by_its_duration),
                UNIT_TEST(test_advertiser_set_ends_by_its_events),
                UNIT_TEST(test_advertiser_changed_set_keeps_its_rhythm),
                UNIT_TEST(test_advertiser_nine_sets_are_too_many),
                UNIT_TEST(test_advertiser_extended_advertisement_is_for_those_who_ask),
                UNIT_TEST(test_advertiser_extended_scan_response_is_as_long_as_it_likes),
                UNIT_TEST(test_advertiser_long_extended_advertisements_are_lost_more_often),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
