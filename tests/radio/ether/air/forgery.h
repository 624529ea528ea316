/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an order changes in a frame on its way: how a request for an L2CAP channel is answered, or
 * how long a message on such a channel is said to be (Volume 3, Part A, sections 4.1, 4.23 and
 * 3.4). It is for what no host can be made to send.
 */

#include <stdbool.h>
#include <stdint.h>

#include "air/outbox.h"

enum forgery_kind {
        FORGERY_OFF,
        FORGERY_RESULT,  /* the channel is refused with this result */
        FORGERY_REJECT,  /* a Command Reject with this reason, and no answer */
        FORGERY_MTU,     /* the answer offers this MTU */
        FORGERY_CREDITS, /* the answer gives so many credits */
        FORGERY_LENGTH,  /* a message has this length; with 0 it has no bytes either */
};

struct forgery {
        enum forgery_kind kind; /* of the next frame for which it makes sense, once */
        uint16_t value;
};

/* Whether it has changed @pdu; then it is off. A frame is changed only if its first PDU holds all
 * that there is to change, and a message of length 0 has to be a short one. */
bool forgery_apply(struct forgery *forgery, struct pdu *pdu);
