/* SPDX-License-Identifier: Apache-2.0 */

#include "support/fake-node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "read/node.h"

#define BUFFER_BYTES (2u * 1280 * 720)

struct fake_node fake_node;

static uint8_t buffers[FAKE_BUFFERS][BUFFER_BYTES];

void fake_node_reset(void)
{
        fake_node = (struct fake_node){
                .capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING,
                .fourccs = {V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV},
                .input_capabilities = 0,
                .pix = {.width = 320, .height = 240, .pixelformat = V4L2_PIX_FMT_MJPEG},
                .width_max = 640,
                .height_max = 480,
                .n_script = 1,
        };
}

/* An event counter that is never zero stands for the descriptor: always ready to read. */
int node_open(const char *device)
{
        if (strcmp(device, FAKE_DEVICE) != 0)
                return -ENODEV;
        if (fake_node.open_error)
                return fake_node.open_error;
        fake_node.n_opened++;
        fake_node.n_queued = 0;
        fake_node.streaming = false;
        memset(fake_node.queued, 0, sizeof(fake_node.queued));
        return eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
}

static int fake_enum_format(struct v4l2_fmtdesc *format)
{
        if (format->index >= 4 || fake_node.fourccs[format->index] == 0)
                return -EINVAL;
        format->pixelformat = fake_node.fourccs[format->index];
        return 0;
}

static int fake_set_format(struct v4l2_format *format)
{
        struct v4l2_pix_format *pix = &format->fmt.pix;

        if (fake_node.start_error)
                return fake_node.start_error;
        if (pix->width > fake_node.width_max)
                pix->width = fake_node.width_max;
        if (pix->height > fake_node.height_max)
                pix->height = fake_node.height_max;
        pix->bytesperline = pix->width * (pix->pixelformat == V4L2_PIX_FMT_YUYV ? 2 : 1);
        fake_node.pix = *pix;
        return 0;
}

static int fake_query_buffer(struct v4l2_buffer *b)
{
        if (b->index >= FAKE_BUFFERS)
                return -EINVAL;
        b->length = BUFFER_BYTES;
        b->m.offset = b->index;
        return 0;
}

static int fake_queue(const struct v4l2_buffer *b)
{
        if (b->index >= FAKE_BUFFERS || fake_node.queued[b->index])
                return -EINVAL;
        fake_node.queued[b->index] = true;
        fake_node.n_queued++;
        return 0;
}

static uint32_t fake_fill(uint32_t index)
{
        uint32_t n = fake_node.pix.width * fake_node.pix.height;
        uint32_t step = fake_node.pix.pixelformat == V4L2_PIX_FMT_YUYV ? 2 : 1;

        for (uint32_t i = 0; i < n; i++) {
                buffers[index][i * step] = fake_node.pixels ? fake_node.pixels[i] : 0;
                if (step == 2)
                        buffers[index][2 * i + 1] = 0x80;
        }
        return n * step;
}

static enum fake_frame fake_next(void)
{
        if (fake_node.at + 1 < fake_node.n_script)
                return fake_node.script[fake_node.at++];
        return fake_node.script[fake_node.at];
}

static int fake_fill_one(struct v4l2_buffer *b, enum fake_frame frame)
{
        for (uint32_t i = 0; i < FAKE_BUFFERS; i++) {
                if (!fake_node.queued[i])
                        continue;
                fake_node.queued[i] = false;
                fake_node.n_queued--;
                b->bytesused = fake_fill(i);
                b->index = frame == FAKE_STRANGE ? FAKE_BUFFERS + 5 : i;
                b->flags = frame == FAKE_DAMAGED ? V4L2_BUF_FLAG_ERROR : 0;
                if (frame == FAKE_SHORT)
                        b->bytesused /= 2;
                return 0;
        }
        return -EAGAIN;
}

static int fake_dequeue(struct v4l2_buffer *b)
{
        enum fake_frame frame = fake_next();

        if (!fake_node.streaming)
                return -EINVAL;
        switch (frame) {
        case FAKE_PICTURE:
        case FAKE_DAMAGED:
        case FAKE_SHORT:
        case FAKE_STRANGE:
                return fake_fill_one(b, frame);
        case FAKE_NONE:
                return -EAGAIN;
        case FAKE_LOST:
                return -EIO;
        case FAKE_GONE:
                return -ENODEV;
        }
        abort();
}

int node_ask(int fd, unsigned long request, void *argument)
{
        (void)fd;
        switch (request) {
        case VIDIOC_QUERYCAP:
                *(struct v4l2_capability *)argument = (struct v4l2_capability){
                        .capabilities = V4L2_CAP_DEVICE_CAPS | V4L2_CAP_VIDEO_CAPTURE,
                        .device_caps = fake_node.capabilities};
                return 0;
        case VIDIOC_ENUM_FMT:
                return fake_enum_format(argument);
        case VIDIOC_G_FMT:
                ((struct v4l2_format *)argument)->fmt.pix = fake_node.pix;
                return 0;
        case VIDIOC_S_FMT:
                return fake_set_format(argument);
        case VIDIOC_G_INPUT:
                *(int *)argument = 3;
                return 0;
        case VIDIOC_ENUMINPUT:
                ((struct v4l2_input *)argument)->capabilities = fake_node.input_capabilities;
                return ((struct v4l2_input *)argument)->index == 3 ? 0 : -EINVAL;
        case VIDIOC_REQBUFS:
                ((struct v4l2_requestbuffers *)argument)->count = FAKE_BUFFERS;
                return 0;
        case VIDIOC_QUERYBUF:
                return fake_query_buffer(argument);
        case VIDIOC_QBUF:
                return fake_queue(argument);
        case VIDIOC_DQBUF:
                return fake_dequeue(argument);
        case VIDIOC_STREAMON:
                fake_node.streaming = true;
                return 0;
        default:
                return -ENOTTY;
        }
}

int node_map(int fd, size_t n_bytes, uint32_t offset, uint8_t **ret_bytes)
{
        (void)fd;
        if (n_bytes != BUFFER_BYTES || offset >= FAKE_BUFFERS)
                return -EINVAL;
        fake_node.n_mapped++;
        *ret_bytes = buffers[offset];
        return 0;
}

void node_unmap(uint8_t *bytes, size_t n_bytes)
{
        (void)bytes;
        (void)n_bytes;
        fake_node.n_mapped--;
}
