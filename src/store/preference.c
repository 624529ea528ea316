/* SPDX-License-Identifier: Apache-2.0 */

#include "store/preference.h"

#include <string.h>

#include "store/query.h"

int store_preference_get(struct store *store, const char *name,
                         char ret_text[STORE_PREFERENCE_SIZE])
{
        char text[STORE_PREFERENCE_SIZE] = "";
        struct query q;
        bool found;
        int r;

        query_start(&q, store, QUERY_PREFERENCE_GET);
        query_put_text(&q, name);
        found = query_step(&q);
        if (found)
                query_get_text(&q, text, sizeof(text));
        r = query_end_found(&q, found);
        if (r != 0)
                return r;
        memcpy(ret_text, text, sizeof(text));
        return 0;
}

int store_preference_set(struct store *store, const char *name, const char *text)
{
        struct query q;
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_PREFERENCE_PUT);
        query_put_text(&q, name);
        query_put_text(&q, text);
        return transaction_end(store, query_run(&q));
}
