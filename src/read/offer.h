/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The enrollment codes that are in one picture: a person who shows two has to choose. */

#include <stdbool.h>
#include <stddef.h>

#include "read/symbol.h"

#define OFFER_MAX 4 /* further ones are not kept */

struct offer {
        struct symbol symbols[OFFER_MAX]; /* different ones; secret */
        size_t n;
};

/* Adds a code unless it is there already. */
void offer_add(struct offer *offer, const struct symbol *symbol);

/* Wipes it; it is then empty. */
void offer_done(struct offer *offer);

static inline void offer_done_deferred(struct offer *offer)
{
        offer_done(offer);
}
