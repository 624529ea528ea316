/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Exposure and focus of a camera, as far as its driver has them.
 *
 * Both are left to the camera's automatic at first. When a code is in view but cannot be read, the
 * focus is moved through its range in steps, because a cheap automatic keeps looking at the wall
 * behind a small label; then the automatic takes over again. When it is dark, the camera may expose
 * for longer than its rate of frames allows, and for what is in front of a light. What was set
 * before is restored at the end. There is no clock in here: time is an argument.
 */

#include <stdbool.h>
#include <stdint.h>

#define OPTICS_CONTROLS 5

struct optics {
        int fd;
        struct {
                int32_t before; /* what was set */
                bool known;     /* the driver has it, and it can be set */
        } controls[OPTICS_CONTROLS];
        unsigned step;      /* of the sweep, 0 while there is none */
        uint64_t next_usec; /* when the next step, or the next sweep, may begin */
};

/* Remembers what is set, and turns the automatic on. @fd: the camera's, which stays open longer. */
void optics_begin(struct optics *o, int fd);

/* A code is in view, but cannot be read: begins a sweep of the focus. */
void optics_seek(struct optics *o, uint64_t now_usec);

/* The pictures are too dark. */
void optics_brighten(struct optics *o);

/* Moves on in the sweep, if there is one and it is time; for each frame. */
void optics_move(struct optics *o, uint64_t now_usec);

/* Restores what was set before. */
void optics_end(struct optics *o);
