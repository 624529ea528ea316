/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every way in: who asks for an enrollment, with what, for how long. D-Bus, MQTT, a tap
 * (hub/nfc.h), the window (hub/window.h) and the catalogue (hub/awaited.h) end here.
 *
 * Each request is a job of its own (hub/job.h), from the code's reading to the end of its
 * enrollment, and as many run at the same time as the settings allow. A request is checked to the
 * end before anything gives way to it: only a good code for a device that nobody else is enrolling
 * claims the device, and a dry run claims nothing.
 */

#include <stdbool.h>
#include <stdint.h>

#include "api/backend.h"
#include "enrollment/enrollment.h"
#include "hub/job.h"
#include "util/defer.h"

struct intake;

struct intake_handler {
        /*
         * Which device @who is, as devices_resolve() takes it, and whether another may take its
         * place now.
         */
        struct api_answer (*on_replace)(void *userdata, const char *who,
                                        uint8_t ret_device_id[STORE_DEVICE_ID_BYTES]);
        /* A person wants this device: everything else parts with it. */
        void (*on_claimed)(void *userdata, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);
        /* As struct enrollment_handler says. */
        void (*on_replaced)(void *userdata, const struct plan *plan);
        void (*on_committed)(void *userdata, const struct plan *plan);
        int64_t (*on_unfinished)(void *userdata, const struct store_device *device);
        void (*on_owned)(void *userdata, struct meeting *meeting_take, const struct plan *plan);
        void (*on_dropped)(void *userdata, const struct store_device *device);
        /* A job has ended, however it did: what it leaves to be done is in the store. */
        void (*on_ended)(void *userdata);
        /* The last job has ended after intake_stop(). */
        void (*on_stopped)(void *userdata);
};

/* What is needed outlives it. 0 or -ENOMEM. */
int intake_new(const struct job_means *means, const struct intake_handler *handler, void *userdata,
               struct intake **ret_intake);

/* Ends every job at once. Takes NULL, returns NULL. */
struct intake *intake_free(struct intake *intake);

/* As struct api_handler says. */
struct api_answer intake_enroll(struct intake *intake, const uint8_t *code, size_t n_code,
                                const struct api_request *request);
struct api_answer intake_enroll_picture(struct intake *intake, int fd,
                                        const struct api_request *request);
struct api_answer intake_scan(struct intake *intake, const struct api_request *request);
/*
 * Has the camera look for a code, for @seconds, without an event before it sees something. Others
 * are served first: a scan takes the camera away (REASON_BUSY), and a look is none of the
 * enrollments that the settings limit. @handler is kept, and not called during this call.
 */
struct api_answer intake_look(struct intake *intake, enum event_source source, unsigned seconds,
                              const struct look_handler *handler, void *userdata);

/* Ends that look, if there is one, without a call of its handler. */
void intake_end_look(struct intake *intake);

struct api_answer intake_cancel(struct intake *intake, const char *transaction);

/*
 * Takes nothing more, and ends what is under way, each with its event; on_stopped is called in this
 * call or later.
 */
void intake_stop(struct intake *intake);

/* Whether the code reader's socket is not there, where somebody else found that out. */
void intake_set_reader_absent(struct intake *intake, bool absent);

/* Its part of the status: the jobs, the reader, how many enrollments failed. */
void intake_status(const struct intake *intake, struct api_status *status);

/* The enrollment that is running of this device, or in its place; NULL if there is none. */
const char *intake_transaction(const struct intake *intake,
                               const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/* Whether a device that is being enrolled will have this name. */
bool intake_has_name(const struct intake *intake, const char *name);

DEFINE_DEFER(struct intake *, intake_free);
