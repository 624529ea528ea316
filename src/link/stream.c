/* SPDX-License-Identifier: Apache-2.0 */

#include "link/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "util/address.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define READ_BYTES       512
#define STREAM_ADDRESSES (ADDRESS_UNIX | ADDRESS_SERIAL | ADDRESS_RELATIVE)

struct stream {
        struct link link;
        struct stream_listener *listener; /* to be resumed when the link is freed, or NULL */
        sd_event_source *io, *rest;
        int fd;
        bool is_socket;

        struct stream_reader reader;
        uint8_t message[MESSAGE_MAX];
        uint8_t in[READ_BYTES];
        size_t n_in, in_at;
        uint8_t out[STREAM_ENCODED_MAX];
        size_t n_out, out_at;
};

struct stream_listener {
        struct stream *stream; /* the link in use, or NULL */
        sd_event_source *io;
        int fd;
        struct sockaddr_un address;
        const struct stream_listener_handler *handler;
        void *userdata;
};

static struct stream *stream_of(struct link *link)
{
        return (struct stream *)link;
}

static ssize_t stream_write(struct stream *s, const uint8_t *bytes, size_t n_bytes)
{
        ssize_t n = s->is_socket ? send(s->fd, bytes, n_bytes, MSG_NOSIGNAL)
                                 : write(s->fd, bytes, n_bytes);

        if (n >= 0)
                return n;
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

/* Writes what there is room for and asks the loop to come back for the rest. */
static int stream_flush(struct stream *s)
{
        while (s->out_at < s->n_out) {
                ssize_t n = stream_write(s, s->out + s->out_at, s->n_out - s->out_at);

                if (n < 0)
                        return (int)n;
                if (n == 0)
                        return sd_event_source_set_io_events(s->io, EPOLLIN | EPOLLOUT);
                s->out_at += (size_t)n;
        }
        return sd_event_source_set_io_events(s->io, EPOLLIN);
}

static void stream_lose(struct stream *s)
{
        loop_disarm(s->io);
        loop_disarm(s->rest);
        s->link.handler->on_lost(s->link.userdata, REASON_LINK_LOST);
}

/* Delivers at most one message: the handler may free the link when it gets it. */
static void stream_deliver(struct stream *s)
{
        while (s->in_at < s->n_in) {
                if (stream_reader_take(&s->reader, s->in[s->in_at++]) != FRAGMENT_MESSAGE)
                        continue;
                if (s->in_at < s->n_in)
                        loop_rearm(s->rest);
                s->link.handler->on_message(s->link.userdata, s->message, s->reader.n_message);
                return;
        }
}

static void stream_receive(struct stream *s)
{
        ssize_t n;

        if (s->in_at == s->n_in) {
                n = read(s->fd, s->in, sizeof(s->in));
                if (n < 0 && (errno == EAGAIN || errno == EINTR))
                        return;
                if (n < 0)
                        log_debug("Cannot read from a stream: %s", strerror(errno));
                if (n <= 0) {
                        stream_lose(s);
                        return;
                }
                s->n_in = (size_t)n;
                s->in_at = 0;
        }
        stream_deliver(s);
}

static int stream_on_rest(sd_event_source *source, void *userdata)
{
        (void)source;
        stream_deliver(userdata);
        return 0;
}

static int stream_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct stream *s = userdata;
        int r;

        (void)source;
        (void)fd;
        r = events & EPOLLOUT ? stream_flush(s) : 0;
        if (r < 0) {
                log_debug("Cannot write to a stream: %s", strerror(-r));
                stream_lose(s);
        } else if (events & ~(uint32_t)EPOLLOUT) {
                stream_receive(s);
        }
        return 0;
}

static int stream_send(struct link *link, const uint8_t *message, size_t n_message)
{
        struct stream *s = stream_of(link);

        if (n_message == 0 || n_message > MESSAGE_MAX)
                return -EMSGSIZE;
        if (s->out_at < s->n_out)
                return -ENOBUFS;

        s->n_out = stream_encode(message, n_message, s->out);
        s->out_at = 0;
        return stream_flush(s);
}

