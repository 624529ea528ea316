/* SPDX-License-Identifier: Apache-2.0 */

/*
 * enroll-fetch: codes from a web service.
 *
 * systemd starts one per connection of enroll-fetch.socket; it serves one order of the hub and
 * ends. It has the network and no keys: what it brings is signed, and the hub checks it.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <curl/curl.h>
#include <systemd/sd-daemon.h>

#include "fetch/download.h"
#include "fetch/order.h"
#include "util/file.h"
#include "util/free.h"
#include "util/log.h"
#include "util/options.h"

#define REQUEST_SEC 10 /* for the order to arrive */
#define CA_MAX      (1024 * 1024)
#define FDS_MAX     4 /* more than one is a mistake, but must be closed */

static const struct options options = {
        .program = "enroll-fetch",
        .usage = "enroll-fetch",
        .about = "Asks a web service for enrollment codes. It serves one order of enrolld on the\n"
                 "socket that systemd passes.",
        .ending = "Exit status: 0 served, 1 failure, 2 usage.",
};

/* Keeps the first descriptor of a control message and closes the rest. */
static void fds_collect(const struct cmsghdr *c, int *fd, size_t *n_fds)
{
        int fds[FDS_MAX];
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || n > FDS_MAX)
                return;
        memcpy(fds, CMSG_DATA(c), n * sizeof(int));
        for (size_t i = 0; i < n; i++, (*n_fds)++) {
                if (*fd < 0)
                        *fd = fds[i];
                else
                        (void)fd_close(fds[i]);
        }
}

/* The order, and the descriptor that comes with it, or -1. 0; ORDER_E_MALFORMED; -errno. */
static int order_receive(int fd, struct order *ret_order, int *ret_ca_fd)
{
        static const struct timeval patience = {.tv_sec = REQUEST_SEC};
        char control[CMSG_SPACE(FDS_MAX * sizeof(int))] __attribute__((aligned(8)));
        uint8_t packet[ORDER_PACKET_MAX];
        struct iovec data = {packet, sizeof(packet)};
        struct msghdr message = {.msg_iov = &data,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = sizeof(control)};
        size_t n_fds = 0;
        ssize_t n;

        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
        if (n < 0)
                return -errno;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
                fds_collect(c, ret_ca_fd, &n_fds);
        if (n == 0)
                return -ECONNRESET;
        if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || n_fds > 1)
                return ORDER_E_MALFORMED;
        return order_decode(packet, (size_t)n, ret_order);
}

static int reply_send(int fd, const struct order_reply *reply)
{
        uint8_t packet[ORDER_PACKET_MAX];
        size_t n_packet;
        int r = 0;

        if (order_reply_encode(reply, packet, &n_packet) != 0)
                return -EINVAL;
        if (send(fd, packet, n_packet, MSG_NOSIGNAL) < 0)
                r = -errno;
        explicit_bzero(packet, sizeof(packet));
        return r;
}

static bool on_line(void *userdata, const char *id, const char *code, size_t n_code)
{
        struct order_reply reply = {.kind = code ? ORDER_REPLY_CODE : ORDER_REPLY_ABSENT,
                                    .code = code,
                                    .n_code = n_code};

        (void)snprintf(reply.id, sizeof(reply.id), "%s", id);
        return reply_send(*(const int *)userdata, &reply) == 0;
}

static enum reason serve_order(int fd, const struct order *order, int ca_fd)
{
        struct download_trust trust = {.bytes = NULL};
        struct answer answer;
        char *pem = NULL;
        enum reason why;

        if (ca_fd >= 0 && file_load_fd(ca_fd, CA_MAX, &pem, &trust.n_bytes) < 0)
                return REASON_FETCH_UNTRUSTED;
        trust.bytes = pem;
        answer_init(&answer, order, on_line, &fd);
        why = download(order, &trust, &answer);
        answer_done(&answer);
        file_free(pem, trust.n_bytes);
        return why;
}

/* 0, also if nobody listens any more; -errno. */
static int serve(int fd)
{
        struct order_reply end = {.kind = ORDER_REPLY_END, .reason = REASON_REQUEST_INVALID};
        _defer_(fd_close) int ca_fd = -1;
        struct order order;
        int r;

        r = order_receive(fd, &order, &ca_fd);
        if (r < 0)
                return r;
        if (r == 0)
                end.reason = serve_order(fd, &order, ca_fd);
        return end.reason == REASON_STOPPING ? 0 : reply_send(fd, &end);
}

static int lock_down(void)
{
        static const struct rlimit none = {0, 0};

        if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return log_errno(-errno, "Cannot drop privileges");
        return 0;
}

/* The connection: the one descriptor systemd passes, or standard input. -1 if there is none. */
static int connection_fd(void)
{
        int n = sd_listen_fds(1);

        if (n == 1 && sd_is_socket(SD_LISTEN_FDS_START, AF_UNIX, SOCK_SEQPACKET, 0) > 0)
                return SD_LISTEN_FDS_START;
        if (n <= 0 && sd_is_socket(STDIN_FILENO, AF_UNIX, SOCK_SEQPACKET, 0) > 0)
                return STDIN_FILENO;
        return -1;
}

int main(int argc, char **argv)
{
        struct options_call call;
        int r, fd;

        log_open("enroll-fetch", LOG_INFO);
        r = options_parse(&options, argc, argv, &call);
        if (r != 0)
                return options_exit(&options, r, call.wrong);
        fd = connection_fd();
        if (fd < 0)
                return options_exit(&options, OPTIONS_E_USAGE,
                                    "no connection was passed; start enroll-fetch.socket");
        if (lock_down() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
                return EXIT_FAILURE;
        r = serve(fd);
        curl_global_cleanup();
        /* It is not an error if the hub has gone. */
        if (r == 0 || r == -EPIPE || r == -ECONNRESET)
                return EXIT_SUCCESS;
        (void)log_errno(r, "Cannot serve the order");
        return EXIT_FAILURE;
}
