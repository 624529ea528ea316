/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * When the hub looks for a device whose enrollment it has to finish: for a while, then again after
 * a pause that doubles each time. Every device has a schedule of its own. The clock is the
 * caller's, in microseconds.
 *
 *     waits ── .next ── looks ── .next ── waits, longer ── ...
 *        '─── schedule_soon() ──^
 */

#include <stdbool.h>
#include <stdint.h>

#define SCHEDULE_SECOND    UINT64_C(1000000)
#define SCHEDULE_FIRST     (2 * SCHEDULE_SECOND)   /* until it is looked for the first time */
#define SCHEDULE_PAUSE_MIN (60 * SCHEDULE_SECOND)  /* after the first look */
#define SCHEDULE_PAUSE_MAX (240 * SCHEDULE_SECOND) /* and in the end */
#define SCHEDULE_REST      (60 * SCHEDULE_SECOND)  /* after an attempt that failed */

struct schedule {
        bool looks;
        uint64_t next;  /* when it begins to look, or ends */
        uint64_t rest;  /* until then what the device announces means nothing */
        uint64_t pause; /* after the present look, or after the next */
};

void schedule_init(struct schedule *s, uint64_t now);

/* Brings it up to the present: it looks for @look at a time. Returns whether it looks now. */
bool schedule_turn(struct schedule *s, uint64_t now, uint64_t look);

/* Whether the device that has just announced itself is to be tried. */
bool schedule_may_try(const struct schedule *s, uint64_t now);

/* An attempt has failed: the device rests, and is looked for after its pause. */
void schedule_fail(struct schedule *s, uint64_t now);

/* There is a reason to look at once: a port is back. */
void schedule_soon(struct schedule *s, uint64_t now);

/* There is a reason to look more often again: somebody is at the hub. */
void schedule_often(struct schedule *s, uint64_t now);
