/* SPDX-License-Identifier: Apache-2.0 */

#include "panel/button.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#include <libevdev/libevdev.h>

#include "util/free.h"
#include "util/loop.h"

#define USEC_PER_SEC    UINT64_C(1000000)
#define EVENTS_PER_TURN 256 /* of a device that never stops */

struct button {
        const struct button_handler *handler;
        void *userdata;
        unsigned key;
        int fd;
        struct libevdev *device;
        sd_event_source *io;
        struct press press;
};

static void button_resume(struct button *b)
{
        press_resume(&b->press, libevdev_get_event_value(b->device, EV_KEY, b->key) != 0);
}

/* The kernel has dropped events: takes over the state, in which there is no time of anything. */
static int button_catch_up(struct button *b)
{
        struct input_event event;
        int r;

        do
                r = libevdev_next_event(b->device, LIBEVDEV_READ_FLAG_SYNC, &event);
        while (r == LIBEVDEV_READ_STATUS_SYNC);
        button_resume(b);
        return r == -EAGAIN ? 0 : r;
}

static void button_take(struct button *b, const struct input_event *event)
{
        uint64_t usec =
                (uint64_t)event->input_event_sec * USEC_PER_SEC + (uint64_t)event->input_event_usec;
        enum press_verdict verdict;

        if (event->type != EV_KEY || event->code != b->key)
                return;
        verdict = press_take(&b->press, event->value, usec);
        if (verdict != PRESS_NONE)
                b->handler->on_pressed(b->userdata, verdict);
}

/* 0 when there is nothing more for now, or -errno: the device is gone. */
static int button_read(struct button *b)
{
        struct input_event event;
        int r;

        for (unsigned i = 0; i < EVENTS_PER_TURN; i++) {
                r = libevdev_next_event(b->device, LIBEVDEV_READ_FLAG_NORMAL, &event);
                if (r == LIBEVDEV_READ_STATUS_SYNC)
                        r = button_catch_up(b);
                else if (r == LIBEVDEV_READ_STATUS_SUCCESS)
                        button_take(b, &event);
                if (r < 0)
                        return r == -EAGAIN ? 0 : r;
        }
        return 0;
}

static int button_on_io(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        struct button *b = userdata;
        int r;

        (void)source;
        (void)fd;
        r = button_read(b);
        if (r < 0 || (revents & (EPOLLHUP | EPOLLERR)))
                b->handler->on_gone(b->userdata, b);
        return 0;
}

int button_new(sd_event *event, int fd, unsigned key, const struct button_handler *handler,
               void *userdata, struct button **ret_button)
{
        _defer_(button_free) struct button *b = calloc(1, sizeof(*b));
        int r;

        if (!b)
                return -ENOMEM;
        b->fd = -1;
        b->handler = handler;
        b->userdata = userdata;
        b->key = key;
        r = libevdev_new_from_fd(fd, &b->device);
        if (r < 0)
                return r;
        if (!libevdev_has_event_code(b->device, EV_KEY, key))
                return BUTTON_E_NO_KEY;
        r = libevdev_set_clock_id(b->device, CLOCK_MONOTONIC);
        if (r < 0)
                return r;
        r = sd_event_add_io(event, &b->io, fd, EPOLLIN, button_on_io, b);
        if (r < 0)
                return r;
        button_resume(b);
        b->fd = fd;
        *ret_button = take(b);
        return 0;
}

struct button *button_free(struct button *button)
{
        if (!button)
                return NULL;
        loop_drop(&button->io);
        libevdev_free(button->device);
        (void)fd_close(button->fd);
        free(button);
        return NULL;
}

const char *button_name(const struct button *button)
{
        const char *name = libevdev_get_name(button->device);

        return name ? name : "";
}
