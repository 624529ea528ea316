/* SPDX-License-Identifier: Apache-2.0 */

#include "support/fake-node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "read/node.h"

#define BUFFER_BYTES (2u * 1280 * 720)

struct fake_node fake_node, fake_other;

static uint8_t buffers[2][FAKE_BUFFERS][BUFFER_BYTES];

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
        fake_other = fake_node;
        fake_other.away = FAKE_AWAY;
}

static struct fake_node *fake_at(const char *device)
{
        if (strcmp(device, FAKE_DEVICE) == 0)
                return &fake_node;
        return strcmp(device, FAKE_OTHER) == 0 ? &fake_other : NULL;
}

static struct fake_node *fake_of(int fd)
{
        return fd == fake_other.fd ? &fake_other : &fake_node;
}

/* An event counter that is never zero stands for the descriptor: always ready to read. */
int node_open(const char *device)
{
        struct fake_node *f = fake_at(device);

        if (!f || f->away > 0)
                return -ENODEV;
        if (f->open_error)
                return f->open_error;
        f->n_opened++;
        f->n_queued = 0;
        f->streaming = false;
        memset(f->queued, 0, sizeof(f->queued));
        f->fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
        return f->fd;
}

uint64_t node_identity(const char *device)
{
        struct fake_node *f = fake_at(device);

        if (!f)
                return 0;
        if (f->away == 0)
                return 1 + f->n_plugged;
        if (f->away != FAKE_AWAY && --f->away == 0)
                f->n_plugged++;
        return 0;
}

static int fake_enum_format(const struct fake_node *f, struct v4l2_fmtdesc *format)
{
        if (format->index >= 4 || f->fourccs[format->index] == 0)
                return -EINVAL;
        format->pixelformat = f->fourccs[format->index];
        return 0;
}

static int fake_set_format(struct fake_node *f, struct v4l2_format *format)
{
        struct v4l2_pix_format *pix = &format->fmt.pix;

        if (f->start_error)
                return f->start_error;
        if (f->n_mapped > 0)
                return -EBUSY;
        if (pix->width > f->width_max)
                pix->width = f->width_max;
        if (pix->height > f->height_max)
                pix->height = f->height_max;
        pix->bytesperline = pix->width * (pix->pixelformat == V4L2_PIX_FMT_YUYV ? 2 : 1);
        f->pix = *pix;
        return 0;
}

