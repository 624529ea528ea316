/* SPDX-License-Identifier: Apache-2.0 */

#include "store/forwarded.h"

#include <stdbool.h>

#include "store/query.h"
#include "store/row.h"

int forwarded_put(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                  const struct store_message *message)
{
        struct query q;

        query_start(&q, store, QUERY_FORWARDED_PUT);
        query_put_blob(&q, message->payload, message->n_payload);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return query_run(&q);
}

int store_forwarded(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                    struct store_message *ret_message)
{
        struct query q;
        bool found;

        query_start(&q, store, QUERY_FORWARDED_GET);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        found = query_step(&q);
        if (found)
                ret_message->n_payload =
                        query_get_blob(&q, ret_message->payload, sizeof(ret_message->payload));
        return query_end_found(&q, found);
}
