/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/knock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "ble/coc.h"
#include "ble/l2cap.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

struct knock {
        sd_event *event;
        sd_event_source *io;
        int fd;
        knock_on_open_t on_open;
        void *userdata;
};

static int knock_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct knock *k = userdata;
        struct link *link;
        int r;

        (void)source;
        (void)events;
        loop_drop(&k->io);
        r = l2cap_opened(fd);
        if (r >= 0)
                r = coc_new(k->event, fd_take(&k->fd), &link);
        if (r < 0) {
                log_debug("No channel beside GATT: %s", strerror(-r));
                k->fd = fd_close(k->fd);
        } else {
                k->on_open(k->userdata, link);
        }
        return 0;
}

static int knock_begin(struct knock *k, struct bluez *bluez, const char *adapter,
                       const char *device)
{
        const struct bluez_object *own = bluez_find(bluez, adapter, BLUEZ_IS_ADAPTER);
        const struct bluez_object *peer = bluez_find(bluez, device, BLUEZ_IS_DEVICE);
        struct l2cap_end from, to;
        int r;

        if (!own || !peer || !l2cap_end_of(own, &from) || !l2cap_end_of(peer, &to))
                return -ENODATA;
        r = l2cap_open(&from, &to, &k->fd);
        if (r < 0)
                return r;
        return sd_event_add_io(k->event, &k->io, k->fd, EPOLLOUT, knock_on_io, k);
}

int knock_new(struct bluez *bluez, const char *adapter, const char *device, knock_on_open_t on_open,
              void *userdata, struct knock **ret_knock)
{
        _defer_(knock_free) struct knock *k = NULL;
        int r;

        k = calloc(1, sizeof(*k));
        if (!k)
                return -ENOMEM;
        k->event = bluez_event(bluez);
        k->fd = -1;
        k->on_open = on_open;
        k->userdata = userdata;
        r = knock_begin(k, bluez, adapter, device);
        if (r < 0)
                return r;
        *ret_knock = take(k);
        return 0;
}

bool knock_waits(const struct knock *knock)
{
        return knock->fd >= 0;
}

struct knock *knock_free(struct knock *knock)
{
        if (!knock)
                return NULL;
        loop_drop(&knock->io);
        (void)fd_close(knock->fd);
        free(knock);
        return NULL;
}
