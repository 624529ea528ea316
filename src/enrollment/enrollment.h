/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One device's way from its code to an owner: the outer life around the session.
 *
 *     check the code ── find ── prove ── supply ── configure ── own ── gateway
 *                        ^                                       |
 *                        '──────── again, if the link is lost ───'
 *
 * Everything is told by events; nothing is left behind by one that fails. Up to the hub's commit a
 * failure has changed nothing here, and the device undoes by itself. After it the hub is obliged
 * (doc/protocol.md section 6): a row that is not settled is finished by enrollment_new_resume(),
 * with the same code.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contact/conversation.h"
#include "event/event.h"
#include "contact/finder.h"
#include "enrollment/plan.h"
#include "enrollment/request.h"
#include "util/defer.h"

#define ENROLLMENT_ATTEMPTS 3 /* to reach the device, for one request */

/* What the hub has; by reference. */
struct enrollment_means {
        struct finder_means finder;
        struct plan_means plan;
        unsigned find_sec;
};

struct enrollment_handler {
        void (*on_event)(void *userdata, const struct event *event);
        /*
         * The device is owned and its session is open; the conversation is the handler's. Told
         * right after the event, and before on_ended. Not told for a dry run.
         */
        void (*on_owned)(void *userdata, struct conversation *conversation_take,
                         const struct store_device *device, const struct store_channel *channels,
                         size_t n_channels);
        /* A row was dropped: somebody else has taken the device meanwhile. */
        void (*on_dropped)(void *userdata, const struct store_device *device);
        /* Over; the last call. The enrollment may be freed here. */
        void (*on_ended)(void *userdata, enum reason why);
};

struct enrollment;

/*
 * Starts in the next turn of the loop; @means stays in place, the rest is copied. @code is text or
 * bytes. 0 or -errno.
 */
int enrollment_new(const struct enrollment_means *means, const struct request *request,
                   const uint8_t *code, size_t n_code, const struct enrollment_handler *handler,
                   void *userdata, struct enrollment **ret_enrollment);

/*
 * Finishes what the row of a device that is not settled began. 0; -EBADMSG if its resume blob
 * cannot be opened.
 */
int enrollment_new_resume(const struct enrollment_means *means, const struct store_device *device,
                          const struct enrollment_handler *handler, void *userdata,
                          struct enrollment **ret_enrollment);

/* Ends it as cancelled, and tells the device. Once the hub has committed it goes on: false. */
bool enrollment_cancel(struct enrollment *e);

struct enrollment *enrollment_free(struct enrollment *e);

const char *enrollment_transaction(const struct enrollment *e);

/* Whether it finishes an earlier one by itself, and nobody waits for it. */
bool enrollment_is_resumed(const struct enrollment *e);

DEFINE_DEFER(struct enrollment *, enrollment_free);
