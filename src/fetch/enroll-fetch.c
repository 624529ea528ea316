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

#include "fetch/download.h"
#include "fetch/order.h"
#include "util/file.h"
#include "util/free.h"
#include "util/log.h"
#include "util/options.h"
#include "util/packet.h"
#include "util/passed.h"

#define REQUEST_SEC 10 /* for the order to arrive */
#define CA_MAX      (1024 * 1024)

static const struct options options = {
        .program = "enroll-fetch",
        .usage = "enroll-fetch",
        .about = "Asks a web service for enrollment codes. It serves one order of enrolld on the\n"
                 "socket that systemd passes.",
        .ending = "Exit status: 0 served, 1 failure, 2 usage.",
};

/* The order, and the descriptor that comes with it, or -1. 0; ORDER_E_MALFORMED; -errno. */
static int order_receive(int fd, struct order *ret_order, int *ret_ca_fd)
{
        static const struct timeval patience = {.tv_sec = REQUEST_SEC};
        uint8_t packet[ORDER_PACKET_MAX];
        size_t n_packet = 0;
        int r;

        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        r = packet_receive(fd, packet, sizeof(packet), &n_packet, ret_ca_fd);
        if (r < 0)
                return r == -EBADMSG ? ORDER_E_MALFORMED : r;
        return order_decode(packet, n_packet, ret_order);
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

int main(int argc, char **argv)
{
        struct options_call call;
        int r, fd;

        log_open("enroll-fetch", LOG_INFO);
        r = options_parse(&options, argc, argv, &call);
        if (r != 0)
                return options_exit(&options, r, call.wrong);
        fd = passed_connection();
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