static void stream_start(struct link *link)
{
        (void)sd_event_source_set_enabled(stream_of(link)->io, SD_EVENT_ON);
}

static void stream_listener_resume(struct stream_listener *listener)
{
        listener->stream = NULL;
        (void)sd_event_source_set_enabled(listener->io, SD_EVENT_ON);
}

static struct link *stream_free(struct link *link)
{
        struct stream *s = stream_of(link);

        loop_drop(&s->io);
        loop_drop(&s->rest);
        (void)fd_close(s->fd);
        if (s->listener)
                stream_listener_resume(s->listener);
        free(s);
        return NULL;
}

static const struct link_kind stream_kind = {
        .name = "stream",
        .send = stream_send,
        .start = stream_start,
        .free = stream_free,
};

int stream_link_new(sd_event *event, int fd_take, struct link **ret_link)
{
        _defer_(link_free) struct link *link = NULL;
        struct stream *s = calloc(1, sizeof(*s));
        struct stat status;
        int r;

        if (!s) {
                (void)fd_close(fd_take);
                return -ENOMEM;
        }
        s->fd = fd_take;
        s->link.kind = &stream_kind;
        link = &s->link;
        stream_reader_init(&s->reader, s->message);

        if (fstat(s->fd, &status) < 0)
                return -errno;
        s->is_socket = S_ISSOCK(status.st_mode);
        r = sd_event_add_io(event, &s->io, s->fd, EPOLLIN, stream_on_io, s);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(s->io, SD_EVENT_OFF);
        if (r < 0)
                return r;
        r = loop_add_defer(event, &s->rest, stream_on_rest, s);
        if (r < 0)
                return r;

        *ret_link = take(link);
        return 0;
}

static struct sockaddr_un unix_where(const struct address *address)
{
        struct sockaddr_un where = {.sun_family = AF_UNIX};

        memcpy(where.sun_path, address->place, strlen(address->place));
        return where;
}

static int unix_socket(void)
{
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

        return fd < 0 ? -errno : fd;
}

static int unix_open(const struct sockaddr_un *where)
{
        _defer_(fd_close) int fd = unix_socket();

        if (fd < 0)
                return fd;
        if (connect(fd, (const struct sockaddr *)where, sizeof(*where)) < 0)
                return -errno;
        return fd_take(&fd);
}

static int serial_open(const char *device, speed_t speed)
{
        _defer_(fd_close) int fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        struct termios line;

        if (fd < 0 || ioctl(fd, TIOCEXCL) < 0 || tcgetattr(fd, &line) < 0)
                return -errno;
        cfmakeraw(&line);
        line.c_cflag |= CLOCAL | CREAD;
        line.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
        line.c_cc[VMIN] = 1;
        line.c_cc[VTIME] = 0;
        if (cfsetspeed(&line, speed) < 0 || tcsetattr(fd, TCSANOW, &line) < 0 ||
            tcflush(fd, TCIOFLUSH) < 0)
                return -errno;
        return fd_take(&fd);
}

static int stream_unavailable(int error, const char *address)
{
        (void)log_errno(error, "Cannot open %s", address);
        return REASON_PORT_UNAVAILABLE;
}

int stream_link_open(sd_event *event, const char *address, struct link **ret_link)
{
        struct address parsed;
        struct sockaddr_un where;
        int fd, r;

        r = address_parse(address, STREAM_ADDRESSES, &parsed, NULL);
        if (r < 0)
                return r;
        where = unix_where(&parsed);
        fd = parsed.kind == ADDRESS_UNIX ? unix_open(&where)
                                         : serial_open(parsed.place, parsed.speed);
        if (fd < 0) {
                log_debug("Cannot open %s: %s", address, strerror(-fd));
                return REASON_PORT_UNAVAILABLE;
        }
        /* A zero ends what is left of an earlier session on the line (doc/protocol.md section 2.3).
         */
        if (write(fd, "", 1) != 1)
                log_debug("Cannot write to %s: %s", address, strerror(errno));
        return stream_link_new(event, fd, ret_link);
}

