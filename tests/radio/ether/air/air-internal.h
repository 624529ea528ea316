/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The air as its own files see it: air.c, radio.c, advertiser.c, scanner.c, flood.c. */

#include "air/air.h"
#include "air/chance.h"
#include "air/links.h"

/* HCI error codes (Volume 1, Part F) that a set ends with. */
enum set_status {
        SET_TIMED_OUT = 0x3c,
        SET_LIMIT_REACHED = 0x43,
};

enum set_phase {
        SET_BEGINS,    /* an advertising event */
        SET_PRIMARY,   /* a PDU on one of channels 37 to 39 */
        SET_AUXILIARY, /* the AUX_ADV_IND it points to, and what is chained to that */
        SET_RESPONSE,  /* a scan request has been answered */
        SET_CONNECT,   /* a connection request has been sent to it */
        SET_ENDS,      /* its duration is over */
};

/* An advertising set. The phase says what ends @at. */
struct set {
        bool active;
        uint8_t handle;
        struct air_advertising advertising;
        uint64_t ends_at; /* by its duration; UINT64_MAX for never */
        uint64_t began;   /* the advertising event */
        unsigned events;  /* that are over */

        enum set_phase phase;
        uint64_t at;
        uint8_t channel;    /* of the primary PDU, 0 to 2 */
        uint64_t followers; /* radios that wait for the AUX_ADV_IND; a bit each by number */
        uint64_t asking;    /* radios whose scan request has been heard */
        unsigned connector; /* radio whose connection request it is */
};

struct radio {
        struct air *air;
        const struct radio_owner *owner;
        void *userdata;
        struct antenna antenna;
        unsigned limit;
        uint64_t adverts, reports;

        struct set sets[AIR_SETS_MAX];
        struct chance delays;

        bool scans, initiates;
        uint64_t scans_since, initiates_since;
        struct air_scanning scanning;
        struct air_initiating initiating;

        struct air_address accept[AIR_ACCEPT_MAX];
        size_t n_accept;

        struct radio *next; /* of those that are to be freed */
};

/* Streams of chance that are not a way's, by the upper half of their names. */
enum air_stream {
        STREAM_DELAY = 0x100, /* of a radio's advertising events */
        STREAM_FLOOD,         /* an address of the flood */
};

struct flood {
        unsigned n_addresses, per_second;
        int8_t signal;
        uint64_t since, n_sent;
};

struct air {
        uint64_t seed, now;
        struct space *space;
        struct links links;
        struct flood flood;
        struct radio *radios[SPACE_RADIOS]; /* by number */
        bool running;                       /* callbacks may come: nothing is freed now */
        struct radio *gone;
};

bool air_address_equal(const struct air_address *a, const struct air_address *b);

/* Whether @address is on the radio's filter accept list. */
bool radio_accepts(const struct radio *radio, const struct air_address *address);

/* Whether the radio, scanning or initiating, cares for advertisements of the set. */
bool radio_scans_for(const struct radio *radio, const struct air_advertising *advertising);
bool radio_initiates_for(const struct radio *radio, const struct air_advertising *advertising);

/* Whether it listens to primary channel @channel (0 to 2) during all of that time. */
bool radio_scan_listens(const struct radio *radio, uint8_t channel, uint64_t from, uint64_t to);
bool radio_initiate_listens(const struct radio *radio, uint8_t channel, uint64_t from, uint64_t to);

/* Tells the radio's owner, if it scans still. */
void radio_report(struct radio *radio, const struct air_report *report);

/* The connection request of @initiator's is over; @heard by the set, which has ended by that, or
 * not. Tells those that are connected now: the initiator, with legacy PDUs, in any case. */
void radio_meet(struct radio *initiator, struct radio *advertiser, const struct set *set,
                bool heard);

void set_start(struct radio *radio, struct set *set, uint8_t handle,
               const struct air_advertising *advertising);
void set_change(struct radio *radio, struct set *set, const struct air_advertising *advertising);
/* It is the set's time @at. */
void set_run(struct radio *radio, struct set *set);

uint64_t flood_next(const struct flood *flood);
void flood_run(struct air *air);
