/* SPDX-License-Identifier: Apache-2.0 */

#include "tag/station.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "tag/tap.h"
#include "util/log.h"

#define REQUEST_MS    10000 /* for the request to arrive */
#define LOOK_MS       200   /* between two looks for a tag */
#define OPEN_MS       2000  /* between two looks for the reader */
#define READ_ATTEMPTS 3
#define RETURN_LOOKS  5 /* for a tag that was lost while it was read */

/* --- tags --- */

int station_look(struct station *s)
{
        int r = chip_look(s->chip, &s->target);

        if (r < 0) {
                s->chip = chip_close(s->chip);
                presence_forget(&s->presence);
                return r;
        }
        if (r == 0) {
                presence_miss(&s->presence);
                return 0;
        }
        return presence_see(&s->presence, s->target.uid, s->target.n_uid);
}

/* Whether the tag is there again, at one of the next looks. */
static bool station_find_again(struct station *s)
{
        for (unsigned i = 0; i < RETURN_LOOKS && s->chip; i++) {
                (void)station_look(s);
                if (s->chip && s->presence.is_there && s->presence.n_missed == 0)
                        return true;
        }
        return false;
}

enum reason station_read(struct station *s, uint8_t code[TEXT_CHARS_MAX], size_t *ret_n_code)
{
        struct air air;
        int r;

        for (unsigned i = 0; i < READ_ATTEMPTS; i++) {
                air = chip_air(s->chip);
                r = tag_read(s->target.kind, &air, code, ret_n_code);
                if (r == 0)
                        return REASON_NONE;
                if (r < 0) {
                        s->chip = chip_close(s->chip);
                        presence_forget(&s->presence);
                        return REASON_NFC_MISSING;
                }
                if (r != TAG_SILENT)
                        return tag_reason(r);
                if (station_find_again(s))
                        continue;
                presence_forget(&s->presence);
                return s->chip ? REASON_TAG_REMOVED : REASON_NFC_MISSING;
        }
        return REASON_TAG_UNREADABLE;
}

/* --- the conversation --- */

struct conversation {
        struct station station;
        struct tap_request request;
        int fd;
        uint64_t said_ms; /* when it said something last */
        bool is_missing_said;
};

static uint64_t now_ms(void)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A hub that does not take the packet hangs. */
static int say(struct conversation *c, const struct tap *tap)
{
        uint8_t packet[TAP_PACKET_MAX];
        size_t n_packet;
        int r = 0;

        if (tap_encode(tap, packet, &n_packet))
                return -EPROTO;
        if (send(c->fd, packet, n_packet, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
                r = -errno;
        explicit_bzero(packet, sizeof(packet));
        c->said_ms = now_ms();
        return r;
}

static int say_reader(struct conversation *c, const char *name)
{
        struct tap tap = {.kind = TAP_READER};
        size_t n = 0;

        for (; *name && n < TAP_NAME_MAX; name++)
                if (*name >= ' ' && *name <= '~')
                        tap.name[n++] = *name;
        c->is_missing_said = n == 0;
        return say(c, &tap);
}

static int say_missing(struct conversation *c)
{
        return c->is_missing_said ? 0 : say_reader(c, "");
}

static int conversation_open(struct conversation *c)
{
        int r = chip_open(c->request.device, &c->station.chip);

        if (r == 0)
                return say_reader(c, chip_name(c->station.chip));
        return r == CHIP_E_MISSING ? say_missing(c) : r;
}

static int conversation_tap(struct conversation *c)
{
        struct tap tap;
        enum reason why;
        int r;

        memset(&tap, 0, sizeof(tap));
        why = station_read(&c->station, tap.code, &tap.n_code);
        tap.kind = why == REASON_NONE ? TAP_CODE : TAP_FAILURE;
        tap.reason = why;
        r = why == REASON_NFC_MISSING ? say_missing(c) : say(c, &tap);
        explicit_bzero(&tap, sizeof(tap));
        return r;
}

/* One turn. */
static int conversation_turn(struct conversation *c)
{
        int r;

        (void)alarm(TAP_HANG_SEC);
        (void)sd_notify(false, "WATCHDOG=1");
        if (!c->station.chip)
                r = conversation_open(c);
        else if ((r = station_look(&c->station)) < 0)
                r = say_missing(c);
        else if (r > 0)
                r = conversation_tap(c);
        if (c->station.chip)
                chip_rest(c->station.chip);
        if (r == 0 && now_ms() - c->said_ms >= TAP_ALIVE_SEC * 1000 / 2)
                r = say(c, &(const struct tap){.kind = TAP_ALIVE});
        return r;
}

/* Whether something has come within @ms, the end included. 1, 0 or -errno. */
static int wait_for_hub(int fd, int ms)
{
        struct pollfd hub = {.fd = fd, .events = POLLIN};
        int r = poll(&hub, 1, ms);

        return r < 0 && errno != EINTR ? -errno : r > 0;
}

static int conversation_begin(struct conversation *c)
{
        uint8_t packet[TAP_PACKET_MAX];
        ssize_t n;
        int r;

        r = wait_for_hub(c->fd, REQUEST_MS);
        if (r <= 0)
                return r < 0 ? r : -ETIMEDOUT;
        n = recv(c->fd, packet, sizeof(packet), MSG_TRUNC | MSG_DONTWAIT);
        if (n < 0)
                return -errno;
        if (n == 0)
                return -ECONNRESET;
        if ((size_t)n > sizeof(packet) || tap_request_decode(packet, (size_t)n, &c->request)) {
                r = say(c,
                        &(const struct tap){.kind = TAP_FAILURE, .reason = REASON_REQUEST_INVALID});
                return r < 0 ? r : -EPROTO;
        }
        return 0;
}

int station_serve(int fd)
{
        struct conversation c = {.fd = fd};
        int r;

        r = conversation_begin(&c);
        while (r == 0) {
                r = conversation_turn(&c);
                if (r == 0)
                        r = wait_for_hub(fd, c.station.chip ? LOOK_MS : OPEN_MS);
        }
        c.station.chip = chip_close(c.station.chip);
        (void)alarm(0);
        return r < 0 ? r : 0; /* the hub says nothing more, so what has come is its end */
}