int stream_look(const char *address, uint64_t *ret_node)
{
        struct address parsed;
        struct stat status;
        int r;

        r = address_parse(address, STREAM_ADDRESSES, &parsed, NULL);
        if (r < 0)
                return r;
        if (stat(parsed.place, &status) < 0)
                return -errno;
        if (parsed.kind == ADDRESS_UNIX && !S_ISSOCK(status.st_mode))
                return -ENOTSOCK;
        if (parsed.kind == ADDRESS_SERIAL && !S_ISCHR(status.st_mode))
                return -ENOTTY;
        *ret_node = (uint64_t)status.st_ino + ((uint64_t)status.st_ctim.tv_sec << 30) +
                    (uint64_t)status.st_ctim.tv_nsec;
        return access(parsed.place, R_OK | W_OK) < 0 ? -errno : 0;
}

static void stream_listener_accept(struct stream_listener *l)
{
        struct link *link = NULL;
        int fd, r;

        fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
                return; /* the peer has gone again */
        r = stream_link_new(sd_event_source_get_event(l->io), fd, &link);
        if (r < 0) {
                (void)log_errno(r, "Cannot accept the peer at %s", l->address.sun_path);
                return;
        }

        l->stream = stream_of(link);
        l->stream->listener = l;
        loop_disarm(l->io);
        l->handler->on_link(l->userdata, link);
}

static int stream_listener_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        (void)source;
        (void)fd;
        (void)events;
        stream_listener_accept(userdata);
        return 0;
}

/* Removes what a listener left behind, if it is a socket that refuses connections. */
static void unix_remove_stale(const struct sockaddr_un *where)
{
        struct stat status;
        int fd;

        if (lstat(where->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
                return;
        fd = unix_open(where);
        if (fd == -ECONNREFUSED)
                (void)unlink(where->sun_path);
        else
                (void)fd_close(fd);
}

static int unix_listen(const struct sockaddr_un *where)
{
        _defer_(fd_close) int fd = unix_socket();

        if (fd < 0)
                return fd;
        unix_remove_stale(where);
        /* The mode of the socket before bind() is the mode of the file that bind() makes. */
        if (fchmod(fd, 0600) < 0 || bind(fd, (const struct sockaddr *)where, sizeof(*where)) < 0 ||
            listen(fd, 1) < 0)
                return -errno;
        return fd_take(&fd);
}

int stream_listener_new(sd_event *event, const char *address,
                        const struct stream_listener_handler *handler, void *userdata,
                        struct stream_listener **ret_listener)
{
        _defer_(stream_listener_free) struct stream_listener *l = NULL;
        struct address parsed;
        int r;

        r = address_parse(address, ADDRESS_UNIX | ADDRESS_RELATIVE, &parsed, NULL);
        if (r < 0)
                return r;
        l = calloc(1, sizeof(*l));
        if (!l)
                return -ENOMEM;
        l->handler = handler;
        l->userdata = userdata;
        l->address = unix_where(&parsed);
        l->fd = unix_listen(&l->address);
        if (l->fd < 0)
                return stream_unavailable(l->fd, address);

        r = sd_event_add_io(event, &l->io, l->fd, EPOLLIN, stream_listener_on_io, l);
        if (r < 0)
                return r;
        *ret_listener = take(l);
        return 0;
}

struct stream_listener *stream_listener_free(struct stream_listener *listener)
{
        if (!listener)
                return NULL;
        if (listener->stream)
                listener->stream->listener = NULL;
        loop_drop(&listener->io);
        if (listener->fd >= 0)
                (void)unlink(listener->address.sun_path);
        (void)fd_close(listener->fd);
        free(listener);
        return NULL;
}
