/* SPDX-License-Identifier: Apache-2.0 */

#include "store/memory.h"

#include <errno.h>
#include <string.h>

#include "store/query.h"

static int memory_put_sighting(struct store *store, const struct store_memory *memory)
{
        struct query q;

        query_start(&q, store, QUERY_SIGHTING_PUT);
        query_put_int(&q, memory->last_seen);
        if (memory->has_boot_id)
                query_put_blob(&q, memory->boot_id, sizeof(memory->boot_id));
        else
                query_put_null(&q);
        query_put_int(&q, (int64_t)memory->next);
        query_put_int(&q, (int64_t)memory->taken);
        query_put_blob(&q, memory->device_id, sizeof(memory->device_id));
        return query_run(&q);
}

static int memory_put_value(struct store *store, const struct store_memory *memory,
                            const struct store_value *value)
{
        struct query q;

        query_start(&q, store, QUERY_READING_PUT);
        query_put_text(&q, value->leaf);
        query_put_int(&q, value->type);
        query_put_int(&q, value->exponent);
        query_put_int(&q, value->integer);
        query_put_blob(&q, value->text, value->n_text);
        query_put_blob(&q, memory->device_id, sizeof(memory->device_id));
        return query_run(&q);
}

static int memory_put(struct store *store, const struct store_memory *memory)
{
        struct query q;
        int r;

        r = memory_put_sighting(store, memory);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_READING_DROP_DEVICE);
        query_put_blob(&q, memory->device_id, sizeof(memory->device_id));
        r = query_run(&q);
        for (size_t i = 0; r == 0 && i < memory->n_values; i++)
                r = memory_put_value(store, memory, &memory->values[i]);
        return r;
}

int store_remember(struct store *store, bool (*next)(void *userdata, struct store_memory *ret),
                   void *userdata)
{
        struct store_value values[STORE_VALUES_MAX];
        struct store_memory memory = {.values = values};
        int r;

        r = transaction_begin_lazily(store);
        if (r < 0)
                return r;
        while (r == 0 && next(userdata, &memory))
                r = memory_put(store, &memory);
        return transaction_end_lazily(store, r);
}

static int memory_get_sighting(struct store *store, struct store_memory *memory)
{
        struct query q;
        bool found;

        query_start(&q, store, QUERY_SIGHTING_GET);
        query_put_blob(&q, memory->device_id, sizeof(memory->device_id));
        found = query_step(&q);
        if (found) {
                memory->last_seen = query_get_int(&q);
                memory->has_boot_id = !query_get_is_null(&q);
                (void)query_get_blob(&q, memory->boot_id, sizeof(memory->boot_id));
                memory->next = (uint64_t)query_get_int(&q);
                memory->taken = (uint64_t)query_get_int(&q);
        }
        return query_end_found(&q, found);
}

int store_recall(struct store *store, struct store_memory *memory)
{
        struct query q;
        int r;

        r = memory_get_sighting(store, memory);
        if (r != 0)
                return r;
        memory->n_values = 0;
        query_start(&q, store, QUERY_READING_ALL);
        query_put_blob(&q, memory->device_id, sizeof(memory->device_id));
        while (memory->n_values < STORE_VALUES_MAX && query_step(&q)) {
                struct store_value *value = &memory->values[memory->n_values++];

                query_get_text(&q, value->leaf, sizeof(value->leaf));
                value->type = (uint8_t)query_get_int(&q);
                value->exponent = (int8_t)query_get_int(&q);
                value->integer = query_get_int(&q);
                value->n_text = query_get_blob(&q, value->text, sizeof(value->text));
        }
        return query_end(&q);
}
