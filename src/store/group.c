/* SPDX-License-Identifier: Apache-2.0 */

#include "store/group.h"

#include <errno.h>
#include <stdbool.h>

#include "store/query.h"
#include "store/row.h"

/* The order of MEMBER_COLUMNS, here and in member_get(). */
int member_put(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], size_t place,
               const struct store_member *m)
{
        struct query q;

        query_start(&q, store, QUERY_MEMBER_PUT);
        query_put_int(&q, (int64_t)place);
        query_put_int(&q, m->group);
        query_put_text(&q, m->kind);
        query_put_text(&q, m->role);
        query_put_int(&q, m->channel);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return query_run(&q);
}

static void member_get(struct query *q, struct store_member *m)
{
        m->group = (uint32_t)query_get_int(q);
        query_get_text(q, m->kind, sizeof(m->kind));
        query_get_text(q, m->role, sizeof(m->role));
        m->channel = (uint32_t)query_get_int(q);
}

int store_members(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], size_t max,
                  struct store_member *ret_members, size_t *ret_n_members)
{
        struct query q;
        size_t n = 0;
        bool too_many = false;
        int r;

        query_start(&q, store, QUERY_MEMBER_ALL);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        while (!too_many && query_step(&q)) {
                too_many = n == max;
                if (!too_many)
                        member_get(&q, &ret_members[n++]);
        }
        r = query_end(&q);
        if (r < 0)
                return r;
        if (too_many)
                return -ENOBUFS;
        *ret_n_members = n;
        return 0;
}
