/* SPDX-License-Identifier: Apache-2.0 */

#include "order/server.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/free.h"
#include "util/loop.h"

#define BACKLOG 16

struct client {
        struct client *next;
        struct server *server;
        sd_event_source *io;
        int fd;
        bool ended;    /* it will ask nothing more */
        bool skipping; /* the rest of a line that was too long */
        size_t n_in;
        char in[SERVER_LINE_MAX + 1];
        char *out; /* the answer that has not all left, or NULL */
        size_t n_out, out_at;
};

struct server {
        struct client *clients;
        unsigned n_clients;
        sd_event_source *io;
        int fd;
        struct sockaddr_un address;
        const struct server_owner *owner;
        void *userdata;
};

static struct client *client_free(struct client *client)
{
        struct client **at = &client->server->clients;

        while (*at != client)
                at = &(*at)->next;
        *at = client->next;
        client->server->n_clients--;
        loop_drop(&client->io);
        (void)fd_close(client->fd);
        free(client->out);
        free(client);
        return NULL;
}

/* --- the answer --- */

/* Sends as much as the socket takes. 0, or what the system said. */
static int client_flush(struct client *c)
{
        ssize_t n;

        if (!c->out)
                return 0;
        n = send(c->fd, c->out + c->out_at, c->n_out - c->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        c->out_at += (size_t)n;
        if (c->out_at < c->n_out)
                return 0;
        free(c->out);
        c->out = NULL;
        return 0;
}

/* Has the owner answer @line, or say that it is not a line. */
static int client_answer(struct client *c, const char *line)
{
        const struct server *s = c->server;
        FILE *answer = open_memstream(&c->out, &c->n_out);

        if (!answer)
                return -errno;
        if (line)
                s->owner->on_line(s->userdata, line, answer);
        else
                s->owner->on_nonsense(s->userdata, answer);
        if (fclose(answer) != 0)
                return -ENOMEM;
        c->out_at = 0;
        return client_flush(c);
}

/* --- the request --- */

static int client_take_line(struct client *c, char *end)
{
        bool text = !memchr(c->in, 0, (size_t)(end - c->in)) && !c->skipping;
        size_t n_line = (size_t)(end - c->in) + 1;
        int r;

        *end = 0;
        c->skipping = false;
        r = client_answer(c, text ? c->in : NULL);
        c->n_in -= n_line;
        memmove(c->in, c->in + n_line, c->n_in);
        return r;
}

/* Answers what has been asked, until an answer does not leave at once. */
static int client_work(struct client *c)
{
        while (!c->out) {
                char *end = memchr(c->in, '\n', c->n_in);
                int r;

                if (!end)
                        break;
                r = client_take_line(c, end);
                if (r < 0)
                        return r;
        }
        if (!c->out && c->n_in == sizeof(c->in)) {
                c->skipping = true;
                c->n_in = 0;
        }
        return 0;
}

static int client_read(struct client *c)
{
        ssize_t n = recv(c->fd, c->in + c->n_in, sizeof(c->in) - c->n_in, MSG_DONTWAIT);

        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        c->ended = n == 0;
        c->n_in += (size_t)n;
        return 0;
}

static int client_step(struct client *c)
{
        int r = c->out ? client_flush(c) : client_read(c);

        if (r >= 0)
                r = client_work(c);
        if (r < 0)
                return r;
        if (c->out)
                return sd_event_source_set_io_events(c->io, EPOLLOUT);
        return c->ended ? -ECONNRESET : sd_event_source_set_io_events(c->io, EPOLLIN);
}

static int client_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct client *c = userdata;

        (void)source;
        (void)fd;
        (void)events;
        if (client_step(c) < 0)
                (void)client_free(c);
        return 0;
}

/* --- the socket --- */

static int client_new(struct server *s, int fd_take)
{
        struct client *c = calloc(1, sizeof(*c));
        int r;

        if (!c) {
                (void)fd_close(fd_take);
                return -ENOMEM;
        }
        c->server = s;
        c->fd = fd_take;
        c->next = s->clients;
        s->clients = c;
        s->n_clients++;
        r = sd_event_add_io(sd_event_source_get_event(s->io), &c->io, c->fd, EPOLLIN, client_on_io,
                            c);
        if (r < 0)
                (void)client_free(c);
        return r;
}

static void server_send_away(const struct server *s, int fd)
{
        char text[SERVER_LINE_MAX];
        FILE *answer = fmemopen(text, sizeof(text), "w");
        long n;

        if (!answer)
                return;
        s->owner->on_crowd(s->userdata, answer);
        n = ftell(answer);
        if (fclose(answer) == 0 && n > 0)
                (void)send(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int server_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct server *s = userdata;
        int peer = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        (void)source;
        (void)events;
        if (peer < 0)
                return 0; /* it has gone again */
        if (s->n_clients < SERVER_CLIENTS_MAX) {
                (void)client_new(s, peer);
                return 0;
        }
        server_send_away(s, peer);
        (void)fd_close(peer);
        return 0;
}

/* Removes a socket that nobody listens on any more, and nothing but a socket. */
static int remove_stale(const struct sockaddr_un *where)
{
        _defer_(fd_close) int fd = -1;
        struct stat status;

        if (lstat(where->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
                return 0;
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        if (connect(fd, (const struct sockaddr *)where, sizeof(*where)) < 0 &&
            errno == ECONNREFUSED)
                (void)unlink(where->sun_path);
        return 0;
}

static int listen_at(const struct sockaddr_un *where)
{
        _defer_(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        int r;

        if (fd < 0)
                return -errno;
        r = remove_stale(where);
        if (r < 0)
                return r;
        /* The mode of the socket before bind() is the mode of the file that bind() makes. */
        if (fchmod(fd, 0600) < 0 || bind(fd, (const struct sockaddr *)where, sizeof(*where)) < 0 ||
            listen(fd, BACKLOG) < 0)
                return -errno;
        return fd_take(&fd);
}

int server_new(sd_event *event, const char *path, const struct server_owner *owner, void *userdata,
               struct server **ret_server)
{
        _defer_(server_free) struct server *s = NULL;
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int r;

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        memcpy(address.sun_path, path, strlen(path));
        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->owner = owner;
        s->userdata = userdata;
        s->fd = listen_at(&address);
        if (s->fd < 0)
                return s->fd;
        s->address = address;
        r = sd_event_add_io(event, &s->io, s->fd, EPOLLIN, server_on_io, s);
        if (r < 0)
                return r;
        *ret_server = take(s);
        return 0;
}

struct server *server_free(struct server *server)
{
        if (!server)
                return NULL;
        while (server->clients)
                (void)client_free(server->clients);
        loop_drop(&server->io);
        (void)fd_close(server->fd);
        if (server->address.sun_path[0])
                (void)unlink(server->address.sun_path);
        free(server);
        return NULL;
}
