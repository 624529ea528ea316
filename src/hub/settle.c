/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/settle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define FIRST_MS 2000         /* after the start */
#define MIN_MS   (60 * 1000)  /* between two rounds */
#define MAX_MS   (960 * 1000) /* it doubles while nothing comes of them */

/* One device that is looked for. */
struct resume {
        struct settle *settle;
        struct resume *next;
        struct enrollment *enrollment;
};

struct settle {
        struct settle_means means;
        const struct settle_handler *handler;
        void *userdata;
        sd_event_source *round;
        uint64_t pause_ms; /* until the next round */
        struct resume *resumes;
        char last[STORE_NAME_SIZE]; /* the device that was begun last */
};

static void resume_remove(struct resume *resume)
{
        for (struct resume **at = &resume->settle->resumes; *at; at = &(*at)->next)
                if (*at == resume) {
                        *at = resume->next;
                        break;
                }
        resume->enrollment = enrollment_free(resume->enrollment);
        free(resume);
}

static struct resume *settle_find(const struct settle *s,
                                  const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        for (struct resume *resume = s->resumes; resume; resume = resume->next)
                if (memcmp(enrollment_device(resume->enrollment)->device_id, device_id,
                           STORE_DEVICE_ID_BYTES) == 0)
                        return resume;
        return NULL;
}

static size_t settle_count(const struct settle *s)
{
        size_t n = 0;

        for (const struct resume *resume = s->resumes; resume; resume = resume->next)
                n++;
        return n;
}

/* --- the enrollment --- */

/* Looking for a device that is not there is no news; that somebody else has it is. */
static void settle_on_event(void *userdata, const struct event *event)
{
        struct resume *resume = userdata;

        if (event->status == EVENT_SUCCESSFUL || event->reason == REASON_DEVICE_OWNED)
                herald_event(resume->settle->means.herald, event);
        else
                log_debug("%s: %s", event->device ? event->device : "device", event->text);
}

static void settle_on_committed(void *userdata, const struct plan *plan)
{
        struct settle *s = ((struct resume *)userdata)->settle;

        s->handler->on_committed(s->userdata, plan);
}

static void settle_on_owned(void *userdata, struct meeting *meeting_take, const struct plan *plan)
{
        struct settle *s = ((struct resume *)userdata)->settle;

        s->handler->on_owned(s->userdata, meeting_take, plan);
}

static void settle_on_dropped(void *userdata, const struct store_device *device)
{
        struct settle *s = ((struct resume *)userdata)->settle;

        s->handler->on_dropped(s->userdata, device);
}

static void settle_on_ended(void *userdata, enum reason why)
{
        struct resume *resume = userdata;
        struct herald *herald = resume->settle->means.herald;

        if (why == REASON_NONE)
                resume->settle->pause_ms = MIN_MS;
        resume_remove(resume);
        herald_info_changed(herald);
}

static const struct enrollment_handler settle_enrollment_handler = {
        .on_event = settle_on_event,
        .on_committed = settle_on_committed,
        .on_owned = settle_on_owned,
        .on_dropped = settle_on_dropped,
        .on_ended = settle_on_ended,
};

static void settle_begin(struct settle *s, const struct store_device *device)
{
        struct resume *resume = calloc(1, sizeof(*resume));
        int r;

        r = resume ? enrollment_new_resume(&s->means.means->enrollment, device,
                                           &settle_enrollment_handler, resume, &resume->enrollment)
                   : -ENOMEM;
        if (r < 0) {
                if (r != -EBADMSG) /* of that the log has the reason */
                        (void)log_errno(r, "%s: its enrollment cannot be finished", device->name);
                free(resume);
                return;
        }
        resume->settle = s;
        resume->next = s->resumes;
        s->resumes = resume;
}

/* --- rounds --- */

/* The devices that a round has tried to begin, each of them once. */
struct round {
        uint8_t tried[SETTLE_AT_ONCE][STORE_DEVICE_ID_BYTES];
        size_t n_tried;
};

static bool round_has(const struct round *round, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        for (size_t i = 0; i < round->n_tried; i++)
                if (memcmp(round->tried[i], device_id, STORE_DEVICE_ID_BYTES) == 0)
                        return true;
        return false;
}

/*
 * Looks for a device that has not confirmed yet and is nobody's business now: the next by name
 * after the last one that was begun, else the first.
 */
struct unsettled {
        struct settle *settle;
        const struct round *round;
        bool any, next; /* what has been found */
        struct store_device device;
};

static int settle_pick(void *userdata, const struct store_device *device)
{
        struct unsettled *u = userdata;
        struct settle *s = u->settle;

        if (device->kind != STORE_ENROLLED || device->ownership.settled ||
            device->ownership.n_resume == 0 || round_has(u->round, device->device_id) ||
            settle_find(s, device->device_id) ||
            s->handler->is_taken(s->userdata, device->device_id))
                return 0;
        u->next = strcmp(device->name, s->last) > 0;
        if (u->next || !u->any)
                u->device = *device;
        u->any = true;
        return u->next;
}

/* Begins the next device that this round has not tried; false if there is none. */
static bool settle_begin_next(struct settle *s, struct round *round)
{
        _defer_(free) struct unsettled *u = calloc(1, sizeof(*u));
        int r;

        if (!u)
                return false;
        u->settle = s;
        u->round = round;
        r = store_each_device(s->means.means->store, settle_pick, u);
        if (r < 0)
                (void)log_errno(r, "Cannot look for devices that have not confirmed");
        if (r < 0 || !u->any)
                return false;
        if (round->n_tried == 0)
                means_load_issuers(s->means.means);
        memcpy(s->last, u->device.name, STORE_NAME_SIZE);
        memcpy(round->tried[round->n_tried++], u->device.device_id, STORE_DEVICE_ID_BYTES);
        settle_begin(s, &u->device);
        return true;
}

static int settle_on_round(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct round round = {.n_tried = 0};
        struct settle *s = userdata;

        (void)usec;
        while (settle_count(s) < SETTLE_AT_ONCE && round.n_tried < SETTLE_AT_ONCE &&
               settle_begin_next(s, &round))
                ;
        loop_rearm_timer(source, s->pause_ms);
        if (s->pause_ms < MAX_MS)
                s->pause_ms *= 2;
        return 0;
}

void settle_yield(struct settle *settle, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct resume *resume = settle_find(settle, device_id);

        settle->pause_ms = MIN_MS;
        loop_rearm_timer(settle->round, settle->pause_ms);
        if (resume)
                enrollment_yield(resume->enrollment);
}

/* --- beginning and end --- */

int settle_new(const struct settle_means *means, const struct settle_handler *handler,
               void *userdata, struct settle **ret_settle)
{
        _defer_(settle_free) struct settle *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return -ENOMEM;
        s->means = *means;
        s->handler = handler;
        s->userdata = userdata;
        s->pause_ms = MIN_MS;
        r = loop_add_timer(means->event, &s->round, settle_on_round, s);
        if (r < 0)
                return r;
        loop_rearm_timer(s->round, FIRST_MS);
        *ret_settle = take(s);
        return 0;
}

struct settle *settle_free(struct settle *settle)
{
        if (!settle)
                return NULL;
        loop_drop(&settle->round);
        while (settle->resumes)
                resume_remove(settle->resumes);
        free(settle);
        return NULL;
}
