/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The cameras of one watch: all that give pictures, while they come and go.
 *
 * Once a second the places where a camera may be are looked at. One that has appeared is opened,
 * and one that failed is tried again, after a pause that grows with each failure in a row. A
 * camera that is unplugged, or has been silent for too long, is closed and becomes such a place.
 * There is no clock in here: time is an argument.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "read/camera.h"
#include "reason/reason.h"

#define CAMERAS_MAX 4 /* watched at the same time, within the reader's memory */

struct cameras;

/*
 * @devices: nodes, separated by commas or blanks, or "" for every one that is there; copied
 * Return: 0 or -ENOMEM.
 */
int cameras_new(struct cameras **ret_cameras, const char *devices);
struct cameras *cameras_free(struct cameras *cs);

DEFINE_DEFER(struct cameras *, cameras_free);

/* Opens what is there, if the last look is a second ago. @now_usec: monotonic time. */
void cameras_look(struct cameras *cs, uint64_t now_usec);

/* The descriptor to poll for reading of camera @i, 0 to CAMERAS_MAX - 1; -1 if there is none. */
int cameras_fd(const struct cameras *cs, size_t i);

/*
 * cameras_frame() - take the newest frame of one camera
 * @i: 0 to CAMERAS_MAX - 1
 * @ret_picture: receives the picture, valid until the next call for this camera
 *
 * Return: 0, -ENOMEM, or CAMERA_E_NOT_YET, also for a camera that is gone or was closed for its
 * silence.
 */
int cameras_frame(struct cameras *cs, size_t i, uint64_t now_usec,
                  const struct picture **ret_picture);

/* Tells camera @i what was seen in its frame. See camera_adjust(). */
void cameras_adjust(struct cameras *cs, size_t i, enum camera_view view, uint64_t now_usec);

/* Whether one is open that has not delivered a picture yet, and may. */
bool cameras_are_starting(const struct cameras *cs);

/*
 * REASON_NONE while at least one delivers pictures. Otherwise the most useful reason why none does:
 * REASON_CAMERA_BUSY, _FAILED, _DENIED or _MISSING, in this order.
 */
enum reason cameras_reason(const struct cameras *cs);
