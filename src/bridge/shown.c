/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/shown.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "util/sorted.h"

static_assert(sizeof(((struct shown_device *)NULL)->id) == SORTED_ID_BYTES &&
                      offsetof(struct shown_device, id) == 0,
              "devices are sorted by their identifiers");

struct shown {
        struct sorted devices;
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
        sorted_done(&shown->devices);
        free(shown);
        return NULL;
}

void shown_clear(struct shown *shown)
{
        for (size_t i = 0; i < shown->devices.n; i++)
                free(shown->devices.things[i]);
        shown->devices.n = 0;
        shown->due = NULL;
        shown->due_end = &shown->due;
}

static int insert(struct shown *shown, const uint8_t id[KDF_DEVICE_ID_BYTES],
                  struct shown_device **ret_device)
{
        struct shown_device *device = calloc(1, sizeof(*device));
        int r;

        if (!device)
                return -ENOMEM;
        memcpy(device->id, id, sizeof(device->id));
        r = sorted_add(&shown->devices, device);
        if (r < 0) {
                free(device);
                return r;
        }
        *ret_device = device;
        return 0;
}

int shown_add_due(struct shown *shown, const uint8_t id[KDF_DEVICE_ID_BYTES], unsigned what)
{
        struct shown_device *device = sorted_find(&shown->devices, id);
        int r;

        if (!device) {
                r = insert(shown, id, &device);
                if (r < 0)
                        return r;
        }
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
        return sorted_at(&shown->devices, at);
}

void shown_forget(struct shown *shown, size_t at)
{
        struct shown_device *device = sorted_take(&shown->devices, at);

        assert(device->due == 0);
        free(device);
}
