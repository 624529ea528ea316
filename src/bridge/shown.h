/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the broker has been shown of each device, and what it is still due: while the broker is
 * behind, a device waits its turn with its newest state, however often that changes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event/state.h"
#include "util/defer.h"

enum {
        SHOWN_AVAILABILITY = 1 << 0,
        SHOWN_STATE = 1 << 1, /* its last readings */
};

struct shown;

struct shown_device {
        uint8_t id[KDF_DEVICE_ID_BYTES]; /* first: it is sorted by it */
        char name[STATE_NAME_SIZE];      /* under which its availability is kept; "": it is not */
        bool available;                  /* as is kept */
        uint8_t due;                     /* SHOWN_* */
        struct shown_device *next;       /* whose turn it is after this one */
};

/* 0 or -ENOMEM. */
int shown_new(struct shown **ret_shown);
struct shown *shown_free(struct shown *shown);

/* The broker has nothing of it; and nothing is due. */
void shown_clear(struct shown *shown);

/* The device is due @what beside what it is due already. 0 or -ENOMEM. */
int shown_add_due(struct shown *shown, const uint8_t id[KDF_DEVICE_ID_BYTES], unsigned what);

/* The device whose turn it is, with what it is due, and it is not any more; NULL if there is none.
 */
struct shown_device *shown_take_due(struct shown *shown, unsigned *ret_what);

/* All devices by their place in the order of their identifiers, as state_at(); NULL at the end. */
struct shown_device *shown_at(const struct shown *shown, size_t at);

/* Forgets the device at this place, which is due nothing; the next one takes the place. */
void shown_forget(struct shown *shown, size_t at);

DEFINE_DEFER(struct shown *, shown_free);
