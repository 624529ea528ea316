/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The bytes of one camera frame to a grey picture.
 *
 * A camera is a USB device like any other and its frames are hostile: short, padded, or not what
 * was agreed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "read/picture.h"

/* What camera and reader have agreed on. */
struct frame_format {
        uint32_t fourcc;        /* V4L2_PIX_FMT_*, one that frame_format_known() */
        uint32_t width, height; /* pixels */
        uint32_t n_line;        /* bytes from one row to the next; 0 if there is no padding */
};

/* Whether frame_parse() can read this pixel format at all. */
bool frame_format_known(uint32_t fourcc);

/*
 * A JPEG frame may be smaller than agreed, but not larger. Only its luma is decoded.
 * Return: 0, -ENOMEM, or PICTURE_E_UNREADABLE for a frame that is short, damaged or not as agreed.
 */
int frame_parse(struct picture *p, const struct frame_format *format, const uint8_t *frame,
                size_t n_frame);
