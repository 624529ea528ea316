/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/doorway.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

struct doorway {
        sd_event *event;
        bool used;            /* whether there is an adapter */
        struct l2cap_end own; /* which */
        int fd;               /* -1: nobody can come, or there is no adapter */
        sd_event_source *io;
        int logged; /* what has kept it from listening, and is known to people; or 0 */

        struct {
                struct l2cap_end end;
                int fd; /* -1: there is none */
                sd_event_source *io;
                bool speaks;
        } visitor;

        const struct doorway_handler *handler;
        void *userdata;
};

static void doorway_close(struct doorway *d)
{
        loop_drop(&d->io);
        d->fd = fd_close(d->fd);
}

static void doorway_fail(struct doorway *d, int error)
{
        doorway_close(d);
        if (d->logged == error)
                return;
        d->logged = error;
        log_warning("No L2CAP channels on %s, so hubs use GATT: %s", d->own.address,
                    error == -EADDRINUSE ? "another program listens for them" : strerror(-error));
}

/* --- the visitor --- */

const struct l2cap_end *doorway_visitor(const struct doorway *doorway)
{
        return doorway->visitor.fd >= 0 ? &doorway->visitor.end : NULL;
}

bool doorway_visitor_speaks(const struct doorway *doorway)
{
        return doorway->visitor.speaks;
}

int doorway_admit(struct doorway *doorway)
{
        loop_drop(&doorway->visitor.io);
        doorway->visitor.speaks = false;
        return fd_take(&doorway->visitor.fd);
}

void doorway_turn_away(struct doorway *doorway)
{
        (void)fd_close(doorway_admit(doorway));
}

/* What has arrived stays in the channel for the one who is given it; then only its end counts. */
static int doorway_on_visitor_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct doorway *d = userdata;

        (void)fd;
        if (events & (EPOLLHUP | EPOLLERR)) {
                doorway_turn_away(d);
                return 0;
        }
        d->visitor.speaks = true;
        (void)sd_event_source_set_io_events(source, 0);
        d->handler->on_visitor(d->userdata);
        return 0;
}

static int doorway_receive(struct doorway *d, const struct l2cap_end *peer, int fd_take)
{
        const struct l2cap_end *present = doorway_visitor(d);
        int r = l2cap_opened(fd_take);

        if (r >= 0 && present && l2cap_end_equal(present, peer))
                r = -EALREADY;
        if (r < 0) {
                (void)fd_close(fd_take);
                return r;
        }
        doorway_turn_away(d);
        d->visitor.end = *peer;
        d->visitor.fd = fd_take;
        r = sd_event_add_io(d->event, &d->visitor.io, fd_take, EPOLLIN, doorway_on_visitor_io, d);
        if (r < 0)
                doorway_turn_away(d);
        return r;
}

/* --- listening --- */

static int doorway_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct doorway *d = userdata;
        struct l2cap_end peer;
        int r, channel;

        (void)source;
        (void)events;
        r = l2cap_accept(fd, &peer, &channel);
        if (r == -EAGAIN || r == -EINTR || r == -ECONNABORTED)
                return 0;
        if (r < 0) {
                doorway_fail(d, r);
                return 0;
        }
        r = doorway_receive(d, &peer, channel);
        if (r < 0)
                log_debug("The L2CAP channel of %s is not used: %s", peer.address, strerror(-r));
        else
                d->handler->on_visitor(d->userdata);
        return 0;
}

static int doorway_listen(struct doorway *d)
{
        int r = l2cap_listen(&d->own, &d->fd);

        if (r < 0)
                return r;
        return sd_event_add_io(d->event, &d->io, d->fd, EPOLLIN, doorway_on_io, d);
}

void doorway_use(struct doorway *doorway, const struct l2cap_end *own)
{
        struct doorway *d = doorway;
        int r;

        if (d->used == !!own && (!own || l2cap_end_equal(&d->own, own)))
                return;
        doorway_close(d);
        doorway_turn_away(d);
        d->used = own;
        if (!own)
                return;
        d->own = *own;
        r = doorway_listen(d);
        if (r < 0)
                doorway_fail(d, r);
        else
                d->logged = 0;
}

int doorway_new(sd_event *event, const struct doorway_handler *handler, void *userdata,
                struct doorway **ret_doorway)
{
        struct doorway *d = calloc(1, sizeof(*d));

        if (!d)
                return -ENOMEM;
        d->event = event;
        d->fd = d->visitor.fd = -1;
        d->handler = handler;
        d->userdata = userdata;
        *ret_doorway = d;
        return 0;
}

struct doorway *doorway_free(struct doorway *doorway)
{
        if (!doorway)
                return NULL;
        doorway_close(doorway);
        doorway_turn_away(doorway);
        free(doorway);
        return NULL;
}
