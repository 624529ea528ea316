/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* For tests of the air: a radio whose owner notes what it is told, and plays a simple part. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "air/air.h"

#define STATION_LEGS     32
#define STATION_REPORTS  4096
#define STATION_ARRIVALS 4096

struct station;

/* A link as one station has known it. */
struct leg {
        struct station *station;
        struct link_end *end; /* NULL when it is over */
        struct air_connection connection;
        uint64_t connected_at, ended_at;
        uint8_t reason; /* of its end, 0 before */

        unsigned n_data, n_bytes, n_delivered, n_control;
        struct link_control control; /* the last */
        uint32_t first_number;       /* of the first PDU: little endian, its first four bytes */
        uint32_t next_number;        /* of the PDU expected next */
        bool disorder;               /* another one came */
        uint64_t arrivals[STATION_ARRIVALS];

        unsigned n_timings, n_phys;
        struct link_timing timing;
        uint64_t timing_at, phys_at;
        uint8_t tx_phy, rx_phy;
};

struct station {
        struct air *air;
        struct radio *radio;
        unsigned number;
        bool echoes;                      /* sends back every PDU */
        bool ignores;                     /* counts data, and does not look at it */
        void (*on_data)(struct leg *leg); /* or NULL */
        void (*on_report)(struct station *station);

        struct leg legs[STATION_LEGS];
        unsigned n_legs;
        unsigned n_reports, n_responses, n_sets_ended;
        uint64_t report_times[STATION_REPORTS];
        struct air_report report; /* the last, without its data */
        uint8_t data[AIR_DATA_MAX];
        uint8_t set_status;
        unsigned set_events;
        uint64_t set_ended_at;
        uint64_t trace; /* a digest of everything it has heard, and when */
};

struct station *station_new(struct air *air);
struct station *station_free(struct station *station);

/* The address everything of a station has. */
struct air_address station_address(const struct station *station);

/* Usual settings, to be changed. */
struct air_advertising station_advertising(const struct station *station);
struct air_scanning station_scanning(const struct station *station);
struct air_initiating station_initiating(const struct station *station, const struct station *peer,
                                         uint16_t interval);

/* With the usual settings. */
void station_advertise(struct station *station);
void station_scan(struct station *station);

/* Connects them, at @interval (1.25 ms), and runs until both know; their new legs. */
void station_connect(struct station *central, struct station *peripheral, uint16_t interval,
                     struct leg **ret_central, struct leg **ret_peripheral);

/* Sends a PDU of @n_data >= 4 bytes that begins with @number. */
void leg_send(struct leg *leg, uint32_t number, size_t n_data);

/* Two of them, and the link between them once there is one. */
struct pair {
        struct air *air;
        struct station *a, *b;
        struct leg *central, *peripheral;
};

struct pair *pair_new(uint64_t seed);
struct pair *pair_free(struct pair *pair);
void pair_connect(struct pair *pair, uint16_t interval);
struct way *pair_way(struct pair *pair, bool to_peripheral);

/* Runs the air for @us. */
void air_pass(struct air *air, uint64_t us);
