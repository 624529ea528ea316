/* SPDX-License-Identifier: Apache-2.0 */

#include "store/device.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/query.h"
#include "store/row.h"
#include "util/defer.h"
#include "util/word.h"

/* As they stand in the column `kind`. */
static const char *const kinds[] = {
        [STORE_ENROLLED] = "enrolled",
        [STORE_GATT] = "gatt",
        [STORE_BROADCAST] = "broadcast",
};

/* Whether it would be taken for an identifier or an address, which name devices as well. */
static bool is_number(const char *name, size_t n_name)
{
        size_t i = n_name == 18 && memcmp(name, "0x", 2) == 0 ? 2 : 0;

        if (i == 0 && n_name != 2 * STORE_DEVICE_ID_BYTES)
                return false;
        while (i < n_name && strchr("0123456789abcdefABCDEF", name[i]))
                i++;
        return i == n_name;
}

bool store_name_valid(const char *name, size_t n_name)
{
        static const char ours[] = "bridge";

        return word_valid(name, n_name) && !is_number(name, n_name) &&
               (n_name != strlen(ours) || memcmp(name, ours, n_name) != 0);
}

/* As they stand in the column `presence`. */
static const char *const presences[] = {
        [STORE_PRESENCE_UNKNOWN] = "unknown",
        [STORE_MAINS] = "mains",
        [STORE_SLEEPS] = "sleeps",
};

const char *store_presence_name(enum store_presence presence)
{
        return presences[presence];
}

/* The order of DEVICE_COLUMNS, here and in device_get(). */
int device_put(struct store *store, const struct store_device *d,
               const uint8_t known_as[STORE_DEVICE_ID_BYTES])
{
        struct query q;

        assert(d->kind > 0 && d->kind < ELEMENTSOF(kinds));
        assert(d->n_functions <= sizeof(d->functions));
        assert(d->n_config <= sizeof(d->config));
        query_start(&q, store, QUERY_DEVICE_PUT);
        query_put_text(&q, kinds[d->kind]);
        query_put_blob(&q, d->device_id, sizeof(d->device_id));
        query_put_text(&q, d->name);
        query_put_text(&q, d->maker);
        query_put_text(&q, d->model);
        query_put_text(&q, d->serial);
        query_put_text(&q, d->software);
        query_put_blob(&q, d->code_hash, sizeof(d->code_hash));
        query_put_text(&q, d->issuer);
        query_put_text(&q, d->link);
        query_put_text(&q, d->location);
        query_put_text(&q, d->owner);
        query_put_blob(&q, d->functions, d->n_functions);
        query_put_int(&q, d->capabilities);
        query_put_blob(&q, d->config, d->n_config);
        query_put_int(&q, d->enrolled_at);
        query_put_text(&q, presences[d->presence]);
        query_put_int(&q, d->sleep_s);
        query_put_blob(&q, known_as, STORE_DEVICE_ID_BYTES);
        return query_run(&q);
}

static void ownership_put_resume(struct query *q, const struct store_ownership *o)
{
        if (o->settled || o->n_resume == 0)
                query_put_null(q);
        else
                query_put_blob(q, o->resume, o->n_resume);
}

/* The order of OWNERSHIP_COLUMNS, here and in ownership_get(). */
int ownership_put(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                  const struct store_ownership *o)
{
        struct query q;

        assert(o->n_resume <= sizeof(o->resume));
        query_start(&q, store, QUERY_OWNERSHIP_PUT);
        query_put_blob(&q, o->public_key, sizeof(o->public_key));
        query_put_int(&q, o->epoch);
        query_put_blob(&q, o->hub_public, sizeof(o->hub_public));
        query_put_blob(&q, o->adv_key, sizeof(o->adv_key));
        query_put_int(&q, o->settled);
        ownership_put_resume(&q, o);
        query_put_int(&q, o->leaving);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return query_run(&q);
}

/* Where an enrolled device has no ownership the columns are NULL, and count as damage. */
static void ownership_get(struct query *q, struct store_ownership *o)
{
        query_get_bytes(q, o->public_key, sizeof(o->public_key));
        o->epoch = (uint32_t)query_get_int(q);
        query_get_bytes(q, o->hub_public, sizeof(o->hub_public));
        query_get_bytes(q, o->adv_key, sizeof(o->adv_key));
        o->settled = query_get_int(q) != 0;
        o->n_resume = query_get_blob(q, o->resume, sizeof(o->resume));
        o->leaving = query_get_int(q) != 0;
}

