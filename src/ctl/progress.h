/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Shows an enrollment to a person: events in, lines out.
 *
 *     Thermo One, signed by Nordlicht (trusted). It asks to publish 1 reading.
 *      1/7  find the device                 found, -58 dBm                0.4 s
 *     ...
 *     Enrolled as thermo-one in 1.1 s.
 *
 * On a terminal the current step is in the last line and is overwritten; elsewhere there is one
 * line for each finished step and no control characters.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "event/event.h"

struct progress {
        FILE *file;
        bool terminal;
        bool colour;
        size_t width; /* columns of the terminal */

        bool pending;   /* the last line is to be overwritten */
        char said[256]; /* what the reader said last, which it repeats */
};

/* @width 0: the usual 80. */
void progress_init(struct progress *progress, FILE *file, bool terminal, bool colour, size_t width);

void progress_show(struct progress *progress, const struct event *event);

/* The same in a log's form, for a watch over all enrollments: one line that begins with
 * @clock, the transaction and the device, "-" while that is unknown. */
void progress_log(struct progress *progress, const char *clock, const struct event *event);

/* A line of that log about something else. */
void progress_note(struct progress *progress, const char *clock, const char *text);

/* What a terminal shows until the first line. */
void progress_hint(struct progress *progress, const char *text);

/* Removes the line of a running step, so that something else can be written. */
void progress_clear(struct progress *progress);
