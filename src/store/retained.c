/* SPDX-License-Identifier: Apache-2.0 */

#include "store/retained.h"

#include <string.h>

#include "store/query.h"

int store_retain(struct store *store, const char *const *topics, size_t n_topics)
{
        struct query q;
        int r;

        r = transaction_begin_lazily(store);
        if (r < 0)
                return r;
        for (size_t i = 0; r == 0 && i < n_topics; i++) {
                query_start(&q, store, QUERY_RETAINED_PUT);
                query_put_text(&q, topics[i]);
                r = query_run(&q);
        }
        return transaction_end_lazily(store, r);
}

int store_release(struct store *store, const char *topic)
{
        struct query q;
        int r;

        r = transaction_begin_lazily(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_RETAINED_DROP);
        query_put_text(&q, topic);
        return transaction_end_lazily(store, query_run(&q));
}

int store_retained_after(struct store *store, const char *topic, char ret_topic[STORE_TOPIC_SIZE])
{
        char text[STORE_TOPIC_SIZE] = "";
        struct query q;
        bool found;
        int r;

        query_start(&q, store, QUERY_RETAINED_AFTER);
        query_put_text(&q, topic);
        found = query_step(&q);
        if (found)
                query_get_text(&q, text, sizeof(text));
        r = query_end_found(&q, found);
        if (r != 0)
                return r;
        memcpy(ret_topic, text, sizeof(text));
        return 0;
}
