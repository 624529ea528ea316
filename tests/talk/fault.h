/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One session of the world of talk/world.h, message by message, and what can happen to a message.
 */

#include "talk/world.h"

#define FAULT_MESSAGES 16 /* that a session can have here, counted from 1 */

enum fault {
        LOSE,
        DOUBLE,
        SWAP,
        TRUNCATE,
        EXTEND,
        EMPTY_TYPE,
        REPLAY,
        FAULTS,
};

/* Hub @hub gets the link and starts a session; messages are counted from here. */
void connect_to(int hub);

/*
 * Delivers what is under way, one message after the other, until @n have been said since the link
 * came up, and the last of them is still under way.
 */
struct world_queue *until(unsigned n);

/* Lets hub 0 have a session, and keeps its first @n messages for SWAP and REPLAY. */
void fault_record(unsigned n);

/* Does this to the message that is under way as number @at of a session like the recorded one. */
void fault_make(enum fault fault, struct world_queue *q, unsigned at);
