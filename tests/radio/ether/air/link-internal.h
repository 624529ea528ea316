/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A link as its own files see it: link.c, exchange.c, links.c. */

#include "air/links.h"
#include "air/outbox.h"
#include "air/packet.h"

#define LINK_UNIT         1250 /* us, of intervals */
#define LINK_TIMEOUT_UNIT 10000

/* HCI error codes (Volume 1, Part F). */
enum link_reason {
        LINK_TIMED_OUT = 0x08,
        LINK_TERMINATED_HERE = 0x16,
        LINK_NOT_ESTABLISHED = 0x3e,
};

struct link_end {
        struct link *link;
        enum link_role role;
        unsigned number;         /* its radio's */
        struct antenna *antenna; /* NULL when this end is over or never was */
        const struct link_owner *owner;
        void *userdata;

        struct outbox outbox;
        struct pdu flight; /* if in_flight: sent, and not acknowledged yet */
        bool in_flight;
        bool sn, nesn; /* as the standard calls them: numbers of what it sends and expects */
        bool encrypted;
        uint16_t octets;

        bool established;  /* has heard the other */
        uint64_t heard_at; /* last, or since when it listens */
        bool terminating;
        uint8_t reason; /* of its LL_TERMINATE_IND */
        uint64_t terminating_since;
        uint8_t leaving; /* the other's reason, once that has been heard; else 0 */
};

struct link_instant {
        bool pending;
        bool heard; /* by the peripheral */
        uint16_t counter;
};

enum link_phase {
        LINK_WAITS, /* for its next connection event */
        LINK_CENTRAL_SENDS,
        LINK_PERIPHERAL_SENDS,
};

struct link {
        struct links *links;
        struct link *next;
        struct link_end ends[2]; /* by role */
        struct link_timing timing;
        uint8_t phys[2]; /* of what each role sends */

        uint64_t anchor;  /* of the next connection event */
        uint16_t counter; /* its number */
        uint64_t served;  /* when the last one began */

        enum link_phase phase;
        uint64_t at; /* when the packet in the air ends, or the anchor */
        struct {
                bool sn, nesn, more;
        } packet;
        bool central_more; /* what the central's last packet said of more data */

        bool listens;   /* the peripheral, in this event */
        bool answers;   /* it has heard something in this event */
        bool awake;     /* it does not sleep through the next one */
        unsigned slept; /* events since it last listened */

        bool silent;     /* nobody hears anybody, by an order */
        uint8_t cut;     /* a reason both are to be told, or 0 */
        uint64_t cut_at; /* when that was ordered */
        struct link_instant timing_instant, phys_instant;
        struct link_timing new_timing;
        uint8_t new_phys[2];
};

static inline struct link_end *end_peer(struct link_end *end)
{
        return &end->link->ends[!end->role];
}

static inline bool end_there(const struct link_end *end)
{
        return end->antenna != NULL;
}

static inline uint64_t link_interval(const struct link *link)
{
        return (uint64_t)link->timing.interval * LINK_UNIT;
}

/* The way of what @end sends. */
struct way *end_way(const struct link_end *end);

/* Whether it has more to send than what is in flight. */
bool end_waits(const struct link_end *end);

/* us, of what it would send next, and of the longest it may. */
uint32_t end_next_airtime(const struct link_end *end);
uint32_t end_longest_airtime(const struct link_end *end);

/* Over, without a word. */
void end_close(struct link_end *end);
/* Over, and its owner told. */
void end_tell_ended(struct link_end *end, uint8_t reason);

/* When the end gives up, UINT64_MAX if it is over already; and with which reason. */
uint64_t end_deadline(const struct link_end *end);
uint8_t end_deadline_reason(const struct link_end *end);

/* The link is at its time @at: goes on. */
void exchange_step(struct link *link);

/* Whether @at, the next exchange of the link, can be finished before any anchor of the links of
 * either radio. */
bool links_has_room(const struct link *link, uint64_t at);

/* Whether a link of either radio has waited longer, and an event of this one would be in its way;
 * the antenna they share. */
struct antenna *links_rival(const struct link *link);

/* How long after @earliest, in steps of 1.25 ms and less than @interval (1.25 ms) of them, anchors
 * are farthest from those of other links of the radio. */
uint64_t links_place(const struct links *links, const struct antenna *antenna,
                     const struct link *except, uint64_t earliest, uint16_t interval);
