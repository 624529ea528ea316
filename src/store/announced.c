/* SPDX-License-Identifier: Apache-2.0 */

#include "store/announced.h"

#include <errno.h>
#include <string.h>

#include "store/query.h"

int store_announce(struct store *store, const char *subject, const char *entities)
{
        struct query q;
        int r;

        if (strlen(subject) >= STORE_SUBJECT_SIZE || strlen(entities) >= STORE_ENTITIES_SIZE)
                return -EMSGSIZE;
        r = transaction_begin_lazily(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_ANNOUNCED_PUT);
        query_put_text(&q, subject);
        query_put_text(&q, entities);
        return transaction_end_lazily(store, query_run(&q));
}

int store_withdraw(struct store *store, const char *subject)
{
        struct query q;
        int r;

        r = transaction_begin_lazily(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_ANNOUNCED_DROP);
        query_put_text(&q, subject);
        return transaction_end_lazily(store, query_run(&q));
}

int store_each_announced(struct store *store,
                         void (*on_subject)(void *userdata, const char *subject,
                                            const char *entities),
                         void *userdata)
{
        char subject[STORE_SUBJECT_SIZE], entities[STORE_ENTITIES_SIZE];
        struct query q;

        query_start(&q, store, QUERY_ANNOUNCED_ALL);
        while (query_step(&q)) {
                query_get_text(&q, subject, sizeof(subject));
                query_get_text(&q, entities, sizeof(entities));
                if (q.code == SQLITE_OK)
                        on_subject(userdata, subject, entities);
        }
        return query_end(&q);
}
