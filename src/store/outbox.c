/* SPDX-License-Identifier: Apache-2.0 */

#include "store/outbox.h"

#include <errno.h>

#include "store/query.h"
#include "store/row.h"

static void outbox_put_device(struct query *q, const struct store_message *m)
{
        if (m->has_device)
                query_put_blob(q, m->device_id, sizeof(m->device_id));
        else
                query_put_null(q);
}

int outbox_put(struct store *store, const struct store_message *m)
{
        struct query q;

        if (m->n_payload > sizeof(m->payload))
                return -EMSGSIZE;
        query_start(&q, store, QUERY_OUTBOX_PUT);
        outbox_put_device(&q, m);
        query_put_text(&q, m->topic);
        query_put_int(&q, m->informational);
        query_put_int(&q, m->created_at);
        query_put_int(&q, m->receipt);
        query_put_blob(&q, m->payload, m->n_payload);
        return query_run(&q);
}

int outbox_put_all(struct store *store, const struct store_message *messages, size_t n_messages)
{
        int r;

        for (size_t i = 0; i < n_messages; i++) {
                r = outbox_put(store, &messages[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static void outbox_get(struct query *q, struct store_message *m)
{
        m->id = query_get_int(q);
        m->has_device = !query_get_is_null(q);
        if (m->has_device)
                query_get_bytes(q, m->device_id, sizeof(m->device_id));
        else
                (void)query_get_blob(q, m->device_id, 0);
        query_get_text(q, m->topic, sizeof(m->topic));
        m->informational = query_get_int(q) != 0;
        m->created_at = query_get_int(q);
        m->receipt = (enum store_receipt)query_get_int(q);
        m->n_payload = query_get_blob(q, m->payload, sizeof(m->payload));
}

static int outbox_get_one(struct query *q, struct store_message *ret_message)
{
        bool found;

        found = query_step(q);
        if (found)
                outbox_get(q, ret_message);
        return query_end_found(q, found);
}

int store_outbox_add(struct store *store, const struct store_message *message)
{
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        return transaction_end(store, outbox_put(store, message));
}

int store_outbox_replace(struct store *store, const struct store_message *message)
{
        struct query q;

        query_start(&q, store, QUERY_OUTBOX_REPLACE);
        query_put_text(&q, message->topic);
        query_put_blob(&q, message->payload, message->n_payload);
        query_put_int(&q, message->id);
        return query_run(&q);
}

int store_outbox_next(struct store *store, int64_t after_id, struct store_message *ret_message)
{
        struct query q;

        query_start(&q, store, QUERY_OUTBOX_NEXT);
        query_put_int(&q, after_id);
        return outbox_get_one(&q, ret_message);
}

int store_outbox_next_in_lane(struct store *store, const struct store_message *like,
                              int64_t after_id, struct store_message *ret_message)
{
        /* @like and @ret_message may be the same; the statement reads it before it is written. */
        struct query q;

        query_start(&q, store, QUERY_OUTBOX_NEXT_IN_LANE);
        outbox_put_device(&q, like);
        query_put_int(&q, like->informational);
        query_put_int(&q, after_id);
        return outbox_get_one(&q, ret_message);
}

int store_outbox_drop(struct store *store, int64_t id)
{
        struct query q;
        int r;

        r = transaction_begin_lazily(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_OUTBOX_DROP);
        query_put_int(&q, id);
        return transaction_end_lazily(store, query_run(&q));
}

int store_outbox_note_sent(struct store *store, int64_t id)
{
        struct query q;
        int r;

        r = transaction_begin_lazily(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_OUTBOX_NOTE_SENT);
        query_put_int(&q, id);
        r = query_run(&q);
        if (r == 0 && query_n_changed(store) == 0)
                r = STORE_E_NONE;
        return transaction_end_lazily(store, r);
}

int store_outbox_trim(struct store *store, unsigned n_max, unsigned *ret_n_dropped)
{
        unsigned n_dropped = 0;
        struct query q;
        int r;

        r = transaction_begin_lazily(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_OUTBOX_TRIM);
        query_put_int(&q, n_max);
        r = query_run(&q);
        if (r == 0)
                n_dropped = (unsigned)query_n_changed(store);
        r = transaction_end_lazily(store, r);
        if (r == 0)
                *ret_n_dropped = n_dropped;
        return r;
}

int store_outbox_count(struct store *store, uint64_t *ret_n_messages)
{
        return query_count(store, QUERY_OUTBOX_COUNT, ret_n_messages);
}
