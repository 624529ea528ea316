/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What happens in an enrollment, told to everybody at once: D-Bus, MQTT and the journal say the
 * same.
 */

#include <stdbool.h>
#include <stdint.h>

#include "reason/reason.h"

#define EVENT_TRANSACTION_CHARS 16 /* hexadecimal digits of 8 random bytes */
#define EVENT_STEPS             6

enum event_status {
        EVENT_STARTED = 0, /* a request was accepted; step 0 */
        EVENT_READING,     /* the reader says something: code NULL, text for people; step 0 */
        EVENT_PREVIEW,  /* the code is good; text says who signed it and what it asks for; step 0 */
        EVENT_PROGRESS, /* a step begins (done false) or is done (done true) */
        EVENT_SUCCESSFUL, /* the last event of an enrollment that worked */
        EVENT_FAILED,     /* the last event of one that did not; reason says why */
        EVENT_STATUS_MAX,
};

/* The steps of an enrollment, as people see them; the FIG. 1 step ids of the application are in
 * brackets. */
enum event_step {
        EVENT_STEP_NONE = 0,
        EVENT_STEP_FIND,      /* find the device (130) */
        EVENT_STEP_PROVE,     /* prove the code, both sides (130) */
        EVENT_STEP_SUPPLY,    /* supply values to the device (140) */
        EVENT_STEP_CONFIGURE, /* the device configures itself and reports (140, 150) */
        EVENT_STEP_OWN,       /* take ownership (150, 160) */
        EVENT_STEP_GATEWAY,   /* the hub becomes the device's gateway (160) */
};

struct event {
        enum event_status status;
        enum event_step step;
        bool done;
        uint64_t step_ms;  /* how long the step took, if done */
        uint64_t total_ms; /* since the request */
        enum reason reason;

        char transaction[EVENT_TRANSACTION_CHARS + 1];
        const char *source;        /* "camera", "file", "text", "mqtt", "resume"; never NULL */
        const char *text;          /* one line for people; never NULL, never a secret */
        const char *device;        /* name, or NULL while it has none */
        const char *device_id;     /* 32 hexadecimal digits, or NULL while unknown */
        const char *maker, *model; /* NULL before the preview */
};

/* "started", "reading", "preview", "progress", "successful", "failed". */
const char *event_status_name(enum event_status status);

/* Stable name of a step ("find", "prove", "supply", "configure", "own", "gateway", "" for none) and
 * its title. */
const char *event_step_name(enum event_step step);
const char *event_step_title(enum event_step step);
