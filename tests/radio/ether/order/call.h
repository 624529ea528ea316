/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * An order being done, and how its arguments are taken.
 *
 * What takes an argument returns 0, or ORDER_REFUSED when it has said why in call->refusal.
 * Arguments count from 1; word 0 is the verb.
 */

#include <stdbool.h>
#include <stdio.h>

#include "order/order.h"
#include "room/room.h"
#include "order/value.h"

struct call {
        struct room *room;
        struct words words;
        FILE *answer;
        struct refusal *refusal;
};

/* Two radios in the space, one direction between them or both. */
struct route {
        unsigned from, to;
        bool both;
};

/* Says why not; returns ORDER_REFUSED. */
int refuse(struct refusal *refusal, const char *code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The same for what the system said, -@error. */
int refuse_failure(struct refusal *refusal, int error, const char *what);

/* The n-th argument; NULL if it was left out. */
const char *call_argument(const struct call *call, unsigned n);

/* A whole number; @missing if it was left out. */
int call_integer(struct call *call, unsigned n, long min, long max, long missing, long *ret_value);
int call_number(struct call *call, unsigned n, double min, double max, double *ret_value);

/* The first argument: a known name, or one that is plugged in. */
int call_name(struct call *call, struct plug **ret_plug);
int call_plugged(struct call *call, struct plug **ret_plug);

/* The first argument: A>B or A-B; or only A>B. */
int call_route(struct call *call, struct route *ret_route);
int call_direction(struct call *call, struct route *ret_route);

/* Calls @each with the way, or both ways, of @route. */
void call_each_way(const struct call *call, const struct route *route,
                   void (*each)(struct way *way, const void *userdata), const void *userdata);
