/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Subscribers who may go, and others come, while they are being told something.
 *
 * A member is the first thing in what its owner allocates. One that has gone is told nothing more,
 * and is freed when nobody is being told anything. One that comes meanwhile is not told what is
 * being told.
 */

#include <stdbool.h>

struct audience_member {
        struct audience_member *next;
        bool gone;
};

struct audience {
        struct audience_member *first;
        unsigned telling; /* how many times over */
};

void audience_add(struct audience *audience, struct audience_member *member);

/* Frees @member, at once or later. */
void audience_remove(struct audience *audience, struct audience_member *member);

/*
 * The members, one after the other, to the end: NULL. Between the first and the end everybody stays
 * in place; so a loop must not be left early.
 */
struct audience_member *audience_first(struct audience *audience);
struct audience_member *audience_next(struct audience *audience,
                                      const struct audience_member *after);

/* The same for telling one member something several times: from hold to release all stay. */
void audience_hold(struct audience *audience);
void audience_release(struct audience *audience);
