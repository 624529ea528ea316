/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "air/station.h"

#define MANY 16

/* A hub with many peripherals. */
struct star {
        struct air *air;
        struct station *hub;
        struct station *devices[STATION_LEGS];
        struct leg *out[STATION_LEGS], *back[STATION_LEGS];
        unsigned n;
};

static struct star *star_new(unsigned n, uint16_t interval)
{
        struct star *s = calloc(1, sizeof(*s));

        assert_non_null(s);
        assert_int_equal(air_new(1, &s->air), 0);
        s->hub = station_new(s->air);
        s->n = n;
        for (unsigned i = 0; i < n; i++) {
                s->devices[i] = station_new(s->air);
                station_connect(s->hub, s->devices[i], interval, &s->out[i], &s->back[i]);
        }
        air_pass(s->air, 1000000);
        return s;
}

static void star_free(struct star *s)
{
        (void)air_free(s->air);
        (void)station_free(s->hub);
        for (unsigned i = 0; i < s->n; i++)
                (void)station_free(s->devices[i]);
        free(s);
}

static void star_check_alive(const struct star *s)
{
        for (unsigned i = 0; i < s->n; i++) {
                assert_int_equal(s->out[i]->reason, 0);
                assert_int_equal(s->back[i]->reason, 0);
                assert_false(s->out[i]->disorder || s->back[i]->disorder);
        }
}

/* us from a whole number of intervals, of the link's anchors: when an idle link's PDU arrives. */
static uint64_t leg_phase(struct leg *from, struct leg *to, uint64_t interval)
{
        leg_send(from, 0, 4);
        air_pass(from->station->air, 2 * interval);
        assert_int_equal(to->n_data, 1);
        return to->arrivals[0] % interval;
}

static uint64_t distance(uint64_t a, uint64_t b, uint64_t interval)
{
        uint64_t d = (a + interval - b) % interval;

        return d < interval - d ? d : interval - d;
}

static void test_links_anchors_keep_away_from_each_other(void **state)
{
        struct star *s = star_new(MANY, 24);
        uint64_t phases[MANY];

        (void)state;
        for (unsigned i = 0; i < MANY; i++)
                phases[i] = leg_phase(s->out[i], s->back[i], 30000);
        assert_in_range(distance(phases[0], phases[1], 30000), 14000, 15000);
        for (unsigned i = 0; i < MANY; i++)
                for (unsigned j = 0; j < i; j++)
                        assert_true(distance(phases[i], phases[j], 30000) >= 625);
        star_free(s);
}

static void test_links_idle_need_no_look(void **state)
{
        struct star *s = star_new(MANY, 6);
        uint64_t events = radio_tally(s->hub->radio).events;

        (void)state;
        assert_true(air_next(s->air) == UINT64_MAX);
        air_pass(s->air, 7500000);
        assert_int_equal(radio_tally(s->hub->radio).events - events, 1000 * MANY);
        star_check_alive(s);
        star_free(s);
}

static void test_links_many_echo_everything(void **state)
{
        struct star *s = star_new(MANY, 24);

        (void)state;
        for (unsigned i = 0; i < MANY; i++) {
                s->devices[i]->echoes = true;
                for (uint32_t k = 0; k < 300; k++)
                        leg_send(s->out[i], k + 1000 * i, 20);
        }
        air_pass(s->air, 60000000);
        star_check_alive(s);
        for (unsigned i = 0; i < MANY; i++) {
                assert_int_equal(s->out[i]->n_data, 300);
                assert_int_equal(s->out[i]->first_number, 1000 * i);
        }
        assert_int_equal(radio_tally(s->hub->radio).missed, 0);
        star_free(s);
}

/* us, that the hub has sent or been sent to on its links; it can do one at a time. */
static uint64_t star_used(const struct star *s)
{
        struct space *space = air_space(s->air);
        uint64_t used = 0;

        for (unsigned i = 0; i < s->n; i++) {
                unsigned device = s->devices[i]->number;

                used += space_way(space, s->hub->number, device)->tally.airtime;
                used += space_way(space, device, s->hub->number)->tally.airtime;
        }
        return used;
}

/* Everybody has more to say than there is time for. */
static void check_shares(unsigned n, uint16_t interval, uint16_t octets)
{
        struct star *s = star_new(n, interval);
        unsigned most = 0, least = UINT32_MAX;
        uint64_t used;

        for (unsigned i = 0; i < n; i++) {
                link_set_octets(s->out[i]->end, octets);
                for (uint32_t k = 0; k < 8000; k++)
                        leg_send(s->out[i], k, octets);
        }
        used = star_used(s);
        air_pass(s->air, 8000000);
        star_check_alive(s);
        assert_true(star_used(s) - used <= 8000000);
        for (unsigned i = 0; i < n; i++) {
                unsigned got = s->back[i]->n_data;

                assert_true(got < 8000);
                most = got > most ? got : most;
                least = got < least ? got : least;
        }
        assert_true(least * 4 >= most);
        star_free(s);
}

