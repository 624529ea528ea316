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

/*
 * Adds a code unless it is there already. Where there are codes, references (one-dimensional
 * symbols) do not count: retail numbers and the device's own stand beside its code on a label.
 */
void offer_add(struct offer *offer, const struct symbol *symbol);

/* Whether there is a code among them, and not references alone. */
bool offer_has_code(const struct offer *offer);

/* Wipes it; it is then empty. */
void offer_done(struct offer *offer);

static inline void offer_done_deferred(struct offer *offer)
{
        offer_done(offer);
}
