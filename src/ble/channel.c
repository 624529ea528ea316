/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/channel.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "ble/reorder.h"
#include "util/free.h"
#include "util/loop.h"

struct channel {
        struct link link;
        sd_event_source *in, *out, *rest, *report;
        int in_fd, out_fd;
        size_t packet_size;
        bool started;
        enum reason why; /* why it is lost, once it is */

        struct fragment_writer writer;
        struct reorder reorder;
        struct fragment_reader reader;
        uint8_t outgoing[MESSAGE_MAX], incoming[MESSAGE_MAX];

        channel_on_free_t on_free;
        void *owner;
};

static struct channel *channel_of(struct link *link)
{
        return (struct channel *)link;
}

struct link *channel_link(struct channel *channel)
{
        return &channel->link;
}

/* Sends what there is room for and asks the loop to continue with the rest. */
static int channel_flush(struct channel *c)
{
        uint8_t packet[REORDER_PACKET_BYTES];

        while (fragment_writer_pending(&c->writer)) {
                size_t n = fragment_writer_next(&c->writer, packet, c->packet_size);

                if (send(c->out_fd, packet, n, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
                        continue;
                fragment_writer_undo(&c->writer, n);
                if (errno == EAGAIN || errno == EINTR)
                        return sd_event_source_set_io_events(c->out, EPOLLOUT);
                return -errno;
        }
        return sd_event_source_set_io_events(c->out, 0);
}

/* Ends the link and notifies the handler, which may free it there. */
static void channel_end(struct channel *c, enum reason why)
{
        loop_disarm(c->in);
        loop_disarm(c->out);
        loop_disarm(c->rest);
        loop_disarm(c->report);
        c->why = why;
        c->link.handler->on_lost(c->link.userdata, why);
}

/*
 * Assembles packets until they make a message: the handler may free the link when it gets it. True
 * if there is none yet.
 */
static bool channel_assemble(struct channel *c)
{
        enum fragment_event event = FRAGMENT_MORE;
        const uint8_t *packet;
        size_t n_packet;

        while (event == FRAGMENT_MORE && (packet = reorder_get(&c->reorder, &n_packet)))
                event = fragment_reader_take(&c->reader, packet, n_packet);
        if (event == FRAGMENT_MORE)
                return true;
        if (event == FRAGMENT_BROKEN) {
                channel_end(c, REASON_LINK_LOST);
                return false;
        }
        if (reorder_ready(&c->reorder))
                loop_rearm(c->rest);
        c->link.handler->on_message(c->link.userdata, c->incoming, c->reader.n_message);
        return false;
}

static void channel_receive(struct channel *c)
{
        uint8_t packet[REORDER_PACKET_BYTES];

        while (channel_assemble(c)) {
                ssize_t n = recv(c->in_fd, packet, sizeof(packet), MSG_DONTWAIT | MSG_TRUNC);

                if (n < 0 && (errno == EAGAIN || errno == EINTR))
                        return;
                if (n <= 0 || !reorder_put(&c->reorder, packet, (size_t)n)) {
                        channel_end(c, REASON_LINK_LOST);
                        return;
                }
        }
}

static int channel_on_in(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        (void)source;
        (void)fd;
        (void)events;
        channel_receive(userdata);
        return 0;
}

static int channel_on_rest(sd_event_source *source, void *userdata)
{
        (void)source;
        channel_receive(userdata);
        return 0;
}

static int channel_on_out(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct channel *c = userdata;

        (void)source;
        (void)fd;
        if ((events & (EPOLLHUP | EPOLLERR)) || channel_flush(c) < 0)
                channel_end(c, REASON_LINK_LOST);
        return 0;
}

static int channel_on_report(sd_event_source *source, void *userdata)
{
        struct channel *c = userdata;

        (void)source;
        channel_end(c, c->why);
        return 0;
}

void channel_lose(struct channel *channel, enum reason why)
{
        if (channel->why)
                return;
        channel->why = why;
        if (channel->started)
                loop_rearm(channel->report);
}

static int channel_send(struct link *link, const uint8_t *message, size_t n_message)
{
        struct channel *c = channel_of(link);

        if (n_message == 0 || n_message > MESSAGE_MAX)
                return -EMSGSIZE;
        if (fragment_writer_pending(&c->writer))
                return -ENOBUFS;

        memcpy(c->outgoing, message, n_message);
        fragment_writer_start(&c->writer, c->outgoing, n_message);
        return channel_flush(c);
}

static void channel_start(struct link *link)
{
        struct channel *c = channel_of(link);

        c->started = true;
        (void)sd_event_source_set_enabled(c->in, SD_EVENT_ON);
        (void)sd_event_source_set_enabled(c->out, SD_EVENT_ON);
        if (c->why)
                loop_rearm(c->report);
}

static struct link *channel_free(struct link *link)
{
        struct channel *c = channel_of(link);
        channel_on_free_t on_free = c->on_free;
        void *owner = c->owner;

        loop_drop(&c->in);
        loop_drop(&c->out);
        loop_drop(&c->rest);
        loop_drop(&c->report);
        (void)fd_close(c->in_fd);
        (void)fd_close(c->out_fd);
        free(c);
        if (on_free)
                on_free(owner);
        return NULL;
}

static const struct link_kind channel_kind = {
        .name = "ble",
        .send = channel_send,
        .start = channel_start,
        .free = channel_free,
};

/*
 * The incoming side goes first in each turn of the loop: its socket holds 167 packets, and
 * bluetoothd drops what does not fit. The outgoing side comes last, so that its end does not
 * overtake what has arrived.
 */
static int channel_watch(struct channel *c, sd_event *event)
{
        int r;

        r = sd_event_add_io(event, &c->in, c->in_fd, EPOLLIN, channel_on_in, c);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(c->in, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = sd_event_source_set_priority(c->in, SD_EVENT_PRIORITY_IMPORTANT);
        if (r < 0)
                return r;
        r = sd_event_add_io(event, &c->out, c->out_fd, 0, channel_on_out, c);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(c->out, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = loop_add_defer(event, &c->rest, channel_on_rest, c);
        if (r < 0)
                return r;
        r = sd_event_source_set_priority(c->rest, SD_EVENT_PRIORITY_IMPORTANT);
        if (r < 0)
                return r;
        return loop_add_defer(event, &c->report, channel_on_report, c);
}

int channel_new(sd_event *event, int in_take, int out_take, size_t packet_size,
                channel_on_free_t on_free, void *owner, struct channel **ret_channel)
{
        struct channel *c = calloc(1, sizeof(*c));
        int r;

        if (!c) {
                (void)fd_close(in_take);
                (void)fd_close(out_take);
                return -ENOMEM;
        }
        c->link.kind = &channel_kind;
        c->in_fd = in_take;
        c->out_fd = out_take;
        c->packet_size = packet_size;
        fragment_writer_init(&c->writer);
        reorder_init(&c->reorder);
        fragment_reader_init(&c->reader, c->incoming);

        r = channel_watch(c, event);
        if (r < 0) {
                (void)link_free(&c->link);
                return r;
        }
        c->on_free = on_free;
        c->owner = owner;
        *ret_channel = c;
        return 0;
}
