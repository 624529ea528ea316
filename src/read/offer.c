/* SPDX-License-Identifier: Apache-2.0 */

#include "read/offer.h"

#include <string.h>

static bool symbol_is_same(const struct symbol *a, const struct symbol *b)
{
        return a->symbology == b->symbology && a->n_bytes == b->n_bytes &&
               memcmp(a->bytes, b->bytes, a->n_bytes) == 0;
}

void offer_add(struct offer *offer, const struct symbol *symbol)
{
        for (size_t i = 0; i < offer->n; i++)
                if (symbol_is_same(&offer->symbols[i], symbol))
                        return;
        if (offer->n < OFFER_MAX)
                offer->symbols[offer->n++] = *symbol;
}

void offer_done(struct offer *offer)
{
        explicit_bzero(offer, sizeof(*offer));
}
