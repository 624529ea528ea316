/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/shown.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Sorted by identifier. */
struct shown {
        struct shown_device **devices;
        size_t n_devices, n_room;
        struct shown_device *due, **due_end;
};

int shown_new(struct shown **ret_shown)
{
        struct shown *shown = calloc(1, sizeof(*shown));

        if (!shown)
                return -ENOMEM;
        shown->due_end = &shown->due;
        *ret_shown = shown;
        return 0;
}

struct shown *shown_free(struct shown *shown)
{
        if (!shown)
                return NULL;
        shown_clear(shown);
        free(shown->devices);
        free(shown);
        return NULL;
}

void shown_clear(struct shown *shown)
{
        for (size_t i = 0; i < shown->n_devices; i++)
                free(shown->devices[i]);
        shown->n_devices = 0;
        shown->due = NULL;
        shown->due_end = &shown->due;
}

/* Where the device is, or would be. */
static size_t position(const struct shown *shown, const uint8_t id[KDF_DEVICE_ID_BYTES])
{
        size_t low = 0, high = shown->n_devices;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (memcmp(shown->devices[middle]->id, id, KDF_DEVICE_ID_BYTES) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static int make_room(struct shown *shown)
{
        size_t n_room = shown->n_room ? 2 * shown->n_room : 16;
        struct shown_device **devices;

        if (shown->n_devices < shown->n_room)
                return 0;
        devices = reallocarray(shown->devices, n_room, sizeof(struct shown_device *));
        if (!devices)
                return -ENOMEM;
        shown->devices = devices;
        shown->n_room = n_room;
        return 0;
}

static int insert(struct shown *shown, size_t at, const uint8_t id[KDF_DEVICE_ID_BYTES])
{
        struct shown_device *device;
        int r;

        r = make_room(shown);
        if (r < 0)
                return r;
        device = calloc(1, sizeof(*device));
        if (!device)
                return -ENOMEM;
        memcpy(device->id, id, sizeof(device->id));
        memmove(shown->devices + at + 1, shown->devices + at,
                (shown->n_devices - at) * sizeof(struct shown_device *));
        shown->devices[at] = device;
        shown->n_devices++;
        return 0;
}

int shown_add_due(struct shown *shown, const uint8_t id[KDF_DEVICE_ID_BYTES], unsigned what)
{
        size_t at = position(shown, id);
        struct shown_device *device;
        int r;

        if (at == shown->n_devices ||
            memcmp(shown->devices[at]->id, id, KDF_DEVICE_ID_BYTES) != 0) {
                r = insert(shown, at, id);
                if (r < 0)
                        return r;
        }
        device = shown->devices[at];
        if (device->due == 0) {
                device->next = NULL;
                *shown->due_end = device;
                shown->due_end = &device->next;
        }
        device->due |= (uint8_t)what;
        return 0;
}

struct shown_device *shown_take_due(struct shown *shown, unsigned *ret_what)
{
        struct shown_device *device = shown->due;

        if (!device)
                return NULL;
        shown->due = device->next;
        if (!shown->due)
                shown->due_end = &shown->due;
        *ret_what = device->due;
        device->due = 0;
        return device;
}

struct shown_device *shown_at(const struct shown *shown, size_t at)
{
        return at < shown->n_devices ? shown->devices[at] : NULL;
}

void shown_forget(struct shown *shown, size_t at)
{
        struct shown_device *device = shown->devices[at];

        assert(device->due == 0);
        shown->n_devices--;
        memmove(shown->devices + at, shown->devices + at + 1,
                (shown->n_devices - at) * sizeof(struct shown_device *));
        free(device);
}
