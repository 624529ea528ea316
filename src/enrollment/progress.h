/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What is reported of an enrollment while it goes on: an event for each step that begins, waits or
 * is done, with everything that is known of the device by then.
 */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "enrollment/course.h"
#include "enrollment/plan.h"
#include "enrollment/request.h"
#include "event/event.h"

struct progress_handler {
        void (*on_event)(void *userdata, const struct event *event);
};

struct progress {
        const struct progress_handler *handler;
        void *userdata;
        const struct request *request;
        const struct plan *plan;
        struct course course;            /* which step it is in */
        unsigned attempts, attempts_max; /* to reach the device */
        int64_t next_try; /* when the hub looks for the device again, Unix time; 0: not known */
        char device_id[2 * STORE_DEVICE_ID_BYTES + 1]; /* "" until progress_name_device() */
        char known_as[2 * STORE_DEVICE_ID_BYTES + 1];
};

/* In step 0, since the request. @request and @plan stay in place. 0 or -errno. */
int progress_init(struct progress *p, sd_event *event, const struct request *request,
                  const struct plan *plan, const struct progress_handler *handler, void *userdata);
void progress_done(struct progress *p);

/* From now on events say which device the plan is for. */
void progress_name_device(struct progress *p);

/* An event in the present step; @done: it is the end of the step. */
void progress_emit(struct progress *p, enum event_status status, bool done, enum reason why,
                   const char *text);

/* The next step begins, and may wait for so long; 0: nobody knows for how long. */
void progress_begin(struct progress *p, enum event_step step, unsigned limit_sec);

/* The step has come to its end, with this line for people. */
void progress_end(struct progress *p, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
