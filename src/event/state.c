/* SPDX-License-Identifier: Apache-2.0 */

#include "event/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"

/* What a reading points to. */
struct kept {
        char leaf[READING_LEAF_SIZE];
        uint8_t text[MESSAGE_TEXT_MAX];
};

struct device {
        struct state_device shown;
        struct reading *readings;
        struct kept *kept[STATE_READINGS_MAX];
};

/* Sorted by identifier. */
struct state {
        struct device **devices;
        size_t n_devices, n_room;
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
        for (size_t i = 0; i < state->n_devices; i++)
                (void)device_free(state->devices[i]);
        free(state->devices);
        free(state);
        return NULL;
}

/* Where the device is, or would be. */
static size_t position(const struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES])
{
        size_t low = 0, high = state->n_devices;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (memcmp(state->devices[middle]->shown.id, id, KDF_DEVICE_ID_BYTES) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static struct device *find(const struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES])
{
        size_t at = position(state, id);

        if (at == state->n_devices ||
            memcmp(state->devices[at]->shown.id, id, KDF_DEVICE_ID_BYTES) != 0)
                return NULL;
        return state->devices[at];
}

static void set_name(struct device *device, const char *name)
{
        (void)snprintf(device->shown.name, sizeof(device->shown.name), "%s", name);
}

static int make_room(struct state *state)
{
        size_t n_room = state->n_room ? 2 * state->n_room : 16;
        struct device **devices;

        if (state->n_devices < state->n_room)
                return 0;
        if (state->n_devices == STATE_DEVICES_MAX)
                return -ENOSPC;
        devices = realloc(state->devices, n_room * sizeof(struct device *));
        if (!devices)
                return -ENOMEM;
        state->devices = devices;
        state->n_room = n_room;
        return 0;
}

int state_add(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES], const char *name)
{
        size_t at = position(state, id);
        struct device *device = find(state, id);
        int r;

        if (device) {
                set_name(device, name);
                return 0;
        }
        r = make_room(state);
        if (r < 0)
                return r;
        device = calloc(1, sizeof(*device));
        if (!device)
                return -ENOMEM;
        memcpy(device->shown.id, id, KDF_DEVICE_ID_BYTES);
        set_name(device, name);
        memmove(state->devices + at + 1, state->devices + at,
                (state->n_devices - at) * sizeof(struct device *));
        state->devices[at] = device;
        state->n_devices++;
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
        _defer_(device_free) struct device *device = find(state, id);
        size_t at = position(state, id);

        if (!device)
                return false;
        state->n_changes++;
        state->n_devices--;
        memmove(state->devices + at, state->devices + at + 1,
                (state->n_devices - at) * sizeof(struct device *));
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
        for (size_t i = 0; i < state->n_devices; i++)
                if (strcmp(state->devices[i]->shown.name, name) == 0)
                        return &state->devices[i]->shown;
        return NULL;
}

const struct state_device *state_next(const struct state *state, const struct state_device *before)
{
        size_t at = before ? position(state, before->id) + 1 : 0;

        return at < state->n_devices ? &state->devices[at]->shown : NULL;
}

size_t state_count(const struct state *state)
{
        return state->n_devices;
}

const struct state_device *state_at(const struct state *state, size_t at)
{
        return &state->devices[at]->shown;
}
