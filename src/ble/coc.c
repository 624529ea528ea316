/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/coc.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "util/free.h"
#include "util/loop.h"

struct coc {
        struct link link;
        sd_event_source *io;
        int fd;
        size_t n_outgoing; /* 0: nothing waits for the kernel to have room */
        uint8_t outgoing[MESSAGE_MAX], incoming[MESSAGE_MAX];
};

static struct coc *coc_of(struct link *link)
{
        return (struct coc *)link;
}

/* Sends what waits, and asks the loop to go on if there is no room, or no credit, for it. */
static int coc_flush(struct coc *c)
{
        if (c->n_outgoing == 0)
                return 0;
        if (send(c->fd, c->outgoing, c->n_outgoing, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
                if (errno == EAGAIN || errno == EINTR)
                        return sd_event_source_set_io_events(c->io, EPOLLIN | EPOLLOUT);
                return -errno;
        }
        c->n_outgoing = 0;
        return sd_event_source_set_io_events(c->io, EPOLLIN);
}

/* Notifies the handler, which may free the link there. */
static void coc_end(struct coc *c)
{
        loop_disarm(c->io);
        c->link.handler->on_lost(c->link.userdata, REASON_LINK_LOST);
}

static ssize_t coc_recv(struct coc *c)
{
        return recv(c->fd, c->incoming, sizeof(c->incoming), MSG_DONTWAIT | MSG_TRUNC);
}

/*
 * One message in each turn of the loop, because the handler may free the link when it gets it. The
 * kernel says once how a channel has ended, to the next recv() or send(), and before it hands out
 * what arrived until then; after that it says of one that has @ended that nothing is there yet.
 */
static void coc_receive(struct coc *c, bool ended)
{
        ssize_t n = coc_recv(c);
        bool nothing = n < 0 && (errno == EAGAIN || errno == EINTR);

        if (nothing && !ended)
                return;
        if (n < 0 && !nothing)
                n = coc_recv(c);
        if (n <= 0 || n > MESSAGE_MAX)
                coc_end(c);
        else
                c->link.handler->on_message(c->link.userdata, c->incoming, (size_t)n);
}

/*
 * What has arrived goes first, so that the end of the channel does not overtake it: neither one
 * that the loop has seen, nor one that shows when something is sent.
 */
static int coc_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct coc *c = userdata;
        bool ended = events & (EPOLLHUP | EPOLLERR);

        (void)source;
        (void)fd;
        if (!ended && !(events & EPOLLIN)) {
                if (coc_flush(c) >= 0)
                        return 0;
                ended = true;
        }
        coc_receive(c, ended);
        return 0;
}

static int coc_send(struct link *link, const uint8_t *message, size_t n_message)
{
        struct coc *c = coc_of(link);

        if (n_message == 0 || n_message > MESSAGE_MAX)
                return -EMSGSIZE;
        if (c->n_outgoing > 0)
                return -ENOBUFS;
        memcpy(c->outgoing, message, n_message);
        c->n_outgoing = n_message;
        return coc_flush(c);
}

static void coc_start(struct link *link)
{
        (void)sd_event_source_set_enabled(coc_of(link)->io, SD_EVENT_ON);
}

static struct link *coc_free(struct link *link)
{
        struct coc *c = coc_of(link);

        loop_drop(&c->io);
        (void)fd_close(c->fd);
        free(c);
        return NULL;
}

static const struct link_kind coc_kind = {
        .name = "ble-coc",
        .send = coc_send,
        .start = coc_start,
        .free = coc_free,
};

int coc_new(sd_event *event, int fd_take, struct link **ret_link)
{
        struct coc *c = calloc(1, sizeof(*c));
        int r;

        if (!c) {
                (void)fd_close(fd_take);
                return -ENOMEM;
        }
        c->link.kind = &coc_kind;
        c->fd = fd_take;
        r = sd_event_add_io(event, &c->io, c->fd, EPOLLIN, coc_on_io, c);
        if (r >= 0)
                r = sd_event_source_set_enabled(c->io, SD_EVENT_OFF);
        if (r >= 0) /* so that the end of the connection does not overtake what has arrived */
                r = sd_event_source_set_priority(c->io, SD_EVENT_PRIORITY_IMPORTANT);
        if (r < 0) {
                (void)coc_free(&c->link);
                return r;
        }
        *ret_link = &c->link;
        return 0;
}
