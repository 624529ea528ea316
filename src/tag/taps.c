/* SPDX-License-Identifier: Apache-2.0 */

#include "tag/taps.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/packet.h"

struct taps {
        sd_event *event;
        struct sockaddr_un address;
        struct tap_request request;
        const struct taps_handler *handler;
        void *userdata;
        unsigned patience_ms;

        enum taps_state state;
        bool is_told; /* the state was reported once */
        unsigned pause_ms;
        sd_event_source *pause;

        /* the connection */
        int fd;
        sd_event_source *io, *deadline;
        uint64_t began_usec;   /* CLOCK_MONOTONIC */
        unsigned n_allowed;    /* reports, as of .counted_usec */
        uint64_t counted_usec; /* CLOCK_MONOTONIC */
};

static void taps_retry_later(struct taps *t);

static uint64_t taps_now_usec(const struct taps *t)
{
        uint64_t now = 0;

        (void)sd_event_now(t->event, CLOCK_MONOTONIC, &now);
        return now;
}

static void taps_set_state(struct taps *t, enum taps_state state, const char *name)
{
        if (t->is_told && t->state == state)
                return;
        t->state = state;
        t->is_told = true;
        t->handler->on_state(t->userdata, state, name);
}

static void taps_disconnect(struct taps *t)
{
        loop_drop(&t->io);
        loop_drop(&t->deadline);
        t->fd = fd_close(t->fd);
}

/* The process is of no use any more. One that has worked for a while is replaced soon. */
static void taps_give_up(struct taps *t)
{
        if (taps_now_usec(t) - t->began_usec >= TAPS_PAUSE_MAX_MS * UINT64_C(1000))
                t->pause_ms = TAPS_PAUSE_MS;
        taps_disconnect(t);
        taps_set_state(t, TAPS_UNAVAILABLE, "");
        taps_retry_later(t);
}

/* Whether there may be one more: what was not used before counts only up to TAPS_BURST. */
static bool taps_may_report(struct taps *t)
{
        uint64_t n = (taps_now_usec(t) - t->counted_usec) / (TAPS_EVERY_MS * 1000);

        t->counted_usec += n * TAPS_EVERY_MS * 1000;
        t->n_allowed = n < TAPS_BURST - t->n_allowed ? t->n_allowed + (unsigned)n : TAPS_BURST;
        if (t->n_allowed == 0)
                return false;
        t->n_allowed--;
        return true;
}

static int taps_on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        log_warning("The NFC reader service is silent; it is abandoned");
        taps_give_up(userdata);
        return 0;
}

/* Whether the conversation goes on. */
static bool taps_take(struct taps *t, const struct tap *tap)
{
        switch (tap->kind) {
        case TAP_READER:
                if (!taps_may_report(t))
                        return false;
                taps_set_state(t, tap->name[0] ? TAPS_READY : TAPS_MISSING, tap->name);
                return true;
        case TAP_CODE:
                if (t->state != TAPS_READY || !taps_may_report(t))
                        return false;
                t->handler->on_code(t->userdata, tap->code, tap->n_code);
                return true;
        case TAP_FAILURE:
                if (t->state != TAPS_READY || !taps_may_report(t))
                        return false;
                t->handler->on_failed(t->userdata, tap->reason);
                return true;
        case TAP_ALIVE:
                return true;
        }
        return false;
}

/* What came; it may hold a code, so it is wiped. */
struct arrival {
        uint8_t packet[TAP_PACKET_MAX];
        struct tap tap;
};

static void arrival_wipe_deferred(struct arrival *arrival)
{
        explicit_bzero(arrival, sizeof(*arrival));
}

