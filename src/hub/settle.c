/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/settle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "contact/vigil.h"
#include "contact/schedule.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"

/* One device whose enrollment the hub has to finish. */
struct unfinished {
        struct settle *settle;
        struct unfinished *next;
        uint8_t device_id[STORE_DEVICE_ID_BYTES], adv_key[KDF_KEY_BYTES];
        char name[STORE_NAME_SIZE];
        struct schedule schedule;
        struct enrollment *enrollment; /* NULL unless it goes on now */
        bool is_heard;                 /* it waits until there is room for it */
        bool is_unsettled;             /* the store said so when it was read last */
};

struct settle {
        struct settle_means means;
        const struct settle_handler *handler;
        void *userdata;
        struct vigil *vigil;
        sd_event_source *turn;
        unsigned n_arrivals; /* adapters_n_arrivals() when it was looked at last */
        struct unfinished *first;
};

static struct unfinished *settle_find(const struct settle *s,
                                      const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        for (struct unfinished *u = s->first; u; u = u->next)
                if (memcmp(u->device_id, device_id, STORE_DEVICE_ID_BYTES) == 0)
                        return u;
        return NULL;
}

static size_t settle_count(const struct settle *s)
{
        size_t n = 0;

        for (const struct unfinished *u = s->first; u; u = u->next)
                n += u->enrollment != NULL;
        return n;
}

/* --- whose turn it is --- */

/* Whether one of them can go on now that had to wait for the others. */
static bool settle_has_next(const struct settle *s)
{
        const struct unfinished *u = s->first;

        while (u && !u->is_heard)
                u = u->next;
        return u && settle_count(s) < SETTLE_AT_ONCE;
}

/* Listens while one of them is looked for, and sleeps until there is something else to do. */
static void settle_arm(struct settle *s)
{
        uint64_t next = UINT64_MAX, now = time_now_usec();
        bool looks = false;

        for (struct unfinished *u = s->first; u; u = u->next) {
                if (u->enrollment)
                        continue;
                looks = looks || u->schedule.looks;
                if (u->schedule.next < next)
                        next = u->schedule.next;
        }
        if (settle_has_next(s))
                next = now;
        vigil_set_zeal(s->vigil, looks ? VIGIL_EAGER : VIGIL_ALONG);
        if (next == UINT64_MAX)
                loop_disarm(s->turn);
        else
                loop_rearm_timer(s->turn, next > now ? (next - now) / 1000 + 1 : 0);
        herald_info_changed(s->means.herald);
}

/* --- which enrollments are unfinished --- */

static void unfinished_free(struct unfinished *u)
{
        u->enrollment = enrollment_free(u->enrollment);
        sodium_memzero(u->adv_key, sizeof(u->adv_key));
        free(u);
}

static int settle_note(void *userdata, const struct store_device *device)
{
        struct settle *s = userdata;
        struct unfinished *u = settle_find(s, device->device_id);

        if (device->ownership.n_resume == 0)
                return 0;
        if (!u) {
                u = calloc(1, sizeof(*u));
                if (!u)
                        return -ENOMEM;
                u->settle = s;
                memcpy(u->device_id, device->device_id, sizeof(u->device_id));
                schedule_init(&u->schedule, time_now_usec());
                u->next = s->first;
                s->first = u;
        }
        memcpy(u->adv_key, device->ownership.adv_key, sizeof(u->adv_key));
        memcpy(u->name, device->name, sizeof(u->name));
        u->is_unsettled = true;
        return 0;
}

void settle_refresh(struct settle *settle)
{
        int r;

        for (struct unfinished *u = settle->first; u; u = u->next)
                u->is_unsettled = false;
        r = store_each_unsettled(settle->means.means->store, settle_note, settle);
        if (r < 0)
                (void)log_errno(r, "Cannot look for devices that have not confirmed");
        for (struct unfinished **at = &settle->first; r >= 0 && *at;) {
                struct unfinished *u = *at;

                if (u->is_unsettled || u->enrollment) {
                        at = &u->next;
                        continue;
                }
                *at = u->next;
                unfinished_free(u);
        }
        settle_arm(settle);
}

/* --- the enrollment --- */

/* A failed attempt is not reported, unless somebody else has the device. */
static void settle_on_event(void *userdata, const struct event *event)
{
        struct unfinished *u = userdata;

        if (event->status == EVENT_SUCCESSFUL || event->reason == REASON_DEVICE_OWNED)
                herald_event(u->settle->means.herald, event);
        else
                log_debug("%s: %s", event->device ? event->device : "device", event->text);
}

static void settle_on_committed(void *userdata, const struct plan *plan)
{
        struct settle *s = ((struct unfinished *)userdata)->settle;

        s->handler->on_committed(s->userdata, plan);
}

static int64_t settle_on_unfinished(void *userdata, const struct store_device *device)
{
        const struct unfinished *u = userdata;

        (void)device;
        return time_shown(time_now_usec() + u->schedule.pause);
}

static void settle_on_owned(void *userdata, struct meeting *meeting_take, const struct plan *plan)
{
        struct settle *s = ((struct unfinished *)userdata)->settle;

        s->handler->on_owned(s->userdata, meeting_take, plan);
}

static void settle_on_dropped(void *userdata, const struct store_device *device)
{
        struct settle *s = ((struct unfinished *)userdata)->settle;

        s->handler->on_dropped(s->userdata, device);
}

