/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the hub knows of its devices beyond their rows in the store: the last reading of each
 * channel, when a device was last heard, and whether it can be reached. Of that, what it has
 * reported survives the hub (hub/keeper.h).
 *
 * A device is known by its identifier, which never changes; its name does, and is kept beside it
 * because topics carry the name.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/numbering.h"
#include "event/reading.h"
#include "reason/reason.h"
#include "util/defer.h"
#include "wire/kdf.h"

#define STATE_DEVICES_MAX  16384
#define STATE_READINGS_MAX 32 /* of a device: a half has at most that many steps */
#define STATE_NAME_SIZE    33 /* with the NUL */

struct state;

struct state_device {
        uint8_t id[KDF_DEVICE_ID_BYTES];
        char name[STATE_NAME_SIZE];
        bool available;
        enum reason why;   /* it is not; REASON_NONE: it is not heard */
        int64_t since;     /* Unix time, since when; 0: it was not heard yet */
        int64_t last_seen; /* Unix time, 0: not heard since the hub started */
        bool has_rssi;
        int rssi;                       /* dBm, as it was heard last */
        const struct reading *readings; /* one for each channel, in the order of first hearing */
        size_t n_readings;
        bool is_stale; /* they are from before the hub was started */
        struct numbering numbering;
        uint64_t reported; /* state_changes() at its last report, or 0: none since the start */
};

/* 0 or -ENOMEM. */
int state_new(struct state **ret_state);
struct state *state_free(struct state *state);

/*
 * Adds a device, which is not available until something else is said; one that is known gets the
 * name. 0; -ENOMEM; -ENOSPC above STATE_DEVICES_MAX.
 */
int state_add(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES], const char *name);

/*
 * Keeps what a device said at @now, Unix time; @n may be 0 for a device that was only heard. Texts
 * are copied. 0; -ENOENT if the device is not known; -ENOMEM; -ENOSPC if there are more than
 * STATE_READINGS_MAX channels, or a leaf or a text is longer than the wire allows: what fits is
 * kept.
 */
int state_readings(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES],
                   const struct reading *readings, size_t n, int64_t now);

/* Forgets what happened once its readings have been reported: an event is no last value. */
void state_events_over(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES]);

/*
 * What was known of a device when the hub ended, before it is heard; as state_readings(), and what
 * it says is stale.
 */
int state_restore(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES],
                  const struct state_device *known);

/*
 * Which DATA of a device have been taken. NULL if it is not known; valid until the next change of
 * the state.
 */
struct numbering *state_numbering(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES]);

/* How a device was heard at @now, Unix time: its signal, in dBm, or NULL if that is not known. */
void state_heard(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES], const int *rssi,
                 int64_t now);

/* Whether the device can be reached, from @now on, Unix time. */
struct state_reach {
        bool available;
        enum reason why; /* it cannot; REASON_NONE: it is not heard */
        int64_t now;
};

/* Each returns whether it changed anything; never for a device that is not known. */
bool state_reach(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES],
                 const struct state_reach *reach);
bool state_rename(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES], const char *name);
bool state_forget(struct state *state, const uint8_t id[KDF_DEVICE_ID_BYTES]);

/* A number that grows with every change: what was read while it was the same holds. */
uint64_t state_changes(const struct state *state);

/* The device, or NULL; valid until the next change of the state. */
const struct state_device *state_find(const struct state *state,
                                      const uint8_t id[KDF_DEVICE_ID_BYTES]);
const struct state_device *state_find_name(const struct state *state, const char *name);

/* How many there are; and each by its place in the order of their identifiers, NULL at the end. */
size_t state_count(const struct state *state);
const struct state_device *state_at(const struct state *state, size_t at);

/* A walk over all devices, in the order of their identifiers: the first for NULL; NULL at the end.
 */
const struct state_device *state_next(const struct state *state, const struct state_device *before);

DEFINE_DEFER(struct state *, state_free);