static void device_get(struct query *q, struct store_device *d)
{
        d->kind = (enum store_kind)query_get_word(q, kinds, ELEMENTSOF(kinds));
        query_get_bytes(q, d->device_id, sizeof(d->device_id));
        query_get_text(q, d->name, sizeof(d->name));
        query_get_text(q, d->maker, sizeof(d->maker));
        query_get_text(q, d->model, sizeof(d->model));
        query_get_text(q, d->serial, sizeof(d->serial));
        query_get_text(q, d->software, sizeof(d->software));
        query_get_bytes(q, d->code_hash, sizeof(d->code_hash));
        query_get_text(q, d->issuer, sizeof(d->issuer));
        query_get_text(q, d->link, sizeof(d->link));
        query_get_text(q, d->location, sizeof(d->location));
        query_get_text(q, d->owner, sizeof(d->owner));
        d->n_functions = query_get_blob(q, d->functions, sizeof(d->functions));
        d->capabilities = (uint32_t)query_get_int(q);
        d->n_config = query_get_blob(q, d->config, sizeof(d->config));
        d->enrolled_at = query_get_int(q);
        d->presence = (enum store_presence)query_get_word(q, presences, ELEMENTSOF(presences));
        d->sleep_s = (uint32_t)query_get_int(q);
        query_get_bytes(q, d->known_as, sizeof(d->known_as));
        memset(&d->ownership, 0, sizeof(d->ownership));
        if (d->kind == STORE_ENROLLED)
                ownership_get(q, &d->ownership);
}

int device_delete(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct query q;

        query_start(&q, store, QUERY_DEVICE_REMOVE);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return query_run(&q);
}

int store_settle(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                 uint32_t epoch)
{
        struct query q;
        int r;

        r = transaction_begin_lazily(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_OWNERSHIP_SETTLE);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        query_put_int(&q, epoch);
        r = query_run(&q);
        if (r == 0 && query_n_changed(store) == 0)
                r = STORE_E_NONE;
        r = transaction_end_lazily(store, r);
        if (r == 0)
                store->has_past = true; /* the sealed code */
        return r;
}

int store_leave(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], uint32_t epoch,
                bool leaving)
{
        struct query q;
        int r;

        r = transaction_begin_lazily(store);
        if (r < 0)
                return r;
        query_start(&q, store, QUERY_OWNERSHIP_LEAVE);
        query_put_int(&q, leaving);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        query_put_int(&q, epoch);
        r = query_run(&q);
        if (r == 0 && query_n_changed(store) == 0)
                r = STORE_E_NONE;
        return transaction_end_lazily(store, r);
}

static int device_get_one(struct query *q, struct store_device *ret_device)
{
        bool found;

        found = query_step(q);
        if (found)
                device_get(q, ret_device);
        return query_end_found(q, found);
}

int store_find_id(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                  struct store_device *ret_device)
{
        struct query q;

        query_start(&q, store, QUERY_DEVICE_BY_ID);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return device_get_one(&q, ret_device);
}

int store_find_known_as(struct store *store, const uint8_t known_as[STORE_DEVICE_ID_BYTES],
                        struct store_device *ret_device)
{
        struct query q;

        query_start(&q, store, QUERY_DEVICE_BY_KNOWN_AS);
        query_put_blob(&q, known_as, STORE_DEVICE_ID_BYTES);
        return device_get_one(&q, ret_device);
}

int store_find_name(struct store *store, const char *name, struct store_device *ret_device)
{
        struct query q;

        query_start(&q, store, QUERY_DEVICE_BY_NAME);
        query_put_text(&q, name);
        return device_get_one(&q, ret_device);
}

/* The one identifier that a query of one has found. 0; STORE_E_NONE; -errno. */
static int device_ask_id(struct store *store, enum query_id query,
                         const uint8_t id[STORE_DEVICE_ID_BYTES],
                         uint8_t ret_id[STORE_DEVICE_ID_BYTES])
{
        uint8_t answer[STORE_DEVICE_ID_BYTES] = {0};
        struct query q;
        bool found;
        int r;

        query_start(&q, store, query);
        query_put_blob(&q, id, STORE_DEVICE_ID_BYTES);
        found = query_step(&q);
        if (found)
                query_get_bytes(&q, answer, sizeof(answer));
        r = query_end_found(&q, found);
        if (r != 0)
                return r;
        memcpy(ret_id, answer, sizeof(answer));
        return 0;
}

int device_known_as(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                    uint8_t ret_known_as[STORE_DEVICE_ID_BYTES])
{
        return device_ask_id(store, QUERY_DEVICE_KNOWN_AS, device_id, ret_known_as);
}

int store_device_behind(struct store *store, const uint8_t known_as[STORE_DEVICE_ID_BYTES],
                        uint8_t ret_device_id[STORE_DEVICE_ID_BYTES])
{
        return device_ask_id(store, QUERY_DEVICE_BEHIND, known_as, ret_device_id);
}

/*
 * A device that is known by another identifier than its own has left its own one to others.
 * Following them ends at one that is free, because no two devices are known by the same.
 */
