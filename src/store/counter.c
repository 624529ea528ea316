/* SPDX-License-Identifier: Apache-2.0 */

#include "store/counter.h"

#include "store/query.h"
#include "store/row.h"

int store_counter_get(struct store *store, const uint8_t kid[STORE_KID_BYTES], const char *product,
                      uint32_t *ret_value)
{
        struct query q;
        bool found;
        uint32_t value = 0;
        int r;

        query_start(&q, store, QUERY_COUNTER_GET);
        query_put_blob(&q, kid, STORE_KID_BYTES);
        query_put_text(&q, product);
        found = query_step(&q);
        if (found)
                value = (uint32_t)query_get_int(&q);
        r = query_end_found(&q, found);
        if (r != 0)
                return r;
        *ret_value = value;
        return 0;
}

/* Looked up inside the transaction, so that two enrollments at once cannot pass each other. */
int counter_raise(struct store *store, const struct store_counter *counter)
{
        struct query q;
        uint32_t highest;
        int r;

        r = store_counter_get(store, counter->kid, counter->product, &highest);
        if (r < 0)
                return r;
        if (r == 0 && highest > counter->value)
                return STORE_E_SUPERSEDED;
        query_start(&q, store, QUERY_COUNTER_RAISE);
        query_put_blob(&q, counter->kid, sizeof(counter->kid));
        query_put_text(&q, counter->product);
        query_put_int(&q, counter->value);
        return query_run(&q);
}
