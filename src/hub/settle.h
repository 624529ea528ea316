/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Finishes unfinished enrollments: those whose rows are unsettled (doc/protocol.md section 6),
 * because their devices have not confirmed. Each device has its own times at which it is looked for
 * (contact/schedule.h), until it confirms or turns out to be somebody else's. Whenever one of them
 * is heard, because it is looked for or because somebody else listens, its enrollment goes on at
 * once; one that is not there costs nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "api/backend.h"
#include "enrollment/enrollment.h"
#include "hub/herald.h"
#include "hub/means.h"
#include "util/defer.h"

#define SETTLE_AT_ONCE 8 /* enrollments that go on at the same time */

struct settle;

/* Everything outlives it. */
struct settle_means {
        sd_event *event;
        struct means *means;
        struct herald *herald;
};

struct settle_handler {
        /* Whether a person is enrolling this device now: then it is left to them. */
        bool (*is_taken)(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);
        /* As struct enrollment_handler says. */
        void (*on_committed)(void *userdata, const struct plan *plan);
        void (*on_owned)(void *userdata, struct meeting *meeting_take, const struct plan *plan);
        void (*on_dropped)(void *userdata, const struct store_device *device);
};

/* Begins soon after the start. 0 or -errno. */
int settle_new(const struct settle_means *means, const struct settle_handler *handler,
               void *userdata, struct settle **ret_settle);
struct settle *settle_free(struct settle *settle);

/* Another row of the store is unsettled, or one less. */
void settle_refresh(struct settle *settle);

/* When this device is looked for the next time, Unix time; 0 if it need not be. */
int64_t settle_next(struct settle *settle, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/* A port is back: looks for all of them now. */
void settle_wake(struct settle *settle);

/* Other adapters are usable than before: if one has come or is back, the same. */
void settle_look_at_adapters(struct settle *settle);

/*
 * A person claims this device: parts with it. All of them are looked for within a minute, and more
 * often again, because somebody is at the hub.
 */
void settle_yield(struct settle *settle, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/* Whether the enrollment of this device is going on now. */
bool settle_is_finishing(const struct settle *settle,
                         const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/* Adds the unfinished enrollments, and what is done about each. */
void settle_status(const struct settle *settle, struct api_status *status);

DEFINE_DEFER(struct settle *, settle_free);
