/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Releases the devices that the hub has given up without releasing them (store/stray.h), so that
 * they go back to the factory state and can be enrolled again.
 *
 * The hub listens for as long as there is one, and one that announces itself is asked to let itself
 * go. Nobody waits for that, so it goes before no visit. An attempt that fails is followed by a
 * pause, which doubles each time (contact/schedule.h). What has not turned up for STRAYS_DAYS is
 * forgotten.
 */

#include <stdbool.h>
#include <stdint.h>

#include "api/backend.h"
#include "gateway/gateway.h"
#include "hub/eraser.h"
#include "hub/herald.h"
#include "hub/means.h"
#include "util/defer.h"

#define STRAYS_DAYS     90
#define STRAYS_AT_ONCE  8    /* that are asked at the same time */
#define STRAYS_LOOK_SEC 3600 /* between two looks at who has become too old */

struct strays;

/* Everything outlives it but the gateway, which is freed before. */
struct strays_means {
        sd_event *event;
        struct means *means;
        struct herald *herald;
        struct gateway *gateway;
        struct eraser *eraser;
};

struct strays_handler {
        /* Whether a person is enrolling this device now: then it is left to them. */
        bool (*is_taken)(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);
};

/* Reads the store in the next turn of the loop. 0 or -errno. */
int strays_new(const struct strays_means *means, const struct strays_handler *handler,
               void *userdata, struct strays **ret_strays);
struct strays *strays_free(struct strays *strays);

/* There is another stray in the store, or one less. */
void strays_refresh(struct strays *strays);

/* An adapter has come that may be listened to. */
void strays_listen(struct strays *strays);

/* Adds those that are still to be released. */
void strays_status(const struct strays *strays, struct api_status *status);

DEFINE_DEFER(struct strays *, strays_free);
