/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * All links of an air: which is due, and what those of one radio do to each other. For the air; who
 * uses a link sees link.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "air/link.h"
#include "air/space.h"

/* What the links of a radio share: it sends and hears on one of them at a time. */
struct antenna {
        unsigned number; /* the radio's */
        unsigned n_links;
        uint64_t busy_until;
        uint64_t events, missed, airtime; /* see struct radio_tally */
};

struct link;

struct links {
        struct space *space;
        uint64_t now;
        struct link *first; /* in the order they began */
};

/* A connection as it is made; a side that does not know of it is not there. */
struct link_birth {
        struct antenna *antennas[2]; /* by role; NULL: not there */
        unsigned numbers[2];         /* of the radios */
        struct link_timing timing;
        uint8_t phy;
};

/* 0 or -ENOMEM. Its first connection event is 1.25 ms from now or later, as far from those of the
 * central's other links as can be (Volume 6, Part B, section 4.5.3). */
int links_add(struct links *links, const struct link_birth *birth, struct link **ret_link);
void links_done(struct links *links);

struct link_end *link_end(struct link *link, enum link_role role);

/* When a link needs to be looked at; UINT64_MAX for never. */
uint64_t links_next(const struct links *links);

/* It is @now, and everything before has been run; a link with nothing to do has done it. */
void links_set_now(struct links *links, uint64_t now);

/* Runs one that is due. */
void links_run(struct links *links);

/* Frees those that nobody knows any more; never from a callback. */
void links_reap(struct links *links);

/* The radio is gone. */
void links_abandon(struct links *links, const struct antenna *antenna);

void links_each(struct links *links, unsigned from, unsigned to,
                void (*each)(struct link_end *end, void *userdata), void *userdata);
