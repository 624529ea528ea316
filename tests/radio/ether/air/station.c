/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "air/station.h"

#include <stdlib.h>
#include <string.h>

enum trace_kind {
        TRACE_REPORT,
        TRACE_CONNECTED,
        TRACE_DATA,
        TRACE_DELIVERED,
        TRACE_CONTROL,
        TRACE_TIMING,
        TRACE_PHYS,
        TRACE_ENDED,
        TRACE_SET,
};

/* FNV-1a over words. */
static void station_trace(struct station *s, enum trace_kind kind, uint64_t what)
{
        const uint64_t words[] = {air_now(s->air), kind, what};

        for (size_t i = 0; i < 3; i++)
                s->trace = (s->trace ^ words[i]) * UINT64_C(0x100000001b3);
}

static uint32_t number_of(const uint8_t *data)
{
        return data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 | (uint32_t)data[3] << 24;
}

static void leg_check_order(struct leg *leg, const uint8_t *data, size_t n_data)
{
        uint32_t number;

        assert_true(n_data >= 4);
        number = number_of(data);
        if (leg->n_data == 0)
                leg->first_number = leg->next_number = number;
        if (number != leg->next_number)
                leg->disorder = true;
        leg->next_number = number + 1;
}

static void leg_on_data(void *userdata, bool first, const uint8_t *data, size_t n_data)
{
        struct leg *leg = userdata;
        struct station *s = leg->station;

        station_trace(s, TRACE_DATA, (uint64_t)n_data << 8 | first);
        if (!s->ignores)
                leg_check_order(leg, data, n_data);
        if (leg->n_data < STATION_ARRIVALS)
                leg->arrivals[leg->n_data] = air_now(s->air);
        leg->n_data++;
        leg->n_bytes += (unsigned)n_data;
        if (s->echoes)
                assert_int_equal(link_send(leg->end, first, data, n_data), 0);
        if (s->on_data)
                s->on_data(leg);
}

static void leg_on_delivered(void *userdata)
{
        struct leg *leg = userdata;

        leg->n_delivered++;
        station_trace(leg->station, TRACE_DELIVERED, leg->n_delivered);
}

static void leg_on_control(void *userdata, const struct link_control *control)
{
        struct leg *leg = userdata;

        leg->n_control++;
        leg->control = *control;
        station_trace(leg->station, TRACE_CONTROL, control->opcode);
}

static void leg_on_timing(void *userdata, const struct link_timing *timing)
{
        struct leg *leg = userdata;

        leg->n_timings++;
        leg->timing = *timing;
        leg->timing_at = air_now(leg->station->air);
        station_trace(leg->station, TRACE_TIMING, timing->interval);
}

static void leg_on_phys(void *userdata, uint8_t tx_phy, uint8_t rx_phy)
{
        struct leg *leg = userdata;

        leg->n_phys++;
        leg->tx_phy = tx_phy;
        leg->rx_phy = rx_phy;
        leg->phys_at = air_now(leg->station->air);
        station_trace(leg->station, TRACE_PHYS, tx_phy);
}

static void leg_on_ended(void *userdata, uint8_t reason)
{
        struct leg *leg = userdata;

        assert_int_equal(leg->reason, 0);
        leg->reason = reason;
        leg->end = NULL;
        leg->ended_at = air_now(leg->station->air);
        station_trace(leg->station, TRACE_ENDED, reason);
}

static const struct link_owner leg_owner = {
        .on_data = leg_on_data,
        .on_delivered = leg_on_delivered,
        .on_control = leg_on_control,
        .on_timing = leg_on_timing,
        .on_phys = leg_on_phys,
        .on_ended = leg_on_ended,
};

static void station_on_report(void *userdata, const struct air_report *report)
{
        struct station *s = userdata;

        if (s->n_reports < STATION_REPORTS)
                s->report_times[s->n_reports] = air_now(s->air);
        s->n_reports++;
        s->n_responses += report->response;
        s->report = *report;
        memcpy(s->data, report->data, report->n_data);
        s->report.data = NULL;
        station_trace(s, TRACE_REPORT, report->n_data);
        if (s->on_report)
                s->on_report(s);
}

static void station_on_connected(void *userdata, const struct air_connection *connection)
{
        struct station *s = userdata;
        struct leg *leg = &s->legs[s->n_legs++];

        assert_true(s->n_legs <= STATION_LEGS);
        *leg = (struct leg){
                .station = s,
                .end = connection->end,
                .connection = *connection,
                .connected_at = air_now(s->air),
        };
        link_hold(connection->end, &leg_owner, leg);
        station_trace(s, TRACE_CONNECTED, connection->role);
}