/* As a driver does, it neither gives buffers back nor changes the format while they are mapped. */
static int fake_request_buffers(struct fake_node *f, struct v4l2_requestbuffers *wish)
{
        if (f->n_mapped > 0)
                return -EBUSY;
        if (wish->count > 0)
                wish->count = FAKE_BUFFERS;
        f->n_queued = 0;
        memset(f->queued, 0, sizeof(f->queued));
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

static int fake_queue(struct fake_node *f, const struct v4l2_buffer *b)
{
        if (b->index >= FAKE_BUFFERS || f->queued[b->index])
                return -EINVAL;
        f->queued[b->index] = true;
        f->n_queued++;
        return 0;
}

static uint32_t fake_fill(const struct fake_node *f, uint32_t index)
{
        uint8_t *bytes = buffers[f == &fake_other][index];
        uint32_t n = f->pix.width * f->pix.height;
        uint32_t step = f->pix.pixelformat == V4L2_PIX_FMT_YUYV ? 2 : 1;

        for (uint32_t i = 0; i < n; i++) {
                bytes[i * step] = f->pixels ? f->pixels[i] : 0;
                if (step == 2)
                        bytes[2 * i + 1] = 0x80;
        }
        return n * step;
}

static enum fake_frame fake_next(struct fake_node *f)
{
        if (f->at + 1 < f->n_script)
                return f->script[f->at++];
        return f->script[f->at];
}

static int fake_fill_one(struct fake_node *f, struct v4l2_buffer *b, enum fake_frame frame)
{
        for (uint32_t i = 0; i < FAKE_BUFFERS; i++) {
                if (!f->queued[i])
                        continue;
                f->queued[i] = false;
                f->n_queued--;
                b->bytesused = fake_fill(f, i);
                b->index = frame == FAKE_STRANGE ? FAKE_BUFFERS + 5 : i;
                b->flags = frame == FAKE_DAMAGED ? V4L2_BUF_FLAG_ERROR : 0;
                if (frame == FAKE_SHORT)
                        b->bytesused /= 2;
                return 0;
        }
        return -EAGAIN;
}

static int fake_dequeue(struct fake_node *f, struct v4l2_buffer *b)
{
        enum fake_frame frame = fake_next(f);

        if (!f->streaming)
                return -EINVAL;
        switch (frame) {
        case FAKE_PICTURE:
        case FAKE_DAMAGED:
        case FAKE_SHORT:
        case FAKE_STRANGE:
                return fake_fill_one(f, b, frame);
        case FAKE_NONE:
                return -EAGAIN;
        case FAKE_LOST:
                return -EIO;
        case FAKE_PULLED:
                f->away = f->away_after_pulling;
                return -ENODEV;
        case FAKE_GONE:
                return -ENODEV;
        }
        abort();
}

static struct fake_control *fake_control(struct fake_node *f, uint32_t id)
{
        for (size_t i = 0; i < 8 && f->controls[i].id != 0; i++)
                if (f->controls[i].id == id)
                        return &f->controls[i];
        return NULL;
}

static int fake_query_control(struct fake_node *f, struct v4l2_queryctrl *query)
{
        const struct fake_control *control = fake_control(f, query->id);

        if (!control)
                return -EINVAL;
        query->minimum = control->minimum;
        query->maximum = control->maximum;
        return 0;
}

static int fake_get_control(struct fake_node *f, struct v4l2_control *value)
{
        const struct fake_control *control = fake_control(f, value->id);

        if (!control)
                return -EINVAL;
        value->value = control->value;
        return 0;
}

/* As a webcam does, it refuses to be focused while the automatic is on. */
static int fake_set_control(struct fake_node *f, const struct v4l2_control *value)
{
        struct fake_control *control = fake_control(f, value->id);
        const struct fake_control *automatic = fake_control(f, V4L2_CID_FOCUS_AUTO);

        if (!control)
                return -EINVAL;
        if (value->value < control->minimum || value->value > control->maximum)
                return -ERANGE;
        if (value->id == V4L2_CID_FOCUS_ABSOLUTE && automatic && automatic->value != 0)
                return -EBUSY;
        control->value = value->value;
        f->n_set++;
        return 0;
}

int node_ask(int fd, unsigned long request, void *argument)
{
        struct fake_node *f = fake_of(fd);

        switch (request) {
        case VIDIOC_QUERYCAP:
                *(struct v4l2_capability *)argument = (struct v4l2_capability){
                        .capabilities = V4L2_CAP_DEVICE_CAPS | V4L2_CAP_VIDEO_CAPTURE,
                        .device_caps = f->capabilities};
                return 0;
        case VIDIOC_ENUM_FMT:
                return fake_enum_format(f, argument);
        case VIDIOC_G_FMT:
                ((struct v4l2_format *)argument)->fmt.pix = f->pix;
                return 0;
        case VIDIOC_S_FMT:
                return fake_set_format(f, argument);
        case VIDIOC_G_INPUT:
                *(int *)argument = 3;
                return 0;
        case VIDIOC_ENUMINPUT:
                ((struct v4l2_input *)argument)->capabilities = f->input_capabilities;
                return ((struct v4l2_input *)argument)->index == 3 ? 0 : -EINVAL;
        case VIDIOC_QUERYCTRL:
                return fake_query_control(f, argument);
        case VIDIOC_G_CTRL:
                return fake_get_control(f, argument);
        case VIDIOC_S_CTRL:
                return fake_set_control(f, argument);
        case VIDIOC_REQBUFS:
                return fake_request_buffers(f, argument);
        case VIDIOC_QUERYBUF:
                return fake_query_buffer(argument);
        case VIDIOC_QBUF:
                return fake_queue(f, argument);
        case VIDIOC_DQBUF:
                return fake_dequeue(f, argument);
        case VIDIOC_STREAMON:
                if (f->pix.pixelformat == f->wide_fourcc)
                        return -ENOSPC;
                f->streaming = true;
                return 0;
        default:
                return -ENOTTY;
        }
}

int node_map(int fd, size_t n_bytes, uint32_t offset, uint8_t **ret_bytes)
{
        struct fake_node *f = fake_of(fd);

        if (n_bytes != BUFFER_BYTES || offset >= FAKE_BUFFERS)
                return -EINVAL;
        f->n_mapped++;
        *ret_bytes = buffers[f == &fake_other][offset];
        return 0;
}

void node_unmap(uint8_t *bytes, size_t n_bytes)
{
        (void)n_bytes;
        if (bytes >= buffers[1][0])
                fake_other.n_mapped--;
        else
                fake_node.n_mapped--;
}
