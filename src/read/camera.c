/* SPDX-License-Identifier: Apache-2.0 */

#include "read/camera.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <linux/videodev2.h>

#include "read/frame.h"
#include "read/node.h"
#include "read/optics.h"
#include "util/free.h"

#define BUFFERS     4 /* requested; a driver may choose more or less */
#define BUFFERS_MAX 8
#define WIDTH       1280 /* pixels, asked for */
#define HEIGHT      720
#define FORMATS_MAX 64 /* enumerated per node */

struct buffer {
        uint8_t *bytes; /* mapped */
        size_t n_bytes;
};

struct camera {
        int fd;
        struct frame_format format;
        struct buffer buffers[BUFFERS_MAX];
        unsigned n_buffers;
        struct picture picture;
        struct optics optics;
};

/* In the order of what a frame costs: to copy, to pick every second byte of, to decode. */
static const uint32_t fourccs[] = {
        V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV21,  V4L2_PIX_FMT_YUV420,
        V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_UYVY, V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_JPEG,
};

/* A node may also be an output, a radio or the metadata of a camera. */
static bool node_captures(int fd)
{
        static const uint32_t needed = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
        struct v4l2_capability cap = {.capabilities = 0};
        uint32_t caps;

        if (node_ask(fd, VIDIOC_QUERYCAP, &cap) < 0)
                return false;
        caps = cap.capabilities & V4L2_CAP_DEVICE_CAPS ? cap.device_caps : cap.capabilities;
        return (caps & needed) == needed;
}

/* The best format from @first on that the node offers and we can read; the number of formats if
 * there is none. */
static size_t node_choose_format(int fd, size_t first)
{
        size_t best = ELEMENTSOF(fourccs);

        for (uint32_t i = 0; i < FORMATS_MAX; i++) {
                struct v4l2_fmtdesc offer = {.index = i, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE};

                if (node_ask(fd, VIDIOC_ENUM_FMT, &offer) < 0)
                        break;
                for (size_t f = first; f < best; f++)
                        if (fourccs[f] == offer.pixelformat)
                                best = f;
        }
        return best;
}

/* Whether the selected input has the size of its signal (HDMI) rather than one we may choose. */
static bool node_size_is_fixed(int fd)
{
        struct v4l2_input input = {.index = 0};
        int selected;

        if (node_ask(fd, VIDIOC_G_INPUT, &selected) < 0)
                return false;
        input.index = (uint32_t)selected;
        return node_ask(fd, VIDIOC_ENUMINPUT, &input) == 0 &&
               (input.capabilities & (V4L2_IN_CAP_DV_TIMINGS | V4L2_IN_CAP_STD));
}

/*
 * Asks for the format we prefer. On an input with an external signal, a format that is set up
 * already is kept if we can read it, because the driver may have no converter.
 */
static void node_wish(int fd, struct v4l2_pix_format *pix, uint32_t fourcc)
{
        bool fixed = node_size_is_fixed(fd);

        if (!fixed) {
                pix->width = WIDTH;
                pix->height = HEIGHT;
                pix->field = V4L2_FIELD_ANY;
        }
        if (!fixed || !frame_format_known(pix->pixelformat)) {
                pix->pixelformat = fourcc;
                pix->bytesperline = pix->sizeimage = 0; /* left to the driver */
        }
}

static int camera_set_format(struct camera *c, uint32_t fourcc)
{
        struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
        struct v4l2_pix_format *pix = &format.fmt.pix;
        int r;

        r = node_ask(c->fd, VIDIOC_G_FMT, &format);
        if (r < 0)
                return r;
        node_wish(c->fd, pix, fourcc);
        r = node_ask(c->fd, VIDIOC_S_FMT, &format);
        if (r < 0)
                return r;
        if (!frame_format_known(pix->pixelformat))
                return -EINVAL;
        c->format =
                (struct frame_format){pix->pixelformat, pix->width, pix->height, pix->bytesperline};
        return 0;
}

static int camera_queue(struct camera *c, uint32_t index)
{
        struct v4l2_buffer b = {
                .index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};

        return node_ask(c->fd, VIDIOC_QBUF, &b);
}

