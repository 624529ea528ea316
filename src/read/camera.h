/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A camera: one Video4Linux2 capture node that streams into mapped buffers.
 *
 * The format whose frames cost least is preferred: GREY, a planar one such as NV12, YUYV or UYVY;
 * MJPEG, which needs a decoder, is the last resort. The selected input of the node is left as it
 * is, and so are the timings and the format of an HDMI input.
 */

#include "read/picture.h"

/* Outcome of camera_frame(). */
enum {
        CAMERA_E_NOT_YET = 1, /* no usable frame; poll the descriptor */
};

/* What was seen in a frame, as far as it matters to the camera. */
enum camera_view {
        CAMERA_VIEW_PLAIN,
        CAMERA_VIEW_DARK,
        CAMERA_VIEW_BLURRED, /* a code that cannot be read */
};

struct camera;

/*
 * camera_open() - open a camera and start it
 * @ret_camera: receives the camera, streaming
 * @device: its node
 *
 * Return: 0, or -errno: -ENODEV if it is not there or does not capture, -EBUSY if another program
 * uses it, -EACCES, -EINVAL if it offers no format that we read, -ENOSPC if its bus is full.
 */
int camera_open(struct camera **ret_camera, const char *device);
struct camera *camera_free(struct camera *c);

DEFINE_DEFER(struct camera *, camera_free);

/* The descriptor to poll for reading; the camera keeps it. */
int camera_fd(const struct camera *c);

/*
 * camera_frame() - take the newest frame
 * @ret_picture: receives the picture, valid until the next call
 *
 * Older frames are dropped, and so are damaged ones. Return: 0, -ENOMEM,
 * CAMERA_E_NOT_YET, or another -errno when the camera is gone.
 */
int camera_frame(struct camera *c, const struct picture **ret_picture);

/* Adjusts exposure and focus, after each frame; what was set before is restored at the end.
 * @now_usec: monotonic time. */
void camera_adjust(struct camera *c, enum camera_view view, uint64_t now_usec);
