/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/beacon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/loop.h"

#define RUNNING_MAX 64 /* as many as the settings allow */

struct beacon {
        struct light *light;
        sd_event_source *timer;
        bool window; /* it is open */
        struct {
                char transaction[EVENT_TRANSACTION_CHARS + 1];
                bool has_code;
        } running[RUNNING_MAX];
        size_t n_running;
        enum light_sign passing; /* until the timer runs out; LIGHT_OFF: nothing */
};

/* What passes comes first, then what is done, then what is awaited. */
static void beacon_show(struct beacon *b)
{
        enum light_sign sign = b->window ? LIGHT_WAITING : LIGHT_OFF;

        for (size_t i = 0; i < b->n_running && sign != LIGHT_WORKING; i++)
                sign = b->running[i].has_code ? LIGHT_WORKING : LIGHT_WAITING;
        light_show(b->light, b->passing != LIGHT_OFF ? b->passing : sign);
}

static void beacon_pass(struct beacon *b, enum light_sign sign, unsigned ms)
{
        b->passing = sign;
        loop_rearm_timer(b->timer, ms);
}

static int beacon_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct beacon *b = userdata;

        (void)source;
        (void)usec;
        b->passing = LIGHT_OFF;
        beacon_show(b);
        return 0;
}

/* Where this transaction is, or would be. */
static size_t beacon_find(const struct beacon *b, const char *transaction)
{
        size_t i = 0;

        while (i < b->n_running && strcmp(b->running[i].transaction, transaction) != 0)
                i++;
        return i;
}

static void beacon_run(struct beacon *b, const struct event *event)
{
        size_t i = beacon_find(b, event->transaction);
        bool has_code = event->status == EVENT_PREVIEW || event->status == EVENT_PROGRESS;

        if (i == RUNNING_MAX)
                return;
        if (i == b->n_running) {
                memcpy(b->running[i].transaction, event->transaction, sizeof(event->transaction));
                b->running[i].has_code = false;
                b->n_running++;
        }
        if (has_code && !b->running[i].has_code)
                beacon_pass(b, LIGHT_READ, BEACON_READ_MS);
        b->running[i].has_code = b->running[i].has_code || has_code;
}

/* That nothing was shown to the camera, or that a person did not want any more, is no failure. */
static bool is_failure(const struct event *event)
{
        return event->status == EVENT_FAILED && event->reason != REASON_CANCELLED &&
               event->reason != REASON_STOPPING && event->reason != REASON_IMAGE_NO_CODE;
}

static void beacon_end(struct beacon *b, const struct event *event)
{
        size_t i = beacon_find(b, event->transaction);

        if (i < b->n_running)
                b->running[i] = b->running[--b->n_running];
        if (is_failure(event))
                beacon_pass(b, LIGHT_FAILED, BEACON_ENDED_MS);
        else if (event->status == EVENT_SUCCESSFUL)
                beacon_pass(b, LIGHT_DONE, BEACON_ENDED_MS);
}

static void beacon_on_event(void *userdata, const struct event *event)
{
        struct beacon *b = userdata;

        if (event->source == EVENT_SOURCE_RESUME)
                return;
        if (event_is_over(event))
                beacon_end(b, event);
        else
                beacon_run(b, event);
        beacon_show(b);
}

static void beacon_on_window_changed(void *userdata, int64_t until)
{
        struct beacon *b = userdata;

        b->window = until > 0;
        beacon_show(b);
}

struct face beacon_face(struct beacon *beacon)
{
        static const struct face_handler handler = {
                .on_event = beacon_on_event,
                .on_window_changed = beacon_on_window_changed,
        };

        return (struct face){&handler, beacon};
}

void beacon_refuse(struct beacon *beacon)
{
        beacon_pass(beacon, LIGHT_FAILED, BEACON_ENDED_MS);
        beacon_show(beacon);
}

int beacon_new(sd_event *event, struct light *light, struct beacon **ret_beacon)
{
        _defer_(beacon_free) struct beacon *b = calloc(1, sizeof(*b));
        int r;

        if (!b)
                return -ENOMEM;
        b->light = light;
        r = loop_add_timer(event, &b->timer, beacon_on_timer, b);
        if (r < 0)
                return r;
        *ret_beacon = take(b);
        return 0;
}

struct beacon *beacon_free(struct beacon *beacon)
{
        if (!beacon)
                return NULL;
        loop_drop(&beacon->timer);
        free(beacon);
        return NULL;
}
