/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Subscribers that may leave, and new ones that may join, while they are being notified.
 *
 * A member is the first field of what its owner allocates. One that has left is no longer notified;
 * its memory is freed when no notification is under way. One that joins during a notification does
 * not get that one.
 */

#include <stdbool.h>

struct audience_member {
        struct audience_member *next;
        bool gone;
};

struct audience {
        struct audience_member *first;
        unsigned n_holds; /* notifications under way, one inside the other */
};

void audience_add(struct audience *audience, struct audience_member *member);

/* Takes @member out and frees it, now or when it can be. */
void audience_remove(struct audience *audience, struct audience_member *member);

/*
 * The members in turn; NULL after the last. No member is freed between the first and the NULL, so a
 * loop must run to its end.
 */
struct audience_member *audience_first(struct audience *audience);
struct audience_member *audience_next(struct audience *audience,
                                      const struct audience_member *after);

/* The same for notifying one member several times: no member is freed between hold and release. */
void audience_hold(struct audience *audience);
void audience_release(struct audience *audience);
