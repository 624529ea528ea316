/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "air/station.h"

/*
 * Everything at once, from outside and from callbacks, in runs that chance makes up. What holds
 * in all of them: whatever is delivered was sent, in order and once; each link ends at most once
 * and then is silent; time goes on.
 */

#define STATIONS 6
#define TURNS    400

struct chaos {
        struct air *air;
        struct chance chance;
        struct station *stations[STATIONS];
        uint32_t sent[STATIONS][STATION_LEGS]; /* PDUs, of each leg */
};

static struct chaos *playing;

static unsigned below(unsigned limit)
{
        return chance_below(&playing->chance, limit);
}

static struct station *any_station(void)
{
        return playing->stations[below(STATIONS)];
}

static struct way *any_way(void)
{
        return space_way(air_space(playing->air), below(STATIONS), below(STATIONS));
}

static struct leg *any_leg(void)
{
        struct station *s = any_station();
        struct leg *leg = s->n_legs > 0 ? &s->legs[below(s->n_legs)] : NULL;

        return leg && leg->end && s->radio ? leg : NULL;
}

static void do_advertise(void)
{
        struct station *s = any_station();
        struct air_advertising advertising = station_advertising(s);

        if (!s->radio || s->n_legs > STATION_LEGS - STATIONS)
                return;
        advertising.extended = below(3) == 0;
        advertising.n_data = (uint16_t)(advertising.extended ? below(AIR_DATA_MAX) : below(32));
        advertising.directed = below(10) == 0;
        advertising.high_duty = advertising.directed;
        advertising.peer = station_address(any_station());
        (void)radio_advertise(s->radio, (uint8_t)below(4), &advertising);
}

static void do_scan(void)
{
        struct station *s = any_station();
        struct air_scanning scanning = station_scanning(s);

        scanning.extended = below(2);
        scanning.active = below(2);
        scanning.window = 5000 + below(2) * 5000;
        if (s->radio)
                radio_scan(s->radio, below(4) ? &scanning : NULL);
}

static void do_connect(void)
{
        struct station *s = any_station(), *peer = any_station();
        struct air_initiating initiating = station_initiating(s, peer, (uint16_t)(6 + below(30)));

        initiating.extended = below(2);
        initiating.timing.latency = (uint16_t)below(4);
        if (!s->radio || s->n_legs > STATION_LEGS - STATIONS)
                return;
        if (below(8) == 0)
                (void)radio_connect_cancel(s->radio);
        else
                (void)radio_connect(s->radio, &initiating);
}

static void do_send(void)
{
        struct leg *leg = any_leg();
        size_t n = 4 + below(24);

        if (!leg)
                return;
        for (unsigned i = below(10); i > 0; i--)
                leg_send(leg, playing->sent[leg->station->number][leg - leg->station->legs]++, n);
}

static void do_update(void)
{
        const struct link_timing timing = {(uint16_t)(6 + below(60)), (uint16_t)below(4), 200};
        struct leg *leg = any_leg();
        int r;

        if (!leg || link_role(leg->end) != LINK_CENTRAL)
                return;
        if (below(2))
                r = link_update_timing(leg->end, &timing);
        else
                r = link_update_phys(leg->end, (uint8_t)below(3), (uint8_t)below(3));
        assert_true(r == 0 || r == -EBUSY);
}

static void do_end(void)
{
        struct leg *leg = any_leg();

        if (!leg)
                return;
        switch (below(3)) {
        case 0:
                link_terminate(leg->end, 0x13);
                break;
        case 1:
                link_cut(leg->end, 0x3d);
                break;
        default:
                link_abandon(leg->end);
                leg->end = NULL;
        }
}

static void do_space(void)
{
        struct way *way = any_way();

        switch (below(6)) {
        case 0:
                way->loss = below(2) ? 0.3 : 0;
                break;
        case 1:
                way->held = below(2);
                break;
        case 2:
                way->drop = below(20);
                break;
        case 3:
                way->refusals = below(3);
                break;
        case 4:
                space_mute(air_space(playing->air), below(STATIONS), below(3) == 0);
                break;
        default:
                space_forget(air_space(playing->air), below(STATIONS));
        }
}

static void do_unplug(void)
{
        struct station *s = any_station();

        if (!s->radio || below(10) > 0)
                return;
        s->radio = radio_free(s->radio);
        for (unsigned i = 0; i < s->n_legs; i++)
                s->legs[i].end = NULL;
}

static void do_something(void)
{
        static void (*const deeds[])(void) = {
                do_advertise, do_scan,   do_connect, do_connect, do_send, do_send,
                do_send,      do_update, do_space,   do_unplug,  do_end,
        };

        deeds[below(sizeof(deeds) / sizeof(deeds[0]))]();
}

static void on_report_do(struct station *station)
{
        (void)station;
        if (below(10) == 0)
                do_something();
}

static void on_data_do(struct leg *leg)
{
        (void)leg;
        if (below(3) == 0)
                do_something();
}

/* The other side of a link, which began at the same time with the other role. */
static const struct leg *leg_other(const struct leg *leg)
{
        for (unsigned n = 0; n < STATIONS; n++)
                for (unsigned i = 0; i < playing->stations[n]->n_legs; i++) {
                        const struct leg *other = &playing->stations[n]->legs[i];

                        if (other->connected_at == leg->connected_at && other != leg &&
                            other->connection.peer.bytes[0] == leg->connection.own.bytes[0] &&
                            other->connection.own.bytes[0] == leg->connection.peer.bytes[0])
                                return other;
                }
        return NULL;
}

static void leg_check(const struct leg *leg)
{
        const struct leg *other = leg_other(leg);
        const struct station *s = other ? other->station : NULL;

        assert_false(leg->disorder);
        assert_int_equal(leg->first_number, 0);
        if (leg->n_data > 0)
                assert_non_null(other);
        if (other)
                assert_true(leg->n_data <= playing->sent[s->number][other - s->legs]);
}

static uint64_t run(uint64_t seed)
{
        struct chaos chaos = {.chance = chance_new(seed, 77)};
        uint64_t trace = 0;

        playing = &chaos;
        assert_int_equal(air_new(seed, &chaos.air), 0);
        for (unsigned n = 0; n < STATIONS; n++) {
                chaos.stations[n] = station_new(chaos.air);
                chaos.stations[n]->on_report = on_report_do;
                chaos.stations[n]->on_data = on_data_do;
        }
        air_flood(chaos.air, 5, 20, -60);
        for (unsigned turn = 0; turn < TURNS; turn++) {
                do_something();
                air_pass(chaos.air, below(30000));
        }
        for (unsigned n = 0; n < STATIONS; n++) {
                for (unsigned i = 0; i < chaos.stations[n]->n_legs; i++)
                        leg_check(&chaos.stations[n]->legs[i]);
                trace = trace * 31 + chaos.stations[n]->trace;
        }
        (void)air_free(chaos.air);
        for (unsigned n = 0; n < STATIONS; n++)
                (void)station_free(chaos.stations[n]);
        return trace;
}

static void test_chaos_keeps_what_a_link_promises(void **state)
{
        (void)state;
        for (uint64_t seed = 1; seed <= 200; seed++)
                (void)run(seed);
}

static void test_chaos_is_the_same_twice(void **state)
{
        (void)state;
        for (uint64_t seed = 1; seed <= 5; seed++) {
                uint64_t trace = run(seed);

                assert_true(trace == run(seed));
                assert_true(trace != run(seed + 100));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_chaos_keeps_what_a_link_promises),
                cmocka_unit_test(test_chaos_is_the_same_twice),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