static int taps_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        _defer_(arrival_wipe) struct arrival arrival;
        struct taps *t = userdata;
        ssize_t n;

        (void)source;
        (void)events;
        n = recv(fd, arrival.packet, sizeof(arrival.packet), MSG_TRUNC | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n <= 0) {
                log_warning("The NFC reader service has ended%s%s", n < 0 ? ": " : "",
                            n < 0 ? strerror(errno) : "");
                taps_give_up(t);
                return 0;
        }
        loop_rearm_timer(t->deadline, t->patience_ms);
        if ((size_t)n > sizeof(arrival.packet) ||
            tap_decode(arrival.packet, (size_t)n, &arrival.tap) || !taps_take(t, &arrival.tap)) {
                log_warning("The NFC reader service violated the protocol");
                taps_give_up(t);
        }
        return 0;
}

static int taps_connect(struct taps *t)
{
        uint8_t packet[TAP_PACKET_MAX];
        size_t n_packet;
        int r;

        t->began_usec = taps_now_usec(t);
        t->counted_usec = t->began_usec;
        t->n_allowed = TAPS_BURST;
        r = packet_connect(&t->address, &t->fd);
        if (r != 0)
                return r == PACKET_E_UNREACHABLE ? -errno : r;
        if (tap_request_encode(&t->request, packet, &n_packet))
                return -EINVAL;
        r = packet_send(t->fd, packet, n_packet, -1);
        if (r < 0)
                return r;
        r = sd_event_add_io(t->event, &t->io, t->fd, EPOLLIN, taps_on_io, t);
        if (r < 0)
                return r;
        return loop_arm_timer(t->event, &t->deadline, t->patience_ms, taps_on_deadline, t);
}

static int taps_on_pause(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct taps *t = userdata;
        int r;

        (void)source;
        (void)usec;
        r = taps_connect(t);
        if (r == 0)
                return 0;
        if (!t->is_told || t->state != TAPS_UNAVAILABLE)
                log_info("Cannot connect to the NFC reader service at %s: %s", t->address.sun_path,
                         strerror(-r));
        taps_disconnect(t);
        taps_set_state(t, TAPS_UNAVAILABLE, "");
        if (r == -ENOENT || r == -ECONNREFUSED)
                t->pause_ms = TAPS_PAUSE_MS; /* looking for the socket costs nothing */
        taps_retry_later(t);
        return 0;
}

static void taps_retry_later(struct taps *t)
{
        loop_rearm_timer(t->pause, t->pause_ms);
        t->pause_ms = t->pause_ms < TAPS_PAUSE_MAX_MS / 2 ? 2 * t->pause_ms : TAPS_PAUSE_MAX_MS;
}

int taps_new(sd_event *event, const char *socket_path, const char *device,
             const struct taps_handler *handler, void *userdata, struct taps **ret_taps)
{
        _defer_(taps_free) struct taps *t = NULL;
        int r;

        if (strlen(socket_path) >= sizeof(t->address.sun_path))
                return -ENAMETOOLONG;
        if (device[0] && !address_is_nfc(device, strlen(device)))
                return -EINVAL;
        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        t->fd = -1;
        t->event = sd_event_ref(event);
        t->address.sun_family = AF_UNIX;
        memcpy(t->address.sun_path, socket_path, strlen(socket_path));
        memcpy(t->request.device, device, strlen(device));
        t->handler = handler;
        t->userdata = userdata;
        t->patience_ms = TAPS_PATIENCE_MS;
        t->pause_ms = TAPS_PAUSE_MS;
        r = loop_add_timer(event, &t->pause, taps_on_pause, t);
        if (r < 0)
                return r;
        loop_rearm_timer(t->pause, 0);
        *ret_taps = take(t);
        return 0;
}

struct taps *taps_free(struct taps *taps)
{
        if (!taps)
                return NULL;
        taps_disconnect(taps);
        loop_drop(&taps->pause);
        (void)sd_event_unref(taps->event);
        free(taps);
        return NULL;
}

void taps_set_patience(struct taps *taps, unsigned milliseconds)
{
        taps->patience_ms = milliseconds;
}
