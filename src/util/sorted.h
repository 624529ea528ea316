/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Things by their identifier: pointers to things that begin with it, in the order of the
 * identifiers' bytes. The things are the owner's, and so is their type. All zero is an empty one.
 */

#include <stddef.h>
#include <stdint.h>

#define SORTED_ID_BYTES 16

struct sorted {
        void **things;
        size_t n, n_room;
};

/* Frees the array, and no thing. */
void sorted_done(struct sorted *sorted);

/* Where the thing with this identifier is, or would be. */
size_t sorted_position(const struct sorted *sorted, const uint8_t id[SORTED_ID_BYTES]);

/* NULL if there is none. */
void *sorted_find(const struct sorted *sorted, const uint8_t id[SORTED_ID_BYTES]);

/* The thing at this place, NULL at the end. */
void *sorted_at(const struct sorted *sorted, size_t at);

/* Adds a thing whose identifier no other one has. 0 or -ENOMEM. */
int sorted_add(struct sorted *sorted, void *thing);

/* Takes out the thing at this place, which is the caller's then; the next one takes the place. */
void *sorted_take(struct sorted *sorted, size_t at);
