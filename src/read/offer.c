/* SPDX-License-Identifier: Apache-2.0 */

#include "read/offer.h"

#include <string.h>

static bool symbol_is_same(const struct symbol *a, const struct symbol *b)
{
        return a->symbology == b->symbology && a->n_bytes == b->n_bytes &&
               memcmp(a->bytes, b->bytes, a->n_bytes) == 0;
}

/* A symbol that only names a code; a label may have its device's number beside the code itself. */
static bool symbol_is_reference(const struct symbol *symbol)
{
        return symbol->symbology != SYMBOLOGY_QR;
}

static void offer_drop_references(struct offer *offer)
{
        size_t n = 0;

        for (size_t i = 0; i < offer->n; i++)
                if (!symbol_is_reference(&offer->symbols[i]))
                        offer->symbols[n++] = offer->symbols[i];
        explicit_bzero(&offer->symbols[n], (OFFER_MAX - n) * sizeof(offer->symbols[0]));
        offer->n = n;
}

void offer_add(struct offer *offer, const struct symbol *symbol)
{
        for (size_t i = 0; i < offer->n; i++)
                if (symbol_is_same(&offer->symbols[i], symbol) ||
                    (symbol_is_reference(symbol) && !symbol_is_reference(&offer->symbols[i])))
                        return;
        if (!symbol_is_reference(symbol))
                offer_drop_references(offer);
        if (offer->n < OFFER_MAX)
                offer->symbols[offer->n++] = *symbol;
}

bool offer_has_code(const struct offer *offer)
{
        return offer->n > 0 && !symbol_is_reference(&offer->symbols[0]);
}

void offer_done(struct offer *offer)
{
        explicit_bzero(offer, sizeof(*offer));
}
