/* SPDX-License-Identifier: Apache-2.0 */

#include "read/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "read/image.h"
#include "read/search.h"
#include "read/watch.h"
#include "util/free.h"
#include "util/log.h"
#include "util/packet.h"

#define REQUEST_SEC 10 /* for the request to arrive */

/* Receives the request. REASON_REQUEST_INVALID if it is not valid. */
static int request_receive(int fd, struct read_request *ret_request, int *ret_picture_fd)
{
        static const struct timeval patience = {.tv_sec = REQUEST_SEC};
        _defer_(fd_close) int passed = -1;
        uint8_t packet[READ_PACKET_MAX];
        struct read_request request;
        size_t n_packet = 0;
        int r;

        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        r = packet_receive(fd, packet, sizeof(packet), &n_packet, &passed);
        if (r == -EBADMSG)
                return REASON_REQUEST_INVALID;
        if (r < 0)
                return r;
        if (read_request_decode(packet, n_packet, &request))
                return REASON_REQUEST_INVALID;
        if ((request.kind == READ_REQUEST_IMAGE) != (passed >= 0))
                return REASON_REQUEST_INVALID;
        *ret_request = request;
        *ret_picture_fd = fd_take(&passed);
        return 0;
}

static int reply_send(int fd, const struct read_reply *reply)
{
        uint8_t packet[READ_PACKET_MAX];
        size_t n_packet;

        if (read_reply_encode(reply, packet, &n_packet))
                return -EINVAL;
        return send(fd, packet, n_packet, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The watch itself notices that the far end has gone, so the result does not matter here. */
static void serve_on_progress(void *userdata, enum read_progress progress)
{
        struct read_reply reply = {.kind = READ_REPLY_PROGRESS, .progress = progress};

        (void)reply_send(*(const int *)userdata, &reply);
}

/* @r: how decoding ended. What came of a file that is cut short is searched, too. */
static int picture_search(const struct picture *picture, int r, struct search *search,
                          struct symbol *ret_symbol)
{
        int found;

        if (r < 0 && r != -ENOMEM)
                return REASON_IMAGE_UNREADABLE;
        if (r == 0)
                return search_still(search, picture, ret_symbol);
        if (r != REASON_IMAGE_TRUNCATED || picture->width == 0)
                return r;
        found = search_still(search, picture, ret_symbol);
        return found == REASON_IMAGE_NO_CODE || found == REASON_IMAGE_UNDECODABLE ? r : found;
}

int serve_picture(int fd, struct scanner *scanner, struct symbol *ret_symbol,
                  struct offer *ret_offer)
{
        _defer_(picture_done) struct picture picture = {.luma = NULL};
        _defer_(search_done) struct search search;
        int r;

        search_init(&search, scanner);
        (void)alarm(READ_IMAGE_SEC);
        r = image_read(&picture, fd);
        if (r < 0 && r != -ENOMEM)
                (void)log_errno(r, "Cannot read the picture");
        r = picture_search(&picture, r, &search, ret_symbol);
        (void)alarm(0);
        search_log(&search);
        if (r == REASON_SEVERAL_CODES)
                *ret_offer = search.offer;
        return r;
}

static int serve_camera(int fd, const struct read_request *request, struct scanner *scanner,
                        struct symbol *ret_symbol, struct offer *ret_offer)
{
        const struct watch watch = {.devices = request->devices,
                                    .seconds = request->seconds,
                                    .waiter_fd = fd,
                                    .on_progress = serve_on_progress,
                                    .userdata = &fd};

        return watch_cameras(&watch, scanner, ret_symbol, ret_offer);
}

static int serve_one(int fd, unsigned symbologies, struct symbol *ret_symbol,
                     struct offer *ret_offer)
{
        _defer_(scanner_free) struct scanner *scanner = NULL;
        _defer_(fd_close) int picture_fd = -1;
        struct read_request request;
        int r;

        r = request_receive(fd, &request, &picture_fd);
        if (r)
                return r;
        r = scanner_new(&scanner, symbologies);
        if (r < 0)
                return r;
        if (request.kind == READ_REQUEST_IMAGE)
                return serve_picture(picture_fd, scanner, ret_symbol, ret_offer);
        return serve_camera(fd, &request, scanner, ret_symbol, ret_offer);
}

/* What cannot be sent is noticed with the failure that follows. */
static void others_send(int fd, const struct offer *offer)
{
        for (size_t i = 0; i < offer->n; i++) {
                const struct read_reply reply = {.kind = READ_REPLY_ANOTHER,
                                                 .symbol = offer->symbols[i]};

                (void)reply_send(fd, &reply);
        }
}

int serve_request(int fd, unsigned symbologies)
{
        struct read_reply reply = {.kind = READ_REPLY_CODE};
        _defer_(offer_done) struct offer offer = {.n = 0};
        int r;

        r = serve_one(fd, symbologies, &reply.symbol, &offer);
        if (r < 0 && r != -ENOMEM)
                return r;
        if (r < 0)
                (void)log_errno(r, "Cannot look for a code");
        if (r == REASON_SEVERAL_CODES)
                others_send(fd, &offer);
        if (r != 0) {
                reply.kind = READ_REPLY_FAILURE;
                reply.reason = r > 0 ? (enum reason)r : REASON_INTERNAL;
        }
        return reply_send(fd, &reply);
}
