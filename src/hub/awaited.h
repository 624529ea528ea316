/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The devices that may join: those of the catalogue's entries that a person has allowed. The hub
 * listens for them, on the air and at its ports, and one that announces itself in its factory state
 * is enrolled, with the code of the entry.
 *
 * A device that cannot be enrolled rests. What it announced is answered again after twice as long
 * each time, and something new after the first rest: a repeated advertisement keeps nobody out.
 */

#include <stdbool.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "contact/vigil.h"
#include "util/defer.h"

#define AWAITED_REST_MIN_SEC 10   /* of a device, and of a nonce after the first attempt */
#define AWAITED_REST_MAX_SEC 3600 /* of a nonce in the end */

/* Devices that may have announced something are tried, so many in a second: some 20 ms of it. */
#define AWAITED_TRIES_PER_SEC 100000

struct awaited;

struct awaited_handler {
        /*
         * This device is there: begins its enrollment. REASON_BUSY if there is no room for it now;
         * anything else counts as an attempt.
         */
        enum reason (*on_there)(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);
        /* Whether it is being enrolled already. */
        bool (*is_taken)(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);
};

/* @finder outlives it. Awaits nobody before awaited_refresh(). 0 or -errno. */
int awaited_new(const struct finder_means *finder, const struct awaited_handler *handler,
                void *userdata, struct awaited **ret_awaited);
struct awaited *awaited_free(struct awaited *awaited);

/* Other entries may join than before. */
void awaited_refresh(struct awaited *awaited, const struct catalogue *catalogue);

DEFINE_DEFER(struct awaited *, awaited_free);
