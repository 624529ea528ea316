/* SPDX-License-Identifier: Apache-2.0 */

#include "store/delivery.h"

#include <string.h>

#include "store/query.h"

static void delivery_get(struct query *q, struct store_delivery *d)
{
        d->retain = query_get_int(q) != 0;
        d->throttle_s = (uint32_t)query_get_int(q);
}

int store_delivery_get(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                       struct store_delivery *ret_delivery)
{
        struct store_delivery found = {.throttle_s = 0};
        struct query q;
        int r;

        query_start(&q, store, QUERY_DELIVERY_GET);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        if (query_step(&q))
                delivery_get(&q, &found);
        r = query_end(&q);
        if (r < 0)
                return r;
        *ret_delivery = found;
        return 0;
}

int store_delivery_set(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                       const struct store_delivery *delivery)
{
        struct query q;
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_DELIVERY_PUT);
        query_put_int(&q, delivery->retain);
        query_put_int(&q, delivery->throttle_s);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        r = query_run(&q);
        if (r == 0 && query_n_changed(store) == 0)
                r = STORE_E_NONE;
        return transaction_end(store, r);
}

int store_delivery_after(struct store *store, const uint8_t *device_id,
                         uint8_t ret_device_id[STORE_DEVICE_ID_BYTES],
                         struct store_delivery *ret_delivery)
{
        uint8_t id[STORE_DEVICE_ID_BYTES];
        struct store_delivery next;
        struct query q;
        bool found;
        int r;

        query_start(&q, store, QUERY_DELIVERY_AFTER);
        query_put_blob(&q, device_id ? (const void *)device_id : "",
                       device_id ? STORE_DEVICE_ID_BYTES : 0); /* NULL would be before no other */
        found = query_step(&q);
        if (found) {
                delivery_get(&q, &next);
                query_get_bytes(&q, id, sizeof(id));
        }
        r = query_end_found(&q, found);
        if (r != 0)
                return r;
        memcpy(ret_device_id, id, sizeof(id));
        *ret_delivery = next;
        return 0;
}
