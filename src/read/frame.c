/* SPDX-License-Identifier: Apache-2.0 */

#include "read/frame.h"

#include <errno.h>

#include <linux/videodev2.h>

#include "read/jpeg.h"
#include "util/defer.h"

#define JPEG_MARKERS_MAX 64 /* before the frame header; a camera writes about ten */

/* Where the luma of a raw format is: at every n_pixel-th byte of a row, from first on. */
struct layout {
        uint32_t fourcc;
        uint8_t n_pixel, first; /* bytes */
};

/* The chroma of NV12 and its like follows the luma of the whole frame, and is not read. */
static const struct layout layouts[] = {
        {V4L2_PIX_FMT_GREY, 1, 0},   {V4L2_PIX_FMT_NV12, 1, 0}, {V4L2_PIX_FMT_NV21, 1, 0},
        {V4L2_PIX_FMT_YUV420, 1, 0}, {V4L2_PIX_FMT_YUYV, 2, 0}, {V4L2_PIX_FMT_UYVY, 2, 1},
};

static const struct layout *layout_of(uint32_t fourcc)
{
        for (size_t i = 0; i < ELEMENTSOF(layouts); i++)
                if (layouts[i].fourcc == fourcc)
                        return &layouts[i];
        return NULL;
}

static bool is_jpeg(uint32_t fourcc)
{
        return fourcc == V4L2_PIX_FMT_MJPEG || fourcc == V4L2_PIX_FMT_JPEG;
}

bool frame_format_known(uint32_t fourcc)
{
        return layout_of(fourcc) || is_jpeg(fourcc);
}

static int raw_parse(struct picture *p, const struct frame_format *format,
                     const struct layout *layout, const uint8_t *frame, size_t n_frame)
{
        size_t n_row = (size_t)format->width * layout->n_pixel;
        size_t n_line = format->n_line ? format->n_line : n_row;
        int r;

        r = picture_resize(p, format->width, format->height);
        if (r < 0)
                return r == -ENOMEM ? r : PICTURE_E_UNREADABLE;
        if (n_line < n_row || n_line * (p->height - 1) + n_row > n_frame)
                return PICTURE_E_UNREADABLE;
        for (uint32_t y = 0; y < p->height; y++) {
                const uint8_t *in = frame + y * n_line + layout->first;
                uint8_t *out = p->luma + (size_t)y * p->width;

                for (uint32_t x = 0; x < p->width; x++)
                        out[x] = in[x * layout->n_pixel];
        }
        return 0;
}

/* Whether a JPEG marker is a frame header: SOF0 to SOF15, among which are three that are not. */
static bool is_frame_header(uint8_t marker)
{
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
               marker != 0xcc;
}

/*
 * Whether the first frame header promises a picture that is not larger than agreed. Otherwise a
 * camera could keep the reader busy for seconds with each frame of a few hundred bytes.
 */
static bool jpeg_is_as_agreed(const struct frame_format *format, const uint8_t *frame,
                              size_t n_frame)
{
        size_t at = 2; /* behind SOI */

        for (unsigned n = 0; n < JPEG_MARKERS_MAX && n_frame >= 9 && at <= n_frame - 9; n++) {
                const uint8_t *m = frame + at;

                if (m[0] != 0xff)
                        return false;
                if (is_frame_header(m[1]))
                        return (uint32_t)(m[5] << 8 | m[6]) <= format->height &&
                               (uint32_t)(m[7] << 8 | m[8]) <= format->width;
                /* 0xff before a marker is padding. */
                at += m[1] == 0xff ? 1 : 2 + (size_t)(m[2] << 8 | m[3]);
        }
        return false;
}

int frame_parse(struct picture *p, const struct frame_format *format, const uint8_t *frame,
                size_t n_frame)
{
        const struct layout *layout = layout_of(format->fourcc);
        int r;

        if (layout)
                return raw_parse(p, format, layout, frame, n_frame);
        if (!is_jpeg(format->fourcc) || !jpeg_is_as_agreed(format, frame, n_frame))
                return PICTURE_E_UNREADABLE;
        r = jpeg_parse(p, frame, n_frame);
        return r > 0 ? PICTURE_E_UNREADABLE : r;
}
