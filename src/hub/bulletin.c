/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/bulletin.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-daemon.h>

#include "util/free.h"
#include "util/loop.h"
#include "util/time.h"

#define SOON_MS 500 /* after a change: many in a row make one line */

struct bulletin {
        struct api_backend backend;
        sd_event_source *turn;
        uint64_t broker_left_usec; /* 0: it is there, or was never there */
        bool broker_was_there;
        char said[BULLETIN_SIZE];
};

/* --- the line --- */

/* The line as far as it is made. */
struct line {
        char *text;
        size_t n;
};

/* Adds a part, all of it or nothing; there is room left for the full stop. */
__attribute__((format(printf, 2, 3))) static void add(struct line *line, const char *format, ...)
{
        size_t room = BULLETIN_SIZE - 1 - line->n;
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vsnprintf(line->text + line->n, room, format, arguments);
        va_end(arguments);
        if (n >= 0 && (size_t)n < room)
                line->n += (size_t)n;
        line->text[line->n] = '\0';
}

static void add_work(struct line *line, const struct api_status *s)
{
        for (size_t i = 0; i < s->n_enrollments; i++)
                add(line, "; enrolling %s (%s)",
                    s->enrollments[i].device ? s->enrollments[i].device : "a device",
                    event_step_title(s->enrollments[i].step));
        if (s->scan_until > 0)
                add(line, "; looking for a code");
        if (s->n_unsettled > 0)
                add(line, "; %u enrollment%s unfinished", s->n_unsettled,
                    s->n_unsettled == 1 ? "" : "s");
}

static void add_broker(struct line *line, const struct api_status *s, int64_t since)
{
        char when[TIME_TEXT_SIZE];

        if (s->broker_state == REASON_NONE)
                return;
        add(line, "; %s",
            s->broker_state == REASON_BROKER_LOGIN_REFUSED ? "the MQTT broker refuses the login"
                                                           : "no MQTT broker");
        if (since > 0)
                add(line, " since %s", time_text(since, when));
        if (s->n_outbox > 0)
                add(line, ", %u message%s waiting", s->n_outbox, s->n_outbox == 1 ? "" : "s");
}

static void add_radio(struct line *line, const struct api_status *s)
{
        bool works = s->bluetooth_state == REASON_NONE;

        if (!works && s->bluetooth_state != REASON_BLUETOOTH_DISABLED)
                add(line, "; no Bluetooth (%s)", reason_code(s->bluetooth_state));
        for (size_t i = 0; works && i < s->n_adapters; i++)
                if (s->adapters[i].state != REASON_NONE)
                        add(line, "; no %s (%s)", s->adapters[i].name,
                            reason_code(s->adapters[i].state));
        for (size_t i = 0; i < s->n_ports; i++)
                if (s->ports[i].state != REASON_NONE)
                        add(line, "; no %s (%s)", s->ports[i].address,
                            reason_code(s->ports[i].state));
}

void bulletin_text(const struct api_status *status, int64_t broker_since,
                   char ret_text[BULLETIN_SIZE])
{
        struct line line = {.text = ret_text};

        add(&line, "Ready: %u device%s", status->n_devices, status->n_devices == 1 ? "" : "s");
        add_work(&line, status);
        add_broker(&line, status, broker_since);
        add_radio(&line, status);
        (void)snprintf(line.text + line.n, BULLETIN_SIZE - line.n, ".");
}

/* --- when it is made --- */

/* Notes when the broker goes; that it is not there yet at the start is no news. */
static void bulletin_follow_broker(struct bulletin *b, enum reason broker)
{
        if (broker == REASON_NONE) {
                b->broker_was_there = true;
                b->broker_left_usec = 0;
        } else if (b->broker_was_there && b->broker_left_usec == 0) {
                b->broker_left_usec = time_now_usec();
        }
}

static int bulletin_on_turn(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct bulletin *b = userdata;
        struct api_status status;
        char text[BULLETIN_SIZE];

        (void)source;
        (void)usec;
        b->backend.handler->on_status(b->backend.userdata, &status);
        bulletin_follow_broker(b, status.broker_state);
        bulletin_text(&status, b->broker_left_usec ? time_shown(b->broker_left_usec) : 0, text);
        if (strcmp(text, b->said) == 0)
                return 0;
        memcpy(b->said, text, sizeof(text));
        (void)sd_notifyf(false, "STATUS=%s", text);
        return 0;
}

static void bulletin_on_change(void *userdata)
{
        struct bulletin *b = userdata;

        if (!loop_is_armed(b->turn))
                loop_rearm_timer(b->turn, SOON_MS);
}

static void bulletin_on_event(void *userdata, const struct event *event)
{
        (void)event;
        bulletin_on_change(userdata);
}

static void bulletin_on_condition(void *userdata, enum reason reason, bool on)
{
        (void)reason;
        (void)on;
        bulletin_on_change(userdata);
}

static const struct face_handler bulletin_face_handler = {
        .on_event = bulletin_on_event,
        .on_devices_changed = bulletin_on_change,
        .on_condition = bulletin_on_condition,
        .on_info_changed = bulletin_on_change,
};

struct face bulletin_face(struct bulletin *bulletin)
{
        return (struct face){&bulletin_face_handler, bulletin};
}

int bulletin_new(sd_event *event, const struct api_backend *backend, struct bulletin **ret_bulletin)
{
        _defer_(bulletin_free) struct bulletin *b = calloc(1, sizeof(*b));
        int r;

        if (!b)
                return -ENOMEM;
        b->backend = *backend;
        r = loop_add_timer(event, &b->turn, bulletin_on_turn, b);
        if (r < 0)
                return r;
        loop_rearm_timer(b->turn, 0);
        *ret_bulletin = take(b);
        return 0;
}

struct bulletin *bulletin_free(struct bulletin *bulletin)
{
        if (!bulletin)
                return NULL;
        loop_drop(&bulletin->turn);
        free(bulletin);
        return NULL;
}
