/* SPDX-License-Identifier: Apache-2.0 */

#include "store/stray.h"

#include <string.h>

#include <sodium.h>

#include "store/query.h"
#include "store/row.h"

int stray_put(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
              int64_t given_up_at)
{
        struct query q;
        int r;

        query_start(&q, store, QUERY_STRAY_PUT);
        query_put_int(&q, given_up_at);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        r = query_run(&q);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_STRAY_TRIM);
        query_put_int(&q, STORE_STRAYS_MAX);
        return query_run(&q);
}

int stray_drop(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct query q;

        query_start(&q, store, QUERY_STRAY_DROP);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return query_run(&q);
}

int stray_mend_time(struct store *store, const struct store_mending *mending)
{
        struct query q;

        query_start(&q, store, QUERY_STRAY_MEND_TIME);
        query_put_int(&q, mending->since);
        query_put_int(&q, mending->shift);
        query_put_int(&q, mending->now);
        query_put_int(&q, mending->before);
        return query_run(&q);
}

static void stray_get(struct query *q, struct store_stray *s)
{
        query_get_bytes(q, s->device_id, sizeof(s->device_id));
        query_get_text(q, s->name, sizeof(s->name));
        query_get_bytes(q, s->public_key, sizeof(s->public_key));
        s->epoch = (uint32_t)query_get_int(q);
        query_get_bytes(q, s->adv_key, sizeof(s->adv_key));
        s->given_up_at = query_get_int(q);
}

/* The one that this query of one finds by @device_id. 0; STORE_E_NONE; -errno. */
static int stray_ask(struct store *store, enum query_id query,
                     const uint8_t device_id[STORE_DEVICE_ID_BYTES], struct store_stray *ret_stray)
{
        struct query q;
        bool found;

        query_start(&q, store, query);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        found = query_step(&q);
        if (found)
                stray_get(&q, ret_stray);
        return query_end_found(&q, found);
}

int store_find_stray(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                     struct store_stray *ret_stray)
{
        return stray_ask(store, QUERY_STRAY_GET, device_id, ret_stray);
}

int store_each_stray(struct store *store,
                     int (*on_stray)(void *userdata, const struct store_stray *stray),
                     void *userdata)
{
        uint8_t after[STORE_DEVICE_ID_BYTES] = {0};
        struct store_stray stray;
        int r;

        do {
                r = stray_ask(store, QUERY_STRAY_AFTER, after, &stray);
                if (r == 0)
                        memcpy(after, stray.device_id, sizeof(after));
                if (r == 0)
                        r = on_stray(userdata, &stray);
        } while (r == 0);
        sodium_memzero(&stray, sizeof(stray));
        return r == STORE_E_NONE ? 0 : r;
}

int store_drop_stray(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        r = stray_drop(store, device_id);
        if (r == 0 && query_n_changed(store) == 0)
                r = STORE_E_NONE;
        return removal_end(store, r);
}

int store_expire_strays(struct store *store, int64_t before, unsigned *ret_n_strays)
{
        unsigned n_strays;
        struct query q;
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_STRAY_EXPIRE);
        query_put_int(&q, before);
        r = query_run(&q);
        n_strays = r == 0 ? (unsigned)query_n_changed(store) : 0;
        r = n_strays > 0 ? removal_end(store, r) : transaction_end(store, r);
        if (r == 0)
                *ret_n_strays = n_strays;
        return r;
}
