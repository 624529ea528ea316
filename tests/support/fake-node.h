/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A camera for the tests: the driver's side of read/node.h, in memory.
 *
 * Linked instead of src/read/node.c. One node exists, /dev/video3.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/videodev2.h>

#define FAKE_DEVICE  "/dev/video3"
#define FAKE_BUFFERS 3

/* How the driver answers a request for a filled buffer. */
enum fake_frame {
        FAKE_PICTURE, /* the picture */
        FAKE_DAMAGED, /* a buffer marked as damaged */
        FAKE_SHORT,   /* half of a frame */
        FAKE_STRANGE, /* a buffer that does not exist */
        FAKE_NONE,    /* -EAGAIN */
        FAKE_LOST,    /* -EIO */
        FAKE_GONE,    /* -ENODEV */
};

struct fake_node {
        int open_error, start_error; /* -errno */
        uint32_t capabilities;
        uint32_t fourccs[4];         /* offered, ends with 0 */
        uint32_t input_capabilities; /* V4L2_IN_CAP_* of the selected input */
        struct v4l2_pix_format pix;  /* as set */
        uint32_t width_max, height_max;

        enum fake_frame script[16]; /* one a request; the last goes on for ever */
        size_t n_script, at;
        const uint8_t *pixels; /* pix.width * pix.height luma; NULL for black */

        unsigned n_opened, n_mapped, n_queued;
        bool queued[FAKE_BUFFERS], streaming;
};

/* The one camera, for the test to set up. */
extern struct fake_node fake_node;

/* A working webcam that offers YUYV and MJPEG. */
void fake_node_reset(void);
