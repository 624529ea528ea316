/* SPDX-License-Identifier: Apache-2.0 */

#include "fetch/fetcher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/packet.h"

struct fetcher {
        sd_event *event;
        struct sockaddr_un address;
        const struct fetcher_handler *handler;
        void *userdata;

        /* the order under way */
        struct order order;
        bool is_answered[ORDER_IDS_MAX];
        int fd;
        sd_event_source *io, *deadline;
};

/* A packet may hold a secret. */
struct packet {
        uint8_t bytes[ORDER_PACKET_MAX];
};

static void packet_wipe_deferred(struct packet *packet)
{
        explicit_bzero(packet, sizeof(*packet));
}

int fetcher_new(sd_event *event, const char *socket_path, const struct fetcher_handler *handler,
                void *userdata, struct fetcher **ret_fetcher)
{
        struct fetcher *f;

        if (strlen(socket_path) >= sizeof(f->address.sun_path))
                return -ENAMETOOLONG;
        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;
        f->event = sd_event_ref(event);
        f->address.sun_family = AF_UNIX;
        memcpy(f->address.sun_path, socket_path, strlen(socket_path));
        f->handler = handler;
        f->userdata = userdata;
        f->fd = -1;
        *ret_fetcher = f;
        return 0;
}

static void fetcher_close(struct fetcher *f)
{
        loop_drop(&f->io);
        loop_drop(&f->deadline);
        f->fd = fd_close(f->fd);
}

struct fetcher *fetcher_free(struct fetcher *fetcher)
{
        if (!fetcher)
                return NULL;
        fetcher_close(fetcher);
        sd_event_unref(fetcher->event);
        free(fetcher);
        return NULL;
}

static void fetcher_end(struct fetcher *f, enum reason why)
{
        fetcher_close(f);
        f->handler->on_end(f->userdata, why);
}

static void fetcher_violated(struct fetcher *f)
{
        log_warning("enroll-fetch violated the protocol");
        fetcher_end(f, REASON_FETCH_UNAVAILABLE);
}

static void fetcher_take(struct fetcher *f, const struct order_reply *reply)
{
        size_t i;

        if (reply->kind == ORDER_REPLY_END) {
                fetcher_end(f, reply->reason);
                return;
        }
        i = order_find(&f->order, reply->id);
        if (i == f->order.n_ids || f->is_answered[i]) {
                fetcher_violated(f);
                return;
        }
        f->is_answered[i] = true;
        if (reply->kind == ORDER_REPLY_CODE)
                f->handler->on_code(f->userdata, reply->id, reply->code, reply->n_code);
        else
                f->handler->on_absent(f->userdata, reply->id);
}

/* One packet a turn. There is no room for descriptors, so the kernel drops any that come with it.
 */
static int fetcher_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        _defer_(packet_wipe) struct packet packet;
        struct fetcher *f = userdata;
        struct order_reply reply;
        ssize_t n;

        (void)source;
        (void)events;
        n = recv(fd, packet.bytes, sizeof(packet.bytes), MSG_TRUNC | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n <= 0) {
                log_warning("enroll-fetch ended without an answer");
                fetcher_end(f, REASON_FETCH_UNAVAILABLE);
        } else if ((size_t)n > sizeof(packet.bytes) ||
                   order_reply_decode(packet.bytes, (size_t)n, &reply) != 0) {
                fetcher_violated(f);
        } else {
                fetcher_take(f, &reply);
        }
        return 0;
}

static int fetcher_on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        log_warning("enroll-fetch timed out");
        fetcher_end(userdata, REASON_FETCH_UNAVAILABLE);
        return 0;
}

static int fetcher_connect(struct fetcher *f)
{
        int r = packet_connect(&f->address, &f->fd);

        if (r != PACKET_E_UNREACHABLE)
                return r;
        (void)log_errno(-errno, "Cannot connect to enroll-fetch at %s", f->address.sun_path);
        return REASON_FETCH_UNAVAILABLE;
}

static int fetcher_send(struct fetcher *f, const uint8_t *packet, size_t n_packet, int ca_fd)
{
        int r = packet_send(f->fd, packet, n_packet, ca_fd);

        return r == -EPIPE || r == -ECONNRESET ? REASON_FETCH_UNAVAILABLE : r;
}

int fetcher_ask(struct fetcher *fetcher, const struct order *order, int ca_fd)
{
        uint8_t packet[ORDER_PACKET_MAX];
        size_t n_packet;
        int r;

        if (fetcher->fd >= 0)
                return -EBUSY;
        if (order_encode(order, packet, &n_packet) != 0)
                return -EINVAL;
        fetcher->order = *order;
        memset(fetcher->is_answered, 0, sizeof(fetcher->is_answered));
        r = fetcher_connect(fetcher);
        if (r == 0)
                r = fetcher_send(fetcher, packet, n_packet, ca_fd);
        if (r == 0)
                r = sd_event_add_io(fetcher->event, &fetcher->io, fetcher->fd, EPOLLIN,
                                    fetcher_on_io, fetcher);
        if (r >= 0 && fetcher->io)
                r = loop_arm_timer(fetcher->event, &fetcher->deadline,
                                   (ORDER_SEC + FETCHER_GRACE_SEC) * UINT64_C(1000),
                                   fetcher_on_deadline, fetcher);
        if (r != 0)
                fetcher_close(fetcher);
        return r;
}