static int camera_map_one(struct camera *c, uint32_t index)
{
        struct v4l2_buffer b = {
                .index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
        uint8_t *bytes;
        int r;

        r = node_ask(c->fd, VIDIOC_QUERYBUF, &b);
        if (r < 0)
                return r;
        r = node_map(c->fd, b.length, b.m.offset, &bytes);
        if (r < 0)
                return r;
        c->buffers[index] = (struct buffer){bytes, b.length};
        c->n_buffers = index + 1;
        return camera_queue(c, index);
}

static void camera_unmap(struct camera *c)
{
        while (c->n_buffers > 0) {
                struct buffer *b = &c->buffers[--c->n_buffers];

                node_unmap(b->bytes, b->n_bytes);
        }
}

static int camera_start_with(struct camera *c, uint32_t fourcc)
{
        struct v4l2_requestbuffers wish = {
                .count = BUFFERS, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
        int type = V4L2_BUF_TYPE_VIDEO_CAPTURE, r;

        r = camera_set_format(c, fourcc);
        if (r < 0)
                return r;
        r = node_ask(c->fd, VIDIOC_REQBUFS, &wish);
        if (r < 0)
                return r;
        if (wish.count < 1)
                return -ENOMEM;
        for (uint32_t i = 0; i < wish.count && i < BUFFERS_MAX; i++) {
                r = camera_map_one(c, i);
                if (r < 0)
                        return r;
        }
        return node_ask(c->fd, VIDIOC_STREAMON, &type);
}

/* Gives the buffers back, so that another format may be set. */
static int camera_stop(struct camera *c)
{
        struct v4l2_requestbuffers none = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
                                           .memory = V4L2_MEMORY_MMAP};

        camera_unmap(c);
        return node_ask(c->fd, VIDIOC_REQBUFS, &none);
}

/*
 * Several cameras at one USB bus may need more than it carries, which the driver reports with
 * ENOSPC; a format that costs more to read may need less of the bus.
 */
static int camera_start(struct camera *c)
{
        int r = -EINVAL;

        for (size_t f = node_choose_format(c->fd, 0); f < ELEMENTSOF(fourccs);
             f = node_choose_format(c->fd, f + 1)) {
                r = camera_start_with(c, fourccs[f]);
                if (r != -ENOSPC)
                        return r;
                if (camera_stop(c) < 0)
                        return r;
        }
        return r;
}

int camera_open(struct camera **ret_camera, const char *device)
{
        _defer_(camera_free) struct camera *c = NULL;
        int r;

        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->fd = node_open(device);
        if (c->fd < 0)
                return c->fd;
        if (!node_captures(c->fd))
                return -ENODEV;
        r = camera_start(c);
        if (r < 0)
                return r;
        optics_begin(&c->optics, c->fd);
        *ret_camera = take(c);
        return 0;
}

struct camera *camera_free(struct camera *c)
{
        if (!c)
                return NULL;
        optics_end(&c->optics);
        camera_unmap(c);
        c->fd = fd_close(c->fd); /* stops the stream */
        picture_done(&c->picture);
        free(c);
        return NULL;
}

int camera_fd(const struct camera *c)
{
        return c->fd;
}

/* Takes one filled buffer. -EAGAIN if there is none. */
static int camera_take(struct camera *c, struct v4l2_buffer *ret_buffer)
{
        struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
        int r;

        r = node_ask(c->fd, VIDIOC_DQBUF, &b);
        if (r < 0)
                return r;
        if (b.index >= c->n_buffers)
                return -EPROTO;
        *ret_buffer = b;
        return 0;
}

/* Takes the newest buffer and gives all older ones back. */
static int camera_take_newest(struct camera *c, struct v4l2_buffer *ret_buffer)
{
        struct v4l2_buffer newer;
        int r;

        r = camera_take(c, ret_buffer);
        if (r < 0)
                return r;
        for (unsigned i = 1; i < c->n_buffers && camera_take(c, &newer) == 0; i++) {
                r = camera_queue(c, ret_buffer->index);
                if (r < 0)
                        return r;
                *ret_buffer = newer;
        }
        return 0;
}

int camera_frame(struct camera *c, const struct picture **ret_picture)
{
        struct v4l2_buffer b;
        size_t n_frame;
        int r, queued;

        r = camera_take_newest(c, &b);
        /* EIO means one lost frame, for instance when the cable of an HDMI input is moved. */
        if (r == -EAGAIN || r == -EIO)
                return CAMERA_E_NOT_YET;
        if (r < 0)
                return r;
        n_frame = c->buffers[b.index].n_bytes;
        if (b.bytesused < n_frame)
                n_frame = b.bytesused;
        r = PICTURE_E_UNREADABLE;
        if (!(b.flags & V4L2_BUF_FLAG_ERROR))
                r = frame_parse(&c->picture, &c->format, c->buffers[b.index].bytes, n_frame);
        queued = camera_queue(c, b.index);
        if (r < 0 || queued < 0)
                return r < 0 ? r : queued;
        if (r > 0)
                return CAMERA_E_NOT_YET;
        *ret_picture = &c->picture;
        return 0;
}

void camera_adjust(struct camera *c, enum camera_view view, uint64_t now_usec)
{
        if (view == CAMERA_VIEW_DARK)
                optics_brighten(&c->optics);
        if (view == CAMERA_VIEW_BLURRED)
                optics_seek(&c->optics, now_usec);
        optics_move(&c->optics, now_usec);
}
