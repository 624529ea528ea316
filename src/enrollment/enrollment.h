/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One device's way from its code to an owner: the outer life around the session.
 *
 *     check the code ── find ── connect ── prove ── supply ── configure ── own ── gateway
 *                        ^                                                  |
 *                        '───────────── again, if the link is lost ─────────'
 *
 * Everything is reported by events; nothing is left behind by one that fails. Up to the hub's
 * commit a failure has changed nothing here, and the device undoes by itself. After it the row is
 * unsettled until the device has confirmed (doc/protocol.md section 6), and an unfinished
 * enrollment goes on with enrollment_new_resume() and the same code.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "contact/meeting.h"
#include "enrollment/plan.h"
#include "enrollment/request.h"
#include "event/event.h"
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
         * The code is good: may its device be enrolled now? REASON_NONE, or why not, with a line
         * for people in @text, which else stays as it is. Not called for a dry run, which touches
         * no device, nor for one that is resumed.
         */
        enum reason (*on_claim)(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                                char text[PLAN_TEXT_SIZE]);
        /* As struct plan_wish says. */
        bool (*is_name_taken)(void *userdata, const char *name,
                              const uint8_t device_id[STORE_DEVICE_ID_BYTES]);
        /*
         * The same commit has removed the device whose place this one takes, .replacement of @plan.
         * Called before on_committed. NULL: there never is one.
         */
        void (*on_replaced)(void *userdata, const struct plan *plan);
        /*
         * The hub has committed: the row of @plan is in the store and its key in the outbox, with
         * or without the device's confirmation. Called again if the device has to be staged again.
         */
        void (*on_committed)(void *userdata, const struct plan *plan);
        /*
         * The device is owned and its session is open; the meeting is the handler's, who must call
         * meeting_hand_over() or free it here. @plan has its row and its channels. Called right
         * after the event, and before on_ended. Not called for a dry run.
         */
        void (*on_owned)(void *userdata, struct meeting *meeting_take, const struct plan *plan);
        /* A row was dropped: somebody else has taken the device meanwhile. */
        void (*on_dropped)(void *userdata, const struct store_device *device);
        /*
         * It fails, and its row is unsettled: the next time at which the hub looks for the device,
         * Unix time; 0 if that is not known. NULL: it never is.
         */
        int64_t (*on_unfinished)(void *userdata, const struct store_device *device);
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
 * Finishes what the row of a device that is not settled began. 0; -EBADMSG if its resume blob does
 * not open or its code is not accepted any more, and the log says which; or another -errno.
 */
int enrollment_new_resume(const struct enrollment_means *means, const struct store_device *device,
                          const struct enrollment_handler *handler, void *userdata,
                          struct enrollment **ret_enrollment);

/*
 * Ends it as cancelled, and tells the device. False once it has said COMMIT: then it goes on. What
 * an earlier enrollment has committed stays unfinished.
 */
bool enrollment_cancel(struct enrollment *e);

/* Ends it because the hub is being stopped: cancelled, or if it is too late for that, left. */
void enrollment_abandon(struct enrollment *e);

/* Ends one that is resumed, because a person enrolls its device: says BYE, and reports nothing. */
void enrollment_yield(struct enrollment *e);

struct enrollment *enrollment_free(struct enrollment *e);

/* Its device, with id and name; NULL while its code has not been found good. */
const struct store_device *enrollment_device(const struct enrollment *e);

enum event_step enrollment_step(const struct enrollment *e);

DEFINE_DEFER(struct enrollment *, enrollment_free);
