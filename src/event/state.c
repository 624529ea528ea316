/* SPDX-License-Identifier: Apache-2.0 */

#include "event/state.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"
#include "util/sorted.h"

/* What a reading points to. */
struct kept {
        char leaf[READING_LEAF_SIZE];
        uint8_t text[MESSAGE_TEXT_MAX];
};

struct device {
        struct state_device shown; /* first, and its identifier first in it */
        struct reading *readings;
        struct kept *kept[STATE_READINGS_MAX];
};

static_assert(sizeof(((struct device *)NULL)->shown.id) == SORTED_ID_BYTES &&
                      offsetof(struct device, shown.id) == 0,
              "devices are sorted by their identifiers");

struct state {
        struct sorted devices;
        uint64_t n_changes;
};

static struct device *device_free(struct device *device)
{
        if (!device)
                return NULL;
        for (size_t i = 0; i < device->shown.n_readings; i++)
                free(device->kept[i]);
        free(device->readings);
        free(device);
        return NULL;
}

DEFINE_DEFER(struct device *, device_free);

int state_new(struct state **ret_state)
{
        struct state *state = calloc(1, sizeof(*state));

        if (!state)
                return -ENOMEM;
        *ret_state = state;
        return 0;
}

struct state *state_free(struct state *state)
{
        if (!state)
                return NULL;
        for (size_t i = 0; i < state->devices.n; i++)
                (void)device_free(state->devices.things[i]);
        sorted_done(&state->devices);
        free(state);
        return NULL;
}

static struct device *find(const struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES])
{
        return sorted_find(&state->devices, id);
}

static void set_name(struct device *device, const char *name)
{
        (void)snprintf(device->shown.name, sizeof(device->shown.name), "%s", name);
}

int state_add(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES], const char *name)
{
        _defer_(device_free) struct device *added = NULL;
        struct device *device = find(state, id);
        int r;

        if (device) {
                set_name(device, name);
                return 0;
        }
        if (state->devices.n == STATE_DEVICES_MAX)
                return -ENOSPC;
        added = calloc(1, sizeof(*added));
        if (!added)
                return -ENOMEM;
        memcpy(added->shown.id, id, KDF_DEVICE_ID_BYTES);
        set_name(added, name);
        r = sorted_add(&state->devices, added);
        if (r < 0)
                return r;
        (void)take(added);
        state->n_changes++;
        return 0;
}

/* Room for the reading of one more channel. */
static int add_channel(struct device *device, const char *leaf)
{
        size_t n = device->shown.n_readings;
        struct reading *readings;
        struct kept *kept;

        if (n == STATE_READINGS_MAX)
                return -ENOSPC;
        readings = realloc(device->readings, (n + 1) * sizeof(*readings));
        if (!readings)
                return -ENOMEM;
        device->shown.readings = device->readings = readings;
        kept = calloc(1, sizeof(*kept));
        if (!kept)
                return -ENOMEM;
        (void)snprintf(kept->leaf, sizeof(kept->leaf), "%s", leaf);
        device->kept[n] = kept;
        device->readings[n].leaf = kept->leaf;
        device->shown.n_readings++;
        return 0;
}

static int keep(struct device *device, const struct reading *reading)
{
        const struct cbor_span text = reading->value.text;
        bool has_text = reading->value.type == MESSAGE_TEXT && text.n_bytes > 0;
        size_t i = 0;
        int r = 0;

        if (strlen(reading->leaf) >= READING_LEAF_SIZE ||
            (has_text && text.n_bytes > MESSAGE_TEXT_MAX))
                return -ENOSPC;
        while (i < device->shown.n_readings && strcmp(device->readings[i].leaf, reading->leaf) != 0)
                i++;
        if (i == device->shown.n_readings)
                r = add_channel(device, reading->leaf);
        if (r < 0)
                return r;
        if (has_text) /* it may be the one that is kept already */
                memmove(device->kept[i]->text, text.bytes, text.n_bytes);
        device->readings[i].is_event = reading->is_event;
        device->readings[i].value = reading->value;
        device->readings[i].value.text =
                (struct cbor_span){device->kept[i]->text, has_text ? text.n_bytes : 0};
        return 0;
}

