/* SPDX-License-Identifier: Apache-2.0 */

#include "read/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "read/offer.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/packet.h"

#define USEC_PER_SEC UINT64_C(1000000)
#define RESTARTS_MAX 3 /* for one request: a picture that kills the reader may still be in view */

struct reader {
        sd_event *event;
        struct sockaddr_un address;
        const struct reader_handler *handler;
        void *userdata;
        unsigned grace_sec;

        /* the running request */
        struct read_request request;
        unsigned n_restarts;
        uint64_t until_usec; /* CLOCK_MONOTONIC, without the grace */
        int fd;
        sd_event_source *io, *deadline;
        uint64_t began_usec; /* CLOCK_MONOTONIC */
        uint64_t n_told[READ_PROGRESS_MAX];
        size_t n_others;
};

/* The content of a packet. A code holds the device's secret, so it is wiped after it has been
 * passed on. It is not kept in the reader, which may have been freed by then. */
struct answer {
        uint8_t packet[READ_PACKET_MAX];
        struct read_reply reply;
};

static void answer_wipe_deferred(struct answer *answer)
{
        explicit_bzero(answer, sizeof(*answer));
}

int reader_new(struct reader **ret_reader, sd_event *event, const char *socket_path,
               const struct reader_handler *handler, void *userdata)
{
        struct reader *r;

        if (strlen(socket_path) >= sizeof(r->address.sun_path))
                return -ENAMETOOLONG;
        r = calloc(1, sizeof(*r));
        if (!r)
                return -ENOMEM;
        r->event = sd_event_ref(event);
        r->address.sun_family = AF_UNIX;
        memcpy(r->address.sun_path, socket_path, strlen(socket_path));
        r->handler = handler;
        r->userdata = userdata;
        r->grace_sec = READER_GRACE_SEC;
        r->fd = -1;
        *ret_reader = r;
        return 0;
}

struct reader *reader_free(struct reader *r)
{
        if (!r)
                return NULL;
        reader_cancel(r);
        sd_event_unref(r->event);
        free(r);
        return NULL;
}

void reader_cancel(struct reader *r)
{
        loop_drop(&r->io);
        loop_drop(&r->deadline);
        r->fd = fd_close(r->fd);
}

void reader_set_grace(struct reader *r, unsigned seconds)
{
        r->grace_sec = seconds;
}

bool reader_is_busy(const struct reader *r)
{
        return r->fd >= 0;
}

static void reader_fail(struct reader *r, enum reason why)
{
        reader_cancel(r);
        r->handler->on_failed(r->userdata, why);
}

static void reader_finish(struct reader *r, const struct symbol *symbol)
{
        reader_cancel(r);
        r->handler->on_code(r->userdata, symbol->symbology, symbol->bytes, symbol->n_bytes);
}

static uint64_t reader_now_usec(const struct reader *r)
{
        uint64_t now = 0;

        (void)sd_event_now(r->event, CLOCK_MONOTONIC, &now);
        return now;
}

/*
 * Whether this progress may be reported once more. It is counted from the beginning, because
 * reports that were made in their time may reach a busy hub together.
 */
static bool reader_may_tell(struct reader *r, enum read_progress progress)
{
        return r->n_told[progress]++ <= (reader_now_usec(r) - r->began_usec) / READ_PROGRESS_USEC;
}

static void reader_violated(struct reader *r)
{
        log_warning("The code reader violated the protocol");
        reader_fail(r, REASON_READER_UNAVAILABLE);
}

static void reader_take(struct reader *r, struct answer *answer, size_t n_packet)
{
        const struct read_reply *reply = &answer->reply;

        if (n_packet > READ_PACKET_MAX ||
            read_reply_decode(answer->packet, n_packet, &answer->reply)) {
                reader_violated(r);
                return;
        }
        switch (reply->kind) {
        case READ_REPLY_PROGRESS:
                if (reader_may_tell(r, reply->progress))
                        r->handler->on_progress(r->userdata, reply->progress);
                else
                        reader_violated(r);
                break;
        case READ_REPLY_ANOTHER:
                if (r->n_others++ < OFFER_MAX)
                        r->handler->on_another(r->userdata, reply->symbol.bytes,
                                               reply->symbol.n_bytes);
                else
                        reader_violated(r);
                break;
        case READ_REPLY_CODE:
                reader_finish(r, &reply->symbol);
                break;
        case READ_REPLY_FAILURE:
                reader_fail(r, reply->reason);
                break;
        }
}

static int reader_begin(struct reader *r, const struct read_request *request, int picture_fd);

