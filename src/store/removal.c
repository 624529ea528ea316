/* SPDX-License-Identifier: Apache-2.0 */

#include "store/removal.h"

#include <stdbool.h>

#include "store/query.h"
#include "store/row.h"

static int tombstone_put(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct query q;

        query_start(&q, store, QUERY_TOMBSTONE_PUT);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return query_run(&q);
}

static int delivery_drop(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct query q;

        query_start(&q, store, QUERY_DELIVERY_DROP);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return query_run(&q);
}

int device_give_up(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct query q;
        int r;

        r = tombstone_put(store, device_id);
        if (r == 0)
                r = device_delete(store, device_id);
        if (r < 0)
                return r;
        if (query_n_changed(store) == 0)
                return STORE_E_NONE;
        query_start(&q, store, QUERY_OUTBOX_DROP_DEVICE);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return query_run(&q);
}

/* The removal is durable when this returns 0; a log that cannot be emptied yet is emptied later. */
int removal_end(struct store *store, int r)
{
        r = transaction_end(store, r);
        if (r == 0) {
                store->has_past = true;
                (void)store_forget_past(store);
        }
        return r;
}

/* Within a transaction. */
static int device_remove(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                         const struct store_message *messages, size_t n_messages)
{
        int r;

        r = delivery_drop(store, device_id);
        if (r == 0)
                r = device_give_up(store, device_id);
        if (r == 0)
                r = outbox_put_all(store, messages, n_messages);
        return r;
}

int store_remove(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                 const struct store_message *messages, size_t n_messages)
{
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        return removal_end(store, device_remove(store, device_id, messages, n_messages));
}

int store_remove_unreleased(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                            int64_t now, const struct store_message *messages, size_t n_messages)
{
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        r = stray_put(store, device_id, now);
        if (r == 0)
                r = device_remove(store, device_id, messages, n_messages);
        return removal_end(store, r);
}

int store_given_up_epoch(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                         uint32_t *ret_epoch)
{
        struct query q;
        uint32_t epoch = 0;
        bool found;
        int r;

        query_start(&q, store, QUERY_TOMBSTONE_GET);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        found = query_step(&q);
        if (found)
                epoch = (uint32_t)query_get_int(&q);
        r = query_end_found(&q, found);
        if (r != 0)
                return r;
        *ret_epoch = epoch;
        return 0;
}
