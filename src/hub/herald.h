/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What happens is reported here once, and goes from here to the journal, to every face, and, while
 * the broker is away, into the outbox.
 *
 * State and conditions are changed before the faces are called, so that a face finds them changed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/face.h"
#include "event/condition.h"
#include "event/event.h"
#include "event/state.h"
#include "store/device.h"
#include "util/defer.h"

#define HERALD_FACES_MAX 8

struct herald;

/* Everything outlives the herald. */
struct herald_means {
        struct store *store;
        const char *hub; /* its name */
        struct state *state;
        struct conditions *conditions;
};

/* 0 or -ENOMEM. */
int herald_new(const struct herald_means *means, struct herald **ret_herald);
struct herald *herald_free(struct herald *herald);

/* Another face; it must be there as long as something is reported. */
void herald_add_face(struct herald *herald, struct face face);

/* Whether the broker is there; what ends while it is not is kept for it. */
void herald_set_broker(struct herald *herald, bool connected);

void herald_event(struct herald *herald, const struct event *event);

/*
 * The state of a part of the hub, *@state, becomes @now, REASON_NONE if it works: the journal calls
 * it @what.
 */
void herald_condition(struct herald *herald, const char *what, enum reason *state, enum reason now);

/* A problem stands or is over, of which the caller has written to the journal. */
void herald_alert(struct herald *herald, enum reason reason, bool on);

/* The clock was set: what is shown with a time is shown with another one. */
void herald_clock_set(struct herald *herald);

/* A device was added or settled. */
void herald_devices_changed(struct herald *herald);

void herald_readings(struct herald *herald, const struct store_device *device,
                     const struct reading *readings, size_t n_readings);

/* Reports how many readings of this device have been lost since the last report, if any have. */
void herald_missed(struct herald *herald, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/* The hub can reach a device that it has, or cannot any more: then @why may say more. */
void herald_reach(struct herald *herald, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                  bool available, enum reason why);

/* The hub has heard it, with this signal in dBm, or NULL if that is not known. */
void herald_heard(struct herald *herald, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                  const int *rssi);

/* The hub has the device, under this name, and can or cannot reach it. */
void herald_device(struct herald *herald, const struct store_device *device, bool available);

/*
 * The hub talks to a new device, or to one that is enrolled again: what was known of it before is
 * not true any more.
 */
void herald_new_device(struct herald *herald, const struct store_device *device);

/* The device is called @name from now on. */
void herald_rename(struct herald *herald, const struct store_device *device, const char *name);

/* A device has taken the place of @former in the store; herald_new_device() follows. */
void herald_replace(struct herald *herald, const struct store_device *device,
                    const struct store_device *former);

/* The hub has it no more. */
void herald_forget(struct herald *herald, const struct store_device *device);

/* The window is open until then, Unix time, or closed if that is 0. */
void herald_window_changed(struct herald *herald, int64_t until);

/* A device that the hub does not have any more, and had under this name, has been released. */
void herald_released(struct herald *herald, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                     const char *name);

/* What was done about an adapter that does not work (ble/adapter.h), or that it works again. */
void herald_recovery(struct herald *herald, const char *adapter, const char *recovery);

/* Something that GetStatus and bridge/info show has changed. */
void herald_info_changed(struct herald *herald);

DEFINE_DEFER(struct herald *, herald_free);