/*
 * A reader of camera frames that has died is replaced, for the person still stands in front of the
 * camera. False if it may not be, or cannot.
 */
static bool reader_restart(struct reader *r)
{
        uint64_t now = reader_now_usec(r);

        if (r->request.kind != READ_REQUEST_CAMERA || r->n_restarts == RESTARTS_MAX ||
            now + USEC_PER_SEC > r->until_usec)
                return false;
        reader_cancel(r);
        r->n_restarts++;
        r->request.seconds = (uint16_t)((r->until_usec - now) / USEC_PER_SEC);
        if (reader_begin(r, &r->request, -1) != 0)
                return false;
        log_info("The code reader was started again");
        return true;
}

/* Receives one packet. There is no room for descriptors, so the kernel drops any that come with it.
 */
static void reader_receive(struct reader *r)
{
        _defer_(answer_wipe) struct answer answer;
        ssize_t n;

        n = recv(r->fd, answer.packet, sizeof(answer.packet), MSG_TRUNC | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return;
        if (n < 0)
                (void)log_errno(-errno, "Cannot receive from the code reader");
        if (n == 0)
                log_warning("The code reader ended without an answer");
        if (n <= 0) {
                if (!reader_restart(r))
                        reader_fail(r, REASON_READER_UNAVAILABLE);
                return;
        }
        reader_take(r, &answer, (size_t)n);
}

static int reader_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        (void)source;
        (void)fd;
        (void)events;
        reader_receive(userdata);
        return 0;
}

static int reader_on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        log_warning("The code reader timed out");
        reader_fail(userdata, REASON_READER_UNAVAILABLE);
        return 0;
}

/* A reader that cannot be reached is an outcome; anything else is a failure. */
static int reader_connect(struct reader *r)
{
        int e = packet_connect(&r->address, &r->fd);

        if (e == PACKET_E_UNREACHABLE) {
                (void)log_errno(-errno, "Cannot connect to the code reader at %s",
                                r->address.sun_path);
                return REASON_READER_UNAVAILABLE;
        }
        if (e < 0)
                return e;
        r->began_usec = reader_now_usec(r);
        memset(r->n_told, 0, sizeof(r->n_told));
        r->n_others = 0;
        return 0;
}

static int reader_send(struct reader *r, const uint8_t *packet, size_t n_packet, int picture_fd)
{
        int e = packet_send(r->fd, packet, n_packet, picture_fd);

        if (e != -EPIPE && e != -ECONNRESET)
                return e;
        (void)log_errno(e, "The code reader ended before it was asked"); /* as it began */
        return REASON_READER_UNAVAILABLE;
}

static int reader_begin(struct reader *r, const struct read_request *request, int picture_fd)
{
        unsigned patience = r->grace_sec + (picture_fd >= 0 ? READ_IMAGE_SEC : request->seconds);
        uint8_t packet[READ_PACKET_MAX];
        size_t n_packet;
        int e;

        if (read_request_encode(request, packet, &n_packet))
                return -EINVAL;
        e = reader_connect(r);
        if (e)
                return e;
        e = reader_send(r, packet, n_packet, picture_fd);
        if (e)
                return e;
        e = sd_event_add_io(r->event, &r->io, r->fd, EPOLLIN, reader_on_io, r);
        if (e < 0)
                return e;
        return loop_arm_timer(r->event, &r->deadline, patience * UINT64_C(1000), reader_on_deadline,
                              r);
}

static int reader_start(struct reader *r, const struct read_request *request, int picture_fd)
{
        int e;

        if (reader_is_busy(r))
                return -EBUSY;
        r->request = *request;
        r->n_restarts = 0;
        r->until_usec = reader_now_usec(r) + request->seconds * USEC_PER_SEC;
        e = reader_begin(r, request, picture_fd);
        if (e)
                reader_cancel(r);
        return e;
}

int reader_image(struct reader *r, int picture_fd)
{
        const struct read_request request = {.kind = READ_REQUEST_IMAGE};

        if (picture_fd < 0)
                return -EBADF;
        return reader_start(r, &request, picture_fd);
}

int reader_camera(struct reader *r, const char *devices, unsigned seconds)
{
        struct read_request request = {.kind = READ_REQUEST_CAMERA};
        size_t n_devices;

        if (strcmp(devices, "auto") == 0)
                devices = "";
        n_devices = strlen(devices);
        if (seconds > READ_SECONDS_MAX || n_devices > READ_DEVICES_MAX)
                return -EINVAL;
        request.seconds = (uint16_t)seconds;
        memcpy(request.devices, devices, n_devices);
        return reader_start(r, &request, -1);
}
