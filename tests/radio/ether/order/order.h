/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Orders for a room, in lines of text: on the socket, in a script, or due later.
 *
 * A line is a verb and its arguments; # begins a comment; a line of nothing does nothing.
 */

#include <stdio.h>

#include "room/room.h"

#define ORDER_REFUSED 1

/* Why not: one of the codes of order.c, the reason, and what to do. */
struct refusal {
        const char *code;
        char text[256];
};

/* Whether there is such an order, with that many arguments. 0, or ORDER_REFUSED. */
int order_check(const char *line, struct refusal *ret_refusal);

/* Does it; lines that answer it are written to @answer. 0, or ORDER_REFUSED. */
int order_do(struct room *room, const char *line, FILE *answer, struct refusal *ret_refusal);

/* Does it, and ends the answer with a line "ok", or "error CODE TEXT". */
void order_answer(struct room *room, const char *line, FILE *answer);

/* Writes what orders there are. */
void order_help(FILE *file);
