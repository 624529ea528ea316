/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which tag lies on the reader, so that one that stays there is one tap. The reader looks again and
 * again, and switches its field off in between; what it finds each time is noted here.
 *
 * A tag counts as gone after two looks without it, because a tag at the edge of the field misses
 * one now and then. A tag with a random identifier, as phones have, has another one at each look:
 * it is the one that was there until none is.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRESENCE_UID_MAX 10
#define PRESENCE_MISSES  2

struct presence {
        bool is_there;
        unsigned n_missed;
        uint8_t uid[PRESENCE_UID_MAX];
        size_t n_uid;
};

/* A tag was found. Whether it is a new one, and so a tap. @n_uid: at most PRESENCE_UID_MAX. */
bool presence_see(struct presence *p, const uint8_t *uid, size_t n_uid);

/* No tag was found. */
void presence_miss(struct presence *p);

/* The tag is gone: the next one that is found is a tap, even if it is the same. */
void presence_forget(struct presence *p);
