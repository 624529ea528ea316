/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who hears whom, how well, and what bad luck is ordered: a way for each direction of each pair of
 * radios, and what has passed on it.
 *
 * Radios are numbers below SPACE_RADIOS here.
 */

#include <stdbool.h>
#include <stdint.h>

#include "air/chance.h"
#include "air/forgery.h"

#define SPACE_RADIOS 64
#define SPACE_NEAR   (-50)  /* dBm, a way's signal unless somebody says otherwise */
#define SPACE_FLOOR  (-100) /* dBm, what is at most as strong is not heard */

/* What passed on a way. Only what the receiver got counts as a packet; what it missed is lost. */
struct tally {
        uint64_t packets;  /* data PDUs */
        uint64_t bytes;    /* their payload */
        uint64_t control;  /* link layer control PDUs */
        uint64_t lost;     /* PDUs of any kind, empty ones too, that were sent and not heard */
        uint64_t drops;    /* links that went silent here, as ordered */
        uint64_t stops;    /* times that the air stopped here, as ordered */
        uint64_t forged;   /* frames that were changed here, as ordered */
        uint64_t airtime;  /* us, of everything sent, heard or not */
        uint64_t att[256]; /* ATT PDUs by opcode, on the fixed channel 4 */
};

struct way {
        int8_t signal; /* dBm at the receiver */
        double loss;   /* probability that a PDU is not heard */
        bool held;     /* data PDUs wait at the sender; the link stays up */
        uint64_t drop; /* the link goes silent at this data PDU, 1 for the next; 0 never */
        struct forgery forgery;
        unsigned refusals;  /* so many of the next connection requests are not heard */
        struct chance luck; /* of PDUs on links that are not data */
        struct chance
                data_luck; /* of data PDUs: how many empty ones come between does not matter */
        struct chance advert_luck; /* of advertisements */
        struct tally tally;
};

struct space;

/* Every way near and without loss. */
int space_new(uint64_t seed, struct space **ret_space);
struct space *space_free(struct space *space);

/* The way of what @from sends and @to hears; not NULL, lives as long as the space. */
struct way *space_way(struct space *space, unsigned from, unsigned to);

/* A muted radio is not heard and hears nothing. */
void space_mute(struct space *space, unsigned radio, bool muted);
bool space_muted(const struct space *space, unsigned radio);

/* The air stops at the @n-th message from now that @from sends and @to would hear; 0 for never. One
 * way at a time. */
void space_stop_at(struct space *space, unsigned from, unsigned to, uint64_t n);

/* Counts a message that would be heard. True if it is the one: then the air has stopped. */
bool space_stops(struct space *space, unsigned from, unsigned to);
bool space_stopped(const struct space *space);
void space_go_on(struct space *space);

/* Forgets what was ordered for a radio, its mute and all its ways, both directions; luck goes on
 * and tallies are kept. */
void space_forget(struct space *space, unsigned radio);

/* Whether a PDU can be heard at all: nobody is muted, and the signal is strong enough. */
bool space_in_range(struct space *space, unsigned from, unsigned to);

/* Whether this PDU is heard: in range, and lucky. One number is drawn from the way's stream for
 * each question about a way with loss, and none otherwise. */
bool space_hears(struct space *space, unsigned from, unsigned to);
bool space_hears_data(struct space *space, unsigned from, unsigned to);
bool space_hears_advert(struct space *space, unsigned from, unsigned to);