static void station_on_set_ended(void *userdata, uint8_t set, uint8_t status, unsigned events)
{
        struct station *s = userdata;

        s->n_sets_ended++;
        s->set_status = status;
        s->set_events = events;
        s->set_ended_at = air_now(s->air);
        station_trace(s, TRACE_SET, (uint64_t)set << 8 | status);
}

static const struct radio_owner station_owner = {
        .on_report = station_on_report,
        .on_connected = station_on_connected,
        .on_set_ended = station_on_set_ended,
};

struct station *station_new(struct air *air)
{
        struct station *s = calloc(1, sizeof(*s));

        assert_non_null(s);
        s->air = air;
        assert_int_equal(radio_new(air, &station_owner, s, &s->radio), 0);
        s->number = radio_number(s->radio);
        return s;
}

struct station *station_free(struct station *station)
{
        free(station);
        return NULL;
}

struct air_address station_address(const struct station *station)
{
        return (struct air_address){
                .type = AIR_PUBLIC,
                .bytes = {(uint8_t)station->number, 0, 0, 0, 0xaa, 0},
        };
}

struct air_advertising station_advertising(const struct station *station)
{
        return (struct air_advertising){
                .interval = 20000,
                .connectable = true,
                .scannable = true,
                .channels = 7,
                .primary_phy = LINK_PHY_1M,
                .secondary_phy = LINK_PHY_1M,
                .own = station_address(station),
                .n_data = 3,
                .data = {2, 1, 6},
                .n_response = 4,
                .response = {3, 9, 'h', 'i'},
        };
}

struct air_scanning station_scanning(const struct station *station)
{
        return (struct air_scanning){
                .interval = 10000,
                .window = 10000,
                .own = station_address(station),
        };
}

struct air_initiating station_initiating(const struct station *station, const struct station *peer,
                                         uint16_t interval)
{
        return (struct air_initiating){
                .interval = 10000,
                .window = 10000,
                .own = station_address(station),
                .peer = station_address(peer),
                .timing = {.interval = interval, .latency = 0, .timeout = 200},
        };
}

void station_advertise(struct station *station)
{
        struct air_advertising advertising = station_advertising(station);

        assert_int_equal(radio_advertise(station->radio, 0, &advertising), 0);
}

void station_scan(struct station *station)
{
        struct air_scanning scanning = station_scanning(station);

        radio_scan(station->radio, &scanning);
}

void station_connect(struct station *central, struct station *peripheral, uint16_t interval,
                     struct leg **ret_central, struct leg **ret_peripheral)
{
        struct air_initiating initiating = station_initiating(central, peripheral, interval);
        unsigned n_central = central->n_legs, n_peripheral = peripheral->n_legs;

        station_advertise(peripheral);
        assert_int_equal(radio_connect(central->radio, &initiating), 0);
        while (central->n_legs == n_central || peripheral->n_legs == n_peripheral)
                air_advance(central->air, air_next(central->air));
        *ret_central = &central->legs[n_central];
        *ret_peripheral = &peripheral->legs[n_peripheral];
}

void leg_send(struct leg *leg, uint32_t number, size_t n_data)
{
        uint8_t data[LINK_OCTETS_MAX] = {(uint8_t)number, (uint8_t)(number >> 8),
                                         (uint8_t)(number >> 16), (uint8_t)(number >> 24)};

        assert_true(n_data >= 4 && n_data <= sizeof(data));
        assert_int_equal(link_send(leg->end, true, data, n_data), 0);
}

void air_pass(struct air *air, uint64_t us)
{
        air_advance(air, air_now(air) + us);
}

struct pair *pair_new(uint64_t seed)
{
        struct pair *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        assert_int_equal(air_new(seed, &p->air), 0);
        p->a = station_new(p->air);
        p->b = station_new(p->air);
        return p;
}

struct pair *pair_free(struct pair *pair)
{
        (void)air_free(pair->air);
        (void)station_free(pair->a);
        (void)station_free(pair->b);
        free(pair);
        return NULL;
}

void pair_connect(struct pair *pair, uint16_t interval)
{
        station_connect(pair->a, pair->b, interval, &pair->central, &pair->peripheral);
}

struct way *pair_way(struct pair *pair, bool to_peripheral)
{
        unsigned a = pair->a->number, b = pair->b->number;

        return to_peripheral ? space_way(air_space(pair->air), a, b)
                             : space_way(air_space(pair->air), b, a);
}
