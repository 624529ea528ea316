/* SPDX-License-Identifier: Apache-2.0 */

#include "store/channel.h"

#include <errno.h>

#include "store/query.h"
#include "store/row.h"
#include "util/defer.h"

/* As they stand in the columns `type` and `category`. */
static const char *const types[STORE_TYPE_MAX] = {
        [STORE_NUMBER] = "number", [STORE_SWITCH] = "switch", [STORE_ENUMERATION] = "enumeration",
        [STORE_TEXT] = "text",     [STORE_BUTTON] = "button", [STORE_EVENT] = "event",
};
static const char *const categories[] = {
        [STORE_PRIMARY] = "none",
        [STORE_CONFIG] = "config",
        [STORE_DIAGNOSTIC] = "diagnostic",
};

const char *store_type_name(enum store_type type)
{
        return types[type];
}

const char *store_category_name(enum store_category category)
{
        return categories[category];
}

/* The order of CHANNEL_COLUMNS, here and in channel_get(). */
static void channel_put_limits(struct query *q, const struct store_channel *c)
{
        if (c->has_range) {
                query_put_int(q, c->low);
                query_put_int(q, c->high);
        } else {
                query_put_null(q);
                query_put_null(q);
        }
        query_put_int(q, c->step);
        query_put_int(q, c->exponent);
        query_put_int(q, c->length);
        query_put_text(q, c->words);
}

int channel_put(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                const struct store_channel *c)
{
        struct query q;

        query_start(&q, store, QUERY_CHANNEL_PUT);
        query_put_int(&q, c->number);
        query_put_text(&q, c->leaf);
        query_put_text(&q, c->class);
        query_put_text(&q, c->unit);
        query_put_int(&q, c->direction);
        query_put_int(&q, c->every_s);
        query_put_text(&q, types[c->type]);
        query_put_text(&q, categories[c->category]);
        channel_put_limits(&q, c);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        return query_run(&q);
}

static void channel_get_limits(struct query *q, struct store_channel *c)
{
        c->has_range = !query_get_is_null(q);
        c->low = query_get_int(q);
        c->high = query_get_int(q);
        c->step = query_get_int(q);
        c->exponent = (int)query_get_int(q);
        c->length = (uint32_t)query_get_int(q);
        query_get_text(q, c->words, sizeof(c->words));
}

static void channel_get(struct query *q, struct store_channel *c)
{
        c->number = (uint32_t)query_get_int(q);
        query_get_text(q, c->leaf, sizeof(c->leaf));
        query_get_text(q, c->class, sizeof(c->class));
        query_get_text(q, c->unit, sizeof(c->unit));
        c->direction = (enum store_direction)query_get_int(q);
        c->every_s = (uint32_t)query_get_int(q);
        c->type = (enum store_type)query_get_word(q, types, ELEMENTSOF(types));
        c->category = (enum store_category)query_get_word(q, categories, ELEMENTSOF(categories));
        channel_get_limits(q, c);
}

int store_channels(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], size_t max,
                   struct store_channel *ret_channels, size_t *ret_n_channels)
{
        struct query q;
        size_t n = 0;
        bool too_many = false;
        int r;

        query_start(&q, store, QUERY_CHANNEL_ALL);
        query_put_blob(&q, device_id, STORE_DEVICE_ID_BYTES);
        while (!too_many && query_step(&q)) {
                too_many = n == max;
                if (!too_many)
                        channel_get(&q, &ret_channels[n++]);
        }
        r = query_end(&q);
        if (r < 0)
                return r;
        if (too_many)
                return -ENOBUFS;
        *ret_n_channels = n;
        return 0;
}
