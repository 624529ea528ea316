/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What an end of a link has yet to send: control PDUs and, after them, data, cut into PDUs when
 * their turn comes. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "air/link.h"

enum pdu_kind {
        PDU_EMPTY,
        PDU_FIRST,      /* begins an L2CAP frame */
        PDU_CONTINUING, /* continues one */
        PDU_CONTROL,
};

struct pdu {
        enum pdu_kind kind;
        bool last; /* completes a fragment */
        uint16_t n_data;
        uint8_t data[LINK_OCTETS_MAX]; /* of a control PDU: the opcode, then its data */
};

struct outbox_item;

struct outbox_queue {
        struct outbox_item *first, *last;
};

/* Embedded, begins as zeros. */
struct outbox {
        struct outbox_queue control, data;
};

int outbox_add_data(struct outbox *outbox, bool first, const uint8_t *data, size_t n_data);
int outbox_add_control(struct outbox *outbox, const struct link_control *control);
void outbox_done(struct outbox *outbox);

/* Whether there is anything to send; @held data does not count. */
bool outbox_waits(const struct outbox *outbox, bool held);

/* Bytes of payload of the next PDU; 0 if it is an empty one. */
size_t outbox_next_size(const struct outbox *outbox, bool held, size_t octets);

/* The next PDU, of at most @octets: an empty one if nothing waits. */
void outbox_take(struct outbox *outbox, bool held, size_t octets, struct pdu *ret_pdu);
