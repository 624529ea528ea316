/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Puts the packets of one direction back into the order of their numbers.
 *
 * Enhanced ATT spreads commands and notifications over several bearers, each of which is in order
 * only by itself (Bluetooth Core, Vol 3, Part F, 3.3.2, "Sequential protocol"). BlueZ opens more
 * bearers to a peer that supports them, as another BlueZ does, and packets can then overtake each
 * other. A packet that arrives early is kept until its turn; one that arrives too early, or twice,
 * breaks the link.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REORDER_WINDOW       16  /* packets that can be kept; less than half of all numbers */
#define REORDER_PACKET_BYTES 517 /* the largest ATT value there can be, and some */

struct reorder {
        uint8_t next; /* the number whose turn it is */
        struct reorder_slot {
                size_t n_packet; /* 0: empty */
                uint8_t packet[REORDER_PACKET_BYTES];
        } slots[REORDER_WINDOW];
};

void reorder_init(struct reorder *r);

/* Takes a packet that begins with its number (wire/fragment.h); false if it breaks the link. */
bool reorder_put(struct reorder *r, const uint8_t *packet, size_t n_packet);

/* True if the packet whose turn it is has arrived. */
bool reorder_ready(const struct reorder *r);

/* The packet whose turn it is, which stays valid until the next put; NULL if it has not arrived. */
const uint8_t *reorder_get(struct reorder *r, size_t *ret_n_packet);
