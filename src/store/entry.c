/* SPDX-License-Identifier: Apache-2.0 */

#include "store/entry.h"

#include <stdlib.h>
#include <string.h>

#include "store/query.h"
#include "util/free.h"

static int entry_write(struct store *store, const struct store_entry *entry)
{
        struct query q;

        query_start(&q, store, QUERY_ENTRY_PUT);
        query_put_blob(&q, entry->device_id, sizeof(entry->device_id));
        if (entry->reference[0])
                query_put_text(&q, entry->reference);
        else
                query_put_null(&q);
        query_put_text(&q, entry->maker);
        query_put_text(&q, entry->model);
        query_put_text(&q, entry->serial);
        query_put_text(&q, entry->issuer);
        query_put_text(&q, entry->name);
        query_put_int(&q, entry->joins);
        query_put_int(&q, entry->added_at);
        query_put_blob(&q, entry->sealed, entry->n_sealed);
        return query_run(&q);
}

/* Of the device whose entry has this reference: 0; STORE_E_NONE; -errno. */
static int reference_owner(struct store *store, const char *reference,
                           uint8_t ret_device_id[STORE_DEVICE_ID_BYTES])
{
        struct query q;
        bool found;

        query_start(&q, store, QUERY_ENTRY_OWNER);
        query_put_text(&q, reference);
        found = query_step(&q);
        if (found)
                query_get_bytes(&q, ret_device_id, STORE_DEVICE_ID_BYTES);
        return query_end_found(&q, found);
}

/* Whether the reference names another device. 0 or -errno. */
static int entry_is_taken(struct store *store, const struct store_entry *entry, bool *ret_taken)
{
        uint8_t owner[STORE_DEVICE_ID_BYTES];
        int r = STORE_E_NONE;

        if (entry->reference[0])
                r = reference_owner(store, entry->reference, owner);
        if (r < 0)
                return r;
        *ret_taken = r == 0 && memcmp(owner, entry->device_id, sizeof(owner)) != 0;
        return 0;
}

static void entry_get(struct query *q, struct store_entry *ret_entry)
{
        memset(ret_entry, 0, sizeof(*ret_entry));
        query_get_bytes(q, ret_entry->device_id, sizeof(ret_entry->device_id));
        query_get_text(q, ret_entry->reference, sizeof(ret_entry->reference));
        query_get_text(q, ret_entry->maker, sizeof(ret_entry->maker));
        query_get_text(q, ret_entry->model, sizeof(ret_entry->model));
        query_get_text(q, ret_entry->serial, sizeof(ret_entry->serial));
        query_get_text(q, ret_entry->issuer, sizeof(ret_entry->issuer));
        query_get_text(q, ret_entry->name, sizeof(ret_entry->name));
        ret_entry->joins = query_get_int(q) != 0;
        ret_entry->added_at = query_get_int(q);
        ret_entry->n_sealed = query_get_blob(q, ret_entry->sealed, sizeof(ret_entry->sealed));
}

/* Steps to the row and ends the query. */
static int entry_take(struct query *q, struct store_entry *ret_entry)
{
        bool found = query_step(q);

        if (found)
                entry_get(q, ret_entry);
        return query_end_found(q, found);
}

int store_find_entry(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                     struct store_entry *ret_entry)
{
        struct query q;

        query_start(&q, store, QUERY_ENTRY_BY_ID);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return entry_take(&q, ret_entry);
}

int store_find_reference(struct store *store, const char *reference, struct store_entry *ret_entry)
{
        struct query q;

        query_start(&q, store, QUERY_ENTRY_BY_REFERENCE);
        query_put_text(&q, reference);
        return entry_take(&q, ret_entry);
}

/* Unless its reference names another device. @replaced is set if it takes the place of another. */
static int entry_put(struct store *store, const struct store_entry *entry, bool *replaced,
                     bool *ret_taken)
{
        struct store_entry former;
        int r;

        r = entry_is_taken(store, entry, ret_taken);
        if (r < 0 || *ret_taken)
                return r;
        r = store_find_entry(store, entry->device_id, &former);
        if (r < 0)
                return r;
        *replaced |= r == 0;
        return entry_write(store, entry);
}

int store_put_entries(struct store *store, const struct store_entry *const *entries,
                      size_t n_entries, bool *ret_taken)
{
        bool replaced = false;
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        for (size_t i = 0; r == 0 && i < n_entries; i++)
                r = entry_put(store, entries[i], &replaced, &ret_taken[i]);
        r = transaction_end(store, r);
        if (r == 0 && replaced)
                store->has_past = true; /* the sealed codes of those before */
        return r;
}

/* Ends the transaction of a statement that has changed a row, or none. */
static int entry_changed(struct store *store, struct query *q)
{
        int r = query_run(q);

        if (r == 0 && query_n_changed(store) == 0)
                r = STORE_E_NONE;
        return transaction_end(store, r);
}

int store_let_join(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], bool joins)
{
        struct query q;
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_ENTRY_JOIN);
        query_put_int(&q, joins);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return entry_changed(store, &q);
}

int store_remove_entry(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct query q;
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_ENTRY_REMOVE);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        r = entry_changed(store, &q);
        if (r == 0)
                store->has_past = true; /* the sealed code */
        return r;
}

int store_each_entry(struct store *store,
                     int (*on_entry)(void *userdata, const struct store_entry *entry),
                     void *userdata)
{
        _defer_(free) struct store_entry *entry = calloc(1, sizeof(*entry));
        uint8_t last[STORE_DEVICE_ID_BYTES] = {0};
        bool is_first = true;
        struct query q;
        int r = entry ? 0 : -ENOMEM;

        while (r == 0) {
                query_start(&q, store, QUERY_ENTRY_AFTER);
                query_put_blob(&q, last, is_first ? 0 : sizeof(last));
                r = entry_take(&q, entry);
                if (r != 0)
                        break;
                memcpy(last, entry->device_id, sizeof(last));
                is_first = false;
                r = on_entry(userdata, entry);
                if (r != 0)
                        return r;
        }
        return r == STORE_E_NONE ? 0 : r;
}

int store_entry_count(struct store *store, uint64_t *ret_n_entries)
{
        return query_count(store, QUERY_ENTRY_COUNT, ret_n_entries);
}

int store_joining_count(struct store *store, uint64_t *ret_n_entries)
{
        return query_count(store, QUERY_ENTRY_COUNT_JOINING, ret_n_entries);
}
