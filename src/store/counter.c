/* SPDX-License-Identifier: Apache-2.0 */

#include "store/counter.h"

#include "store/query.h"

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
        r = query_end(&q);
        if (r < 0)
                return r;
        if (!found)
                return STORE_E_NONE;
        *ret_value = value;
        return 0;
}
