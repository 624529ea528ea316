/* SPDX-License-Identifier: Apache-2.0 */

#include "read/frame.h"

#include <errno.h>

#include <linux/videodev2.h>

#include "read/jpeg.h"

/* Bytes of a pixel; the first one is its luma. 0 for a format that is not raw. */
static uint32_t pixel_bytes(uint32_t fourcc)
{
        switch (fourcc) {
        case V4L2_PIX_FMT_GREY:
                return 1;
        case V4L2_PIX_FMT_YUYV:
                return 2;
        default:
                return 0;
        }
}

bool frame_format_known(uint32_t fourcc)
{
        return pixel_bytes(fourcc) > 0 || fourcc == V4L2_PIX_FMT_MJPEG ||
               fourcc == V4L2_PIX_FMT_JPEG;
}

static int raw_parse(struct picture *p, const struct frame_format *format, uint32_t n_pixel,
                     const uint8_t *frame, size_t n_frame)
{
        size_t n_row = (size_t)format->width * n_pixel;
        size_t n_line = format->n_line ? format->n_line : n_row;
        int r;

        r = picture_resize(p, format->width, format->height);
        if (r < 0)
                return r == -ENOMEM ? r : PICTURE_E_UNREADABLE;
        if (n_line < n_row || n_line * (p->height - 1) + n_row > n_frame)
                return PICTURE_E_UNREADABLE;
        for (uint32_t y = 0; y < p->height; y++) {
                const uint8_t *in = frame + y * n_line;
                uint8_t *out = p->luma + (size_t)y * p->width;

                for (uint32_t x = 0; x < p->width; x++)
                        out[x] = in[x * n_pixel];
        }
        return 0;
}

int frame_parse(struct picture *p, const struct frame_format *format, const uint8_t *frame,
                size_t n_frame)
{
        uint32_t n_pixel = pixel_bytes(format->fourcc);

        if (n_pixel > 0)
                return raw_parse(p, format, n_pixel, frame, n_frame);
        return jpeg_parse(p, frame, n_frame);
}