static void test_links_many_busy_ones_share_the_time(void **state)
{
        (void)state;
        check_shares(4, 24, 27);
        check_shares(MANY, 24, 27);
        check_shares(MANY, 24, 251);
        check_shares(24, 6, 27);
        check_shares(24, 6, 251);
}

/* A message in three PDUs, as an MTU of 517 makes them. */
static void leg_send_message(struct leg *leg)
{
        leg_send(leg, 0, 251);
        leg_send(leg, 0, 251);
        leg_send(leg, 0, 17);
}

static void on_message(struct leg *leg)
{
        if (leg->n_data % 3 == 0)
                leg_send_message(leg);
}

/* What is answered during a connection event makes it longer than anybody could know at its
 * beginning. */
static void check_conversations(unsigned n, uint16_t interval)
{
        struct star *s = star_new(n, interval);
        unsigned most = 0, least = UINT32_MAX;

        s->hub->ignores = true;
        s->hub->on_data = on_message;
        for (unsigned i = 0; i < n; i++) {
                s->devices[i]->ignores = true;
                s->devices[i]->on_data = on_message;
                link_set_octets(s->out[i]->end, 251);
                link_set_octets(s->back[i]->end, 251);
                for (unsigned k = 0; k < 4; k++)
                        leg_send_message(s->out[i]);
        }
        air_pass(s->air, 20000000);
        star_check_alive(s);
        for (unsigned i = 0; i < n; i++) {
                most = s->out[i]->n_data > most ? s->out[i]->n_data : most;
                least = s->out[i]->n_data < least ? s->out[i]->n_data : least;
        }
        assert_true(least * 4 >= most);
        star_free(s);
}

static void test_links_in_conversation_share_the_time(void **state)
{
        (void)state;
        for (uint16_t interval = 6; interval <= 40; interval++)
                for (unsigned n = 2; n <= 4; n++)
                        check_conversations(n, interval);
}

static void test_links_of_one_peripheral_with_many_centrals_live(void **state)
{
        struct air *air;
        struct station *device, *centrals[MANY];
        struct leg *out[MANY], *back[MANY];

        (void)state;
        assert_int_equal(air_new(1, &air), 0);
        device = station_new(air);
        device->echoes = true;
        for (unsigned i = 0; i < MANY; i++) {
                centrals[i] = station_new(air);
                station_connect(centrals[i], device, 24, &out[i], &back[i]);
                for (uint32_t k = 0; k < 300; k++)
                        leg_send(out[i], k, 27);
        }
        air_pass(air, 60000000);
        for (unsigned i = 0; i < MANY; i++) {
                assert_int_equal(out[i]->reason, 0);
                assert_int_equal(back[i]->reason, 0);
                assert_int_equal(out[i]->n_data, 300);
        }
        (void)air_free(air);
        (void)station_free(device);
        for (unsigned i = 0; i < MANY; i++)
                (void)station_free(centrals[i]);
}

static void test_links_unplugged_hub_is_missed_by_all(void **state)
{
        struct star *s = star_new(MANY, 24);

        (void)state;
        s->hub->radio = radio_free(s->hub->radio);
        air_pass(s->air, 2100000);
        for (unsigned i = 0; i < MANY; i++) {
                assert_int_equal(s->back[i]->reason, 0x08);
                assert_int_equal(s->out[i]->reason, 0);
        }
        assert_true(air_next(s->air) == UINT64_MAX);
        star_free(s);
}

static void on_each(struct link_end *end, void *userdata)
{
        unsigned *n = userdata;

        assert_int_equal(link_role(end), LINK_CENTRAL);
        (*n)++;
        link_cut(end, 0x3d);
}

static void test_links_are_found_by_their_radios(void **state)
{
        struct star *s = star_new(3, 24);
        unsigned n = 0;

        (void)state;
        air_each_link(s->air, s->hub->number, s->devices[1]->number, on_each, &n);
        assert_int_equal(n, 1);
        air_pass(s->air, 1);
        assert_int_equal(s->out[0]->reason, 0);
        assert_int_equal(s->out[1]->reason, 0x3d);
        assert_int_equal(s->back[1]->reason, 0x3d);
        assert_int_equal(radio_links(s->hub->radio), 2);
        star_free(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_links_anchors_keep_away_from_each_other),
                cmocka_unit_test(test_links_idle_need_no_look),
                cmocka_unit_test(test_links_many_echo_everything),
                cmocka_unit_test(test_links_many_busy_ones_share_the_time),
                cmocka_unit_test(test_links_in_conversation_share_the_time),
                cmocka_unit_test(test_links_of_one_peripheral_with_many_centrals_live),
                cmocka_unit_test(test_links_unplugged_hub_is_missed_by_all),
                cmocka_unit_test(test_links_are_found_by_their_radios),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
