/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/channel.h"
#include "store/memory.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

struct keeper {
        struct store *store;
        struct state *state;
        unsigned seconds;
        sd_event_source *later;
        uint64_t saved;                  /* state_changes() when it was saved last */
        const struct state_device *next; /* while it is saved: behind this one */
};

_Static_assert(STORE_VALUES_MAX == STATE_READINGS_MAX && STORE_VALUE_TEXT_MAX == MESSAGE_TEXT_MAX &&
                       STORE_BOOT_ID_BYTES == MESSAGE_BOOT_ID_BYTES &&
                       STORE_LEAF_SIZE == READING_LEAF_SIZE,
               "what there is to be kept fits");

/* --- saving --- */

static void keeper_put_value(const struct reading *reading, struct store_value *ret_value)
{
        const struct message_value *value = &reading->value;

        *ret_value = (struct store_value){
                .type = value->type,
                .exponent = value->exponent,
                .integer = value->integer,
                .n_text = value->text.n_bytes,
        };
        memcpy(ret_value->leaf, reading->leaf, strlen(reading->leaf) + 1);
        if (value->text.n_bytes > 0)
                memcpy(ret_value->text, value->text.bytes, value->text.n_bytes);
}

static void keeper_put(const struct state_device *device, struct store_memory *memory)
{
        const struct numbering *numbering = &device->numbering;

        memcpy(memory->device_id, device->id, sizeof(memory->device_id));
        memory->last_seen = device->last_seen;
        memory->has_boot_id = numbering->is_known;
        memcpy(memory->boot_id, numbering->boot_id, sizeof(memory->boot_id));
        memory->next = numbering->next;
        memory->taken = numbering->taken;
        memory->n_values = device->n_readings;
        for (size_t i = 0; i < device->n_readings; i++)
                keeper_put_value(&device->readings[i], &memory->values[i]);
}

static bool keeper_on_next(void *userdata, struct store_memory *ret_memory)
{
        struct keeper *k = userdata;

        do
                k->next = state_next(k->state, k->next);
        while (k->next && k->next->reported <= k->saved);
        if (!k->next)
                return false;
        keeper_put(k->next, ret_memory);
        return true;
}

static void keeper_save(struct keeper *k)
{
        uint64_t changes = state_changes(k->state);
        int r;

        k->next = NULL;
        r = store_remember(k->store, keeper_on_next, k);
        if (r < 0) {
                (void)log_errno(r, "The last values of the devices cannot be stored");
                keeper_note(k); /* and are stored later */
                return;
        }
        k->saved = changes;
        log_debug("The last values of the devices are stored.");
}

static int keeper_on_later(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        keeper_save(userdata);
        return 0;
}

void keeper_note(struct keeper *keeper)
{
        if (!loop_is_armed(keeper->later))
                loop_rearm_timer(keeper->later, keeper->seconds * UINT64_C(1000));
}

/* --- restoring --- */

/* Whether a device has a channel of this name whose value stays; an event does not. */
static bool has_channel(const struct store_channel *channels, size_t n_channels, const char *leaf)
{
        for (size_t i = 0; i < n_channels; i++)
                if (strcmp(channels[i].leaf, leaf) == 0)
                        return channels[i].type != STORE_EVENT;
        return false;
}

static int keeper_read(struct keeper *k, const uint8_t device_id[KDF_DEVICE_ID_BYTES])
{
        struct store_channel channels[STATE_READINGS_MAX];
        struct store_value values[STORE_VALUES_MAX];
        struct reading readings[STORE_VALUES_MAX];
        struct store_memory memory = {.values = values};
        struct state_device known = {.readings = readings};
        size_t n_channels = 0;
        int r;

        memcpy(memory.device_id, device_id, sizeof(memory.device_id));
        r = store_recall(k->store, &memory);
        if (r == 0)
                r = store_channels(k->store, device_id, STATE_READINGS_MAX, channels, &n_channels);
        if (r != 0)
                return r;
        for (size_t i = 0; i < memory.n_values; i++) {
                const struct store_value *v = &values[i];

                if (has_channel(channels, n_channels, v->leaf))
                        readings[known.n_readings++] =
                                (struct reading){.leaf = v->leaf,
                                                 .value = {.type = v->type,
                                                           .exponent = v->exponent,
                                                           .integer = v->integer,
                                                           .text = {v->text, v->n_text}}};
        }
        known.last_seen = memory.last_seen;
        known.numbering = (struct numbering){.is_known = memory.has_boot_id,
                                             .is_old = true,
                                             .next = memory.next,
                                             .taken = memory.taken,
                                             .reported = memory.next};
        memcpy(known.numbering.boot_id, memory.boot_id, sizeof(memory.boot_id));
        return state_restore(k->state, device_id, &known);
}

void keeper_restore(struct keeper *keeper, const uint8_t device_id[KDF_DEVICE_ID_BYTES])
{
        int r = keeper_read(keeper, device_id);

        if (r < 0)
                (void)log_errno(r, "The last values of a device cannot be read");
}

/* --- beginning and end --- */

int keeper_new(sd_event *event, struct store *store, struct state *state, unsigned seconds,
               struct keeper **ret_keeper)
{
        _defer_(keeper_free) struct keeper *k = calloc(1, sizeof(*k));
        int r;

        if (!k)
                return -ENOMEM;
        k->store = store;
        k->state = state;
        k->seconds = seconds;
        r = loop_add_timer(event, &k->later, keeper_on_later, k);
        if (r < 0)
                return r;
        *ret_keeper = take(k);
        return 0;
}

struct keeper *keeper_free(struct keeper *keeper)
{
        if (!keeper)
                return NULL;
        if (keeper->later && loop_is_armed(keeper->later))
                keeper_save(keeper);
        loop_drop(&keeper->later);
        free(keeper);
        return NULL;
}