int store_known_as(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                   uint8_t ret_known_as[STORE_DEVICE_ID_BYTES])
{
        uint8_t known_as[STORE_DEVICE_ID_BYTES];
        int r;

        memcpy(known_as, device_id, sizeof(known_as));
        r = device_known_as(store, device_id, known_as);
        if (r == STORE_E_NONE)
                do
                        r = store_device_behind(store, known_as, known_as);
                while (r == 0);
        if (r < 0)
                return r;
        memcpy(ret_known_as, known_as, sizeof(known_as));
        return 0;
}

int store_find_half(struct store *store, const uint8_t half[STORE_DEVICE_ID_BYTES / 2],
                    struct store_device *ret_device)
{
        uint8_t first[STORE_DEVICE_ID_BYTES] = {0}, last[STORE_DEVICE_ID_BYTES];
        struct query q;

        memset(last, 0xff, sizeof(last));
        memcpy(first, half, STORE_DEVICE_ID_BYTES / 2);
        memcpy(last, half, STORE_DEVICE_ID_BYTES / 2);
        query_start(&q, store, QUERY_DEVICE_BY_HALF);
        query_put_blob(&q, first, sizeof(first));
        query_put_blob(&q, last, sizeof(last));
        return device_get_one(&q, ret_device);
}

int store_each_device_after(struct store *store, const char *after,
                            int (*on_device)(void *userdata, const struct store_device *device),
                            void *userdata)
{
        struct store_device device = {.name = ""};
        int r;

        (void)snprintf(device.name, sizeof(device.name), "%s", after);
        for (;;) {
                struct query q;

                query_start(&q, store, QUERY_DEVICE_AFTER);
                query_put_text(&q, device.name);
                r = device_get_one(&q, &device);
                if (r == 0)
                        r = on_device(userdata, &device);
                if (r)
                        break;
        }
        explicit_bzero(&device.ownership, sizeof(device.ownership));
        return r == STORE_E_NONE ? 0 : r;
}

int store_each_device(struct store *store,
                      int (*on_device)(void *userdata, const struct store_device *device),
                      void *userdata)
{
        return store_each_device_after(store, "", on_device, userdata);
}

/* The row of the first unsettled device behind @row. 0; STORE_E_NONE; -errno. */
static int unsettled_after(struct store *store, int64_t row, int64_t *ret_row)
{
        struct query q;
        bool found;
        int r;

        query_start(&q, store, QUERY_OWNERSHIP_UNSETTLED_AFTER);
        query_put_int(&q, row);
        found = query_step(&q);
        if (found)
                row = query_get_int(&q);
        r = query_end_found(&q, found);
        if (r != 0)
                return r;
        *ret_row = row;
        return 0;
}

int store_each_unsettled(struct store *store,
                         int (*on_device)(void *userdata, const struct store_device *device),
                         void *userdata)
{
        struct store_device device;
        int64_t row = 0;
        int r;

        for (;;) {
                struct query q;

                r = unsettled_after(store, row, &row);
                if (r)
                        break;
                query_start(&q, store, QUERY_DEVICE_BY_ROW);
                query_put_int(&q, row);
                r = device_get_one(&q, &device);
                if (r == 0)
                        r = on_device(userdata, &device);
                if (r)
                        break;
        }
        explicit_bzero(&device.ownership, sizeof(device.ownership));
        return r == STORE_E_NONE ? 0 : r;
}

int store_device_count(struct store *store, uint64_t *ret_n_devices)
{
        return query_count(store, QUERY_DEVICE_COUNT, ret_n_devices);
}

int store_unsettled_count(struct store *store, uint64_t *ret_n_devices)
{
        return query_count(store, QUERY_OWNERSHIP_COUNT_UNSETTLED, ret_n_devices);
}

static int device_set_name(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                           const char *name)
{
        struct query q;
        int r;

        query_start(&q, store, QUERY_DEVICE_RENAME);
        query_put_text(&q, name);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        r = query_run(&q);
        if (r < 0)
                return query_hit_unique(store) ? STORE_E_NAME_TAKEN : r;
        return query_n_changed(store) == 0 ? STORE_E_NONE : 0;
}

int store_mend_enrolled_at(struct store *store, const struct store_mending *mending,
                           uint64_t *ret_n_mended)
{
        uint64_t before = store_writes(store);
        struct query q;
        int r;

        query_start(&q, store, QUERY_DEVICE_MEND_TIME);
        query_put_int(&q, mending->since);
        query_put_int(&q, mending->shift);
        query_put_int(&q, mending->now);
        query_put_int(&q, mending->before);
        r = query_run(&q);
        if (r < 0)
                return r;
        *ret_n_mended = store_writes(store) - before;
        return stray_mend_time(store, mending);
}

int store_rename(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                 const char *name)
{
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        return transaction_end(store, device_set_name(store, device_id, name));
}
