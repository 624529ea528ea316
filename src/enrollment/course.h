/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The step of an enrollment that is under way: since when, how long it may wait, and what is said
 * of it to people while it does.
 */

#include <stdint.h>

#include <systemd/sd-event.h>

#include "event/event.h"

#define COURSE_TEXT_SIZE 64

struct course_handler {
        /* The step still waits; called every few seconds. */
        void (*on_waiting)(void *userdata);
};

struct course {
        const struct course_handler *handler;
        void *userdata;
        enum event_step step;
        uint64_t began_usec;
        unsigned limit_sec; /* how long it may wait; 0: there is no limit, or none is known */
        sd_event_source *tick;
};

/* In step 0, since @began_usec (util/time.h). 0 or -errno. */
int course_init(struct course *c, sd_event *event, uint64_t began_usec,
                const struct course_handler *handler, void *userdata);
void course_done(struct course *c);

/* The next step begins, and waits until course_stop(). */
void course_begin(struct course *c, enum event_step step, unsigned limit_sec);
void course_stop(struct course *c);

/* The step may wait for this long from now on; 0: nobody knows for how long. */
void course_wait_on(struct course *c, unsigned sec);

uint64_t course_ms(const struct course *c);
unsigned course_waited_sec(const struct course *c);

/* "waiting, 7 of 30 s" */
void course_waiting_text(const struct course *c, char text[COURSE_TEXT_SIZE]);