static void settle_on_ended(void *userdata, enum reason why)
{
        struct unfinished *u = userdata;

        u->enrollment = enrollment_free(u->enrollment);
        if (why != REASON_NONE)
                schedule_fail(&u->schedule, time_now_usec());
        settle_refresh(u->settle);
}

static const struct enrollment_handler settle_enrollment_handler = {
        .on_event = settle_on_event,
        .on_committed = settle_on_committed,
        .on_unfinished = settle_on_unfinished,
        .on_owned = settle_on_owned,
        .on_dropped = settle_on_dropped,
        .on_ended = settle_on_ended,
};

static int unfinished_resume(struct unfinished *u)
{
        struct means *means = u->settle->means.means;
        _defer_(free) struct store_device *row = calloc(1, sizeof(*row));
        int r;

        if (!row)
                return -ENOMEM;
        r = store_find_id(means->store, u->device_id, row);
        if (r != 0)
                return r < 0 ? r : -ENOENT;
        means_load_issuers(means);
        r = enrollment_new_resume(&means->enrollment, row, &settle_enrollment_handler, u,
                                  &u->enrollment);
        sodium_memzero(&row->ownership, sizeof(row->ownership));
        return r;
}

/* The device is there: its enrollment goes on, now or when there is room for it. */
static void settle_begin(struct unfinished *u)
{
        struct settle *s = u->settle;
        int r;

        u->is_heard = settle_count(s) >= SETTLE_AT_ONCE;
        if (u->is_heard || s->handler->is_taken(s->userdata, u->device_id))
                return;
        r = unfinished_resume(u);
        if (r < 0) {
                if (r != -EBADMSG) /* then the log has the reason already */
                        (void)log_errno(r, "%s: its enrollment cannot be finished", u->name);
                schedule_fail(&u->schedule, time_now_usec());
        }
}

static int settle_on_turn(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct settle *s = userdata;
        uint64_t look = s->means.means->enrollment.find_sec * SCHEDULE_SECOND;

        (void)source;
        (void)usec;
        for (struct unfinished *u = s->first; u; u = u->next) {
                bool looked = u->schedule.looks;

                if (!u->enrollment && schedule_turn(&u->schedule, time_now_usec(), look) && !looked)
                        log_debug("%s: it is looked for, to finish its enrollment", u->name);
                if (u->is_heard)
                        settle_begin(u);
        }
        settle_arm(s);
        return 0;
}

static void settle_on_announced(void *userdata, const struct vigil_heard *heard)
{
        struct settle *s = userdata;
        enum message_state state;

        for (struct unfinished *u = s->first; u; u = u->next)
                if (!u->enrollment && schedule_may_try(&u->schedule, time_now_usec()) &&
                    finder_recognise(u->adv_key, heard->data, &state)) {
                        settle_begin(u);
                        settle_arm(s);
                        return;
                }
}

static const struct vigil_handler settle_vigil_handler = {.on_announced = settle_on_announced};

/* --- what others ask and report --- */

int64_t settle_next(struct settle *settle, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        const struct unfinished *u = settle_find(settle, device_id);

        if (!u)
                return 0;
        return time_shown(u->schedule.looks ? time_now_usec() : u->schedule.next);
}

void settle_wake(struct settle *settle)
{
        for (struct unfinished *u = settle->first; u; u = u->next)
                schedule_soon(&u->schedule, time_now_usec());
        settle_arm(settle);
}

void settle_look_at_adapters(struct settle *settle)
{
        unsigned n = adapters_n_arrivals(settle->means.means->adapters);

        if (n == settle->n_arrivals)
                return;
        settle->n_arrivals = n;
        settle_wake(settle);
}

void settle_yield(struct settle *settle, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        const struct unfinished *claimed = settle_find(settle, device_id);

        for (struct unfinished *u = settle->first; u; u = u->next)
                schedule_often(&u->schedule, time_now_usec());
        if (claimed && claimed->enrollment)
                enrollment_yield(claimed->enrollment);
        settle_arm(settle);
}

bool settle_is_finishing(const struct settle *settle,
                         const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        const struct unfinished *u = settle_find(settle, device_id);

        return u && u->enrollment;
}

void settle_status(const struct settle *settle, struct api_status *status)
{
        for (const struct unfinished *u = settle->first;
             u && status->n_unfinished < API_UNFINISHED_MAX; u = u->next)
                status->unfinished[status->n_unfinished++] = (struct api_unfinished){
                        .device = u->name,
                        .is_tried = u->enrollment != NULL,
                        .is_looked_for = u->schedule.looks,
                        .next_try = time_shown(u->schedule.next),
                };
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
        r = loop_add_timer(means->event, &s->turn, settle_on_turn, s);
        if (r < 0)
                return r;
        r = vigil_new(&means->means->enrollment.finder, &settle_vigil_handler, s, &s->vigil);
        if (r < 0)
                return r;
        settle_refresh(s);
        *ret_settle = take(s);
        return 0;
}

struct settle *settle_free(struct settle *settle)
{
        if (!settle)
                return NULL;
        loop_drop(&settle->turn);
        settle->vigil = vigil_free(settle->vigil);
        while (settle->first) {
                struct unfinished *u = settle->first;

                settle->first = u->next;
                unfinished_free(u);
        }
        free(settle);
        return NULL;
}