static int keep_all(struct device *device, const struct reading *readings, size_t n)
{
        int r = 0;

        for (size_t i = 0; i < n; i++) {
                int one = keep(device, &readings[i]);

                r = r < 0 ? r : one;
        }
        return r;
}

int state_restore(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES],
                  const struct state_device *known)
{
        struct device *device = find(state, id);

        if (!device)
                return -ENOENT;
        device->shown.last_seen = known->last_seen;
        device->shown.numbering = known->numbering;
        device->shown.is_stale = known->n_readings > 0;
        state->n_changes++;
        return keep_all(device, known->readings, known->n_readings);
}

int state_readings(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES],
                   const struct reading *readings, size_t n, int64_t now)
{
        struct device *device = find(state, id);

        if (!device)
                return -ENOENT;
        device->shown.last_seen = now;
        device->shown.is_stale = device->shown.is_stale && n == 0;
        device->shown.reported = ++state->n_changes;
        return keep_all(device, readings, n);
}

void state_events_over(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES])
{
        struct device *device = find(state, id);
        size_t n = 0;

        for (size_t i = 0; device && i < device->shown.n_readings; i++) {
                if (device->readings[i].is_event) {
                        free(device->kept[i]);
                        continue;
                }
                device->readings[n] = device->readings[i];
                device->kept[n++] = device->kept[i];
        }
        if (device)
                device->shown.n_readings = n;
}

struct numbering *state_numbering(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES])
{
        struct device *device = find(state, id);

        return device ? &device->shown.numbering : NULL;
}

void state_heard(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES], const int *rssi,
                 int64_t now)
{
        struct device *device = find(state, id);

        if (!device)
                return;
        state->n_changes += device->shown.last_seen != now;
        device->shown.last_seen = now;
        if (!rssi || (device->shown.has_rssi && device->shown.rssi == *rssi))
                return;
        device->shown.has_rssi = true;
        device->shown.rssi = *rssi;
        state->n_changes++;
}

bool state_reach(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES],
                 const struct state_reach *reach)
{
        struct device *device = find(state, id);

        if (!device || device->shown.available == reach->available)
                return false;
        device->shown.available = reach->available;
        device->shown.why = reach->why;
        device->shown.since = reach->now;
        state->n_changes++;
        return true;
}

bool state_rename(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES], const char *name)
{
        struct device *device = find(state, id);

        if (!device || strcmp(device->shown.name, name) == 0)
                return false;
        set_name(device, name);
        state->n_changes++;
        return true;
}

bool state_forget(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES])
{
        if (!find(state, id))
                return false;
        (void)device_free(sorted_take(&state->devices, sorted_position(&state->devices, id)));
        state->n_changes++;
        return true;
}

uint64_t state_changes(const struct state *state)
{
        return state->n_changes;
}

const struct state_device *state_find(const struct state *state,
                                      const uint8_t id[KDF_DEVICE_ID_BYTES])
{
        const struct device *device = find(state, id);

        return device ? &device->shown : NULL;
}

const struct state_device *state_find_name(const struct state *state, const char *name)
{
        const struct state_device *device;

        for (size_t at = 0; (device = state_at(state, at)); at++)
                if (strcmp(device->name, name) == 0)
                        return device;
        return NULL;
}

const struct state_device *state_next(const struct state *state, const struct state_device *before)
{
        return state_at(state, before ? sorted_position(&state->devices, before->id) + 1 : 0);
}

size_t state_count(const struct state *state)
{
        return state->devices.n;
}

const struct state_device *state_at(const struct state *state, size_t at)
{
        const struct device *device = sorted_at(&state->devices, at);

        return device ? &device->shown : NULL;
}
