/* SPDX-License-Identifier: Apache-2.0 */

#include "enrollment/replacement.h"

#include <stdio.h>
#include <string.h>

#include "util/log.h"

static bool is_same_model(const struct store_device *a, const struct store_device *b)
{
        return strcmp(a->maker, b->maker) == 0 && strcmp(a->model, b->model) == 0;
}

enum reason replacement_make(struct replacement *r, struct store *store,
                             const uint8_t former_id[STORE_DEVICE_ID_BYTES], bool other_model,
                             struct store_device *device, char ret_detail[REASON_TEXT_SIZE])
{
        struct store_device *former = &r->former;
        int found;

        ret_detail[0] = '\0';
        if (memcmp(former_id, device->device_id, STORE_DEVICE_ID_BYTES) == 0)
                return REASON_NONE;
        found = store_find_id(store, former_id, former);
        if (found == STORE_E_NONE)
                return REASON_NO_SUCH_DEVICE;
        if (found < 0) {
                (void)log_errno(found, "The device that is to be replaced cannot be looked up");
                return store_reason(found);
        }
        r->is_alike = is_same_model(former, device);
        if (!other_model && !r->is_alike) {
                (void)snprintf(ret_detail, REASON_TEXT_SIZE,
                               "the code is for %.80s %.80s, and %s is %.80s %.80s", device->maker,
                               device->model, former->name, former->maker, former->model);
                return REASON_MODEL_DIFFERS;
        }
        memcpy(device->name, former->name, sizeof(device->name));
        memcpy(device->known_as, former->known_as, sizeof(device->known_as));
        r->is_due = true;
        return REASON_NONE;
}

struct cbor_span replacement_values(const struct replacement *r)
{
        if (!r->is_due)
                return (struct cbor_span){0};
        return (struct cbor_span){r->former.config, r->former.n_config};
}

void replacement_text(const struct replacement *r, char *ret_text, size_t size)
{
        const struct store_device *former = &r->former;

        (void)snprintf(ret_text, size,
                       " It takes the place of %s%s%s, which is removed as soon as this device is "
                       "owned.",
                       former->name, former->serial[0] ? " with the serial number " : "",
                       former->serial);
}
