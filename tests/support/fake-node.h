/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Two cameras for the tests: the driver's side of read/node.h, in memory.
 *
 * Linked instead of src/read/node.c. /dev/video3 is there, /dev/video5 is not plugged in at first.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/videodev2.h>

#define FAKE_DEVICE  "/dev/video3"
#define FAKE_OTHER   "/dev/video5"
#define FAKE_BUFFERS 3
#define FAKE_AWAY    UINT32_MAX

/* How the driver answers a request for a filled buffer. */
enum fake_frame {
        FAKE_PICTURE, /* the picture */
        FAKE_DAMAGED, /* a buffer marked as damaged */
        FAKE_SHORT,   /* half of a frame */
        FAKE_STRANGE, /* a buffer that does not exist */
        FAKE_NONE,    /* -EAGAIN */
        FAKE_LOST,    /* -EIO */
        FAKE_GONE,    /* -ENODEV */
        FAKE_PULLED,  /* -ENODEV, and the node is gone as well */
};

struct fake_node {
        uint32_t away;               /* looks for it that do not find it; FAKE_AWAY: none does */
        uint32_t away_after_pulling; /* the same from FAKE_PULLED on */
        int open_error, start_error; /* -errno */
        uint32_t capabilities;
        uint32_t fourccs[4];         /* offered, ends with 0 */
        uint32_t input_capabilities; /* V4L2_IN_CAP_* of the selected input */
        struct v4l2_pix_format pix;  /* as set */
        uint32_t width_max, height_max;
        uint32_t wide_fourcc; /* its frames need more than the bus carries; 0 for none */

        struct fake_control {
                uint32_t id;
                int32_t minimum, maximum, value;
        } controls[8];  /* the first without an id ends them; none at first */
        unsigned n_set; /* how often one was set */

        enum fake_frame script[16]; /* one a request; the last goes on for ever */
        size_t n_script, at;
        const uint8_t *pixels; /* pix.width * pix.height luma; NULL for black */

        unsigned n_opened, n_mapped, n_queued;
        bool queued[FAKE_BUFFERS], streaming;
        int fd;
        unsigned n_plugged;
};

/* The cameras at FAKE_DEVICE and FAKE_OTHER, for the test to set up. */
extern struct fake_node fake_node, fake_other;

/* Two webcams of the same kind, which offer YUYV and MJPEG. */
void fake_node_reset(void);
