/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A face of the hub: one that shows what happens. D-Bus and MQTT each offer one, and the hub calls
 * all of them alike. State and conditions are changed before a face is called, so that it finds
 * them changed: a device that is added and available at once never shows as offline.
 *
 * A member that is NULL is for something that the face does not show.
 */

#include "event/event.h"
#include "event/state.h"
#include "store/device.h"

struct face_handler {
        void (*on_event)(void *userdata, const struct event *event);
        /* A device was added, settled, renamed or removed. */
        void (*on_devices_changed)(void *userdata);
        /* A device reported: its readings are the last ones of all its channels. */
        void (*on_device_readings)(void *userdata, const struct state_device *device);
        /* A device can now be reached, or cannot any more. */
        void (*on_device_available)(void *userdata, const struct state_device *device);
        /* So many readings of a device have been lost, as its numbers tell. */
        void (*on_device_missed)(void *userdata, const struct state_device *device, uint64_t n);
        /* The hub does not have this device any more. */
        void (*on_device_left)(void *userdata, const struct store_device *device);
        /* A device has taken the place of @former, which the hub does not have any more. */
        void (*on_device_replaced)(void *userdata, const struct store_device *device,
                                   const struct store_device *former);
        /* A device that was removed under this name, or replaced, has been released only now. */
        void (*on_device_released)(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                                   const char *name);
        /* What was done about an adapter that does not work, or that it works again, by name. */
        void (*on_adapter_recovery)(void *userdata, const char *adapter, const char *recovery);
        /* A problem of the hub stands, or is over; @reason may be one that is not in the table. */
        void (*on_condition)(void *userdata, enum reason reason, bool on);
        /* The window is open until then, Unix time, or closed if that is 0. */
        void (*on_window_changed)(void *userdata, int64_t until);
        /* Something in struct api_status changed. */
        void (*on_info_changed)(void *userdata);
};

struct face {
        const struct face_handler *handler;
        void *userdata;
};
