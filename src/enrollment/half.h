/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's half of an application, run in step with the device's.
 *
 *     half_begin()      supply ...             before the device is touched
 *     half_sync()       sync                   each time the device waits at a point
 *     half_report()     expect channel group   on the device's report, before the commit
 *                       presence forward
 *
 * Running it changes nothing outside the struct: what it asks for is collected there, and the
 * enrollment does it. The half was verified with the code (program/verify.h). Normative:
 * doc/code.md section 4.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/payload.h"
#include "program/program.h"
#include "store/channel.h"
#include "store/device.h"
#include "store/group.h"

#define HALF_PARAMETERS_MAX (PROGRAM_NUMBER_MAX + 1)
#define HALF_CHANNELS_MAX   PROGRAM_STEPS_MAX

enum {
        HALF_E_ORDER = 1,   /* the device is at a point where this half is not */
        HALF_E_MISSING,     /* the report lacks an expected item: .missing says which */
        HALF_E_NOT_GRANTED, /* a step needs a capability that was not granted */
        HALF_E_VERB,        /* a step is not for a hub, so the half was never verified */
};

struct half {
        struct program_run run;
        struct program_step step; /* the last one taken */
        bool reported;
        uint32_t capabilities; /* granted, doc/code.md section 3.1 */

        bool supply[HALF_PARAMETERS_MAX];     /* by number: to be supplied */
        bool forward[PROGRAM_NUMBER_MAX + 1]; /* by item number: to be forwarded */
        struct store_channel channels[HALF_CHANNELS_MAX];
        size_t n_channels;
        struct store_member members[HALF_CHANNELS_MAX]; /* of the groups */
        size_t n_members;
        unsigned n_groups;
        enum store_presence presence;
        uint32_t sleep_s;
        unsigned missing; /* item number */
};

/*
 * Runs the hub's half of @application up to deliver. What its spans point into stays in place as
 * long as the half is used; an empty half only delivers.
 */
int half_begin(struct half *h, const struct application *application, uint32_t capabilities);

/* The device waits at @point; 0 if this half is there too, and it goes on. */
int half_sync(struct half *h, unsigned point);

/* Runs the rest on the device's report, a map from item to value. */
int half_report(struct half *h, struct cbor_span report);
