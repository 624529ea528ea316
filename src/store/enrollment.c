/* SPDX-License-Identifier: Apache-2.0 */

#include "store/enrollment.h"

#include <string.h>

#include "store/query.h"
#include "store/row.h"

static int channels_put(struct store *store, const struct store_enrollment *e)
{
        int r;

        for (size_t i = 0; i < e->n_channels; i++) {
                r = channel_put(store, e->device->device_id, &e->channels[i]);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < e->n_members; i++) {
                r = member_put(store, e->device->device_id, i, &e->members[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int messages_put(struct store *store, const struct store_enrollment *e)
{
        const uint8_t *id = e->device->device_id;
        int r;

        r = outbox_put_all(store, e->messages, e->n_messages);
        for (size_t i = 0; r == 0 && i < e->n_messages; i++) {
                const struct store_message *m = &e->messages[i];

                if (!m->informational && m->has_device &&
                    memcmp(m->device_id, id, STORE_DEVICE_ID_BYTES) == 0)
                        r = forwarded_put(store, id, m);
        }
        return r;
}

/* What the new device will be known as; one that it replaces makes place for it. */
static int enrollment_inherit(struct store *store, const struct store_enrollment *e,
                              uint8_t ret_known_as[STORE_DEVICE_ID_BYTES])
{
        int r;

        if (!e->replaces)
                return store_known_as(store, e->device->device_id, ret_known_as);
        r = device_known_as(store, e->replaces, ret_known_as);
        if (r == 0)
                r = stray_put(store, e->replaces, e->device->enrolled_at);
        return r == 0 ? device_give_up(store, e->replaces) : r;
}

static int enrollment_put(struct store *store, const struct store_enrollment *e)
{
        uint8_t known_as[STORE_DEVICE_ID_BYTES];
        int r;

        if (e->counter) {
                r = counter_raise(store, e->counter);
                if (r)
                        return r;
        }
        r = enrollment_inherit(store, e, known_as);
        if (r)
                return r;
        r = stray_drop(store, e->device->device_id);
        if (r == 0)
                r = device_delete(store, e->device->device_id);
        if (r < 0)
                return r;
        r = device_put(store, e->device, known_as);
        if (r < 0)
                return query_hit_unique(store) ? STORE_E_NAME_TAKEN : r;
        if (e->device->kind == STORE_ENROLLED) {
                r = ownership_put(store, e->device->device_id, &e->device->ownership);
                if (r < 0)
                        return r;
        }
        r = channels_put(store, e);
        if (r < 0)
                return r;
        return messages_put(store, e);
}

int store_enroll(struct store *store, const struct store_enrollment *enrollment)
{
        int r;

        r = transaction_begin(store);
        if (r < 0)
                return r;
        r = enrollment_put(store, enrollment);
        return enrollment->replaces ? removal_end(store, r) : transaction_end(store, r);
}
