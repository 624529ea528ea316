/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/settle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "contact/vigil.h"
#include "hub/schedule.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"

/* One device that has not confirmed. */
struct debt {
        struct settle *settle;
        struct debt *next;
        uint8_t device_id[STORE_DEVICE_ID_BYTES], adv_key[KDF_KEY_BYTES];
        char name[STORE_NAME_SIZE];
        struct schedule schedule;
        struct enrollment *enrollment; /* while it goes on */
        bool is_heard;                 /* while too many others go on */
        bool is_owed;                  /* by the store, as it was read last */
};

struct settle {
        struct settle_means means;
        const struct settle_handler *handler;
        void *userdata;
        struct vigil *vigil;
        sd_event_source *turn;
        unsigned n_arrivals; /* of adapters, until now */
        struct debt *debts;
};

static struct debt *settle_find(const struct settle *s,
                                const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        for (struct debt *debt = s->debts; debt; debt = debt->next)
                if (memcmp(debt->device_id, device_id, STORE_DEVICE_ID_BYTES) == 0)
                        return debt;
        return NULL;
}

static size_t settle_count(const struct settle *s)
{
        size_t n = 0;

        for (const struct debt *debt = s->debts; debt; debt = debt->next)
                n += debt->enrollment != NULL;
        return n;
}

/* --- whose turn it is --- */

/* Whether one of them can go on now that had to wait for the others. */
static bool settle_has_next(const struct settle *s)
{
        const struct debt *debt = s->debts;

        while (debt && !debt->is_heard)
                debt = debt->next;
        return debt && settle_count(s) < SETTLE_AT_ONCE;
}

/* Listens while one of them is looked for, and sleeps until there is something else to do. */
static void settle_arm(struct settle *s)
{
        uint64_t next = UINT64_MAX, now = time_now_usec();
        bool looks = false;

        for (struct debt *debt = s->debts; debt; debt = debt->next) {
                if (debt->enrollment)
                        continue;
                looks = looks || debt->schedule.looks;
                if (debt->schedule.next < next)
                        next = debt->schedule.next;
        }
        if (settle_has_next(s))
                next = now;
        vigil_wake(s->vigil, looks);
        if (next == UINT64_MAX)
                loop_disarm(s->turn);
        else
                loop_rearm_timer(s->turn, next > now ? (next - now) / 1000 + 1 : 0);
        herald_info_changed(s->means.herald);
}

/* --- what is owed --- */

static void debt_free(struct debt *debt)
{
        debt->enrollment = enrollment_free(debt->enrollment);
        sodium_memzero(debt->adv_key, sizeof(debt->adv_key));
        free(debt);
}

static int settle_note(void *userdata, const struct store_device *device)
{
        struct settle *s = userdata;
        struct debt *debt = settle_find(s, device->device_id);

        if (device->kind != STORE_ENROLLED || device->ownership.settled ||
            device->ownership.n_resume == 0)
                return 0;
        if (!debt) {
                debt = calloc(1, sizeof(*debt));
                if (!debt)
                        return -ENOMEM;
                debt->settle = s;
                memcpy(debt->device_id, device->device_id, sizeof(debt->device_id));
                schedule_init(&debt->schedule, time_now_usec());
                debt->next = s->debts;
                s->debts = debt;
        }
        memcpy(debt->adv_key, device->ownership.adv_key, sizeof(debt->adv_key));
        memcpy(debt->name, device->name, sizeof(debt->name));
        debt->is_owed = true;
        return 0;
}

void settle_refresh(struct settle *settle)
{
        int r;

        for (struct debt *debt = settle->debts; debt; debt = debt->next)
                debt->is_owed = false;
        r = store_each_device(settle->means.means->store, settle_note, settle);
        if (r < 0)
                (void)log_errno(r, "Cannot look for devices that have not confirmed");
        for (struct debt **at = &settle->debts; r >= 0 && *at;) {
                struct debt *debt = *at;

                if (debt->is_owed || debt->enrollment) {
                        at = &debt->next;
                        continue;
                }
                *at = debt->next;
                debt_free(debt);
        }
        settle_arm(settle);
}

/* --- the enrollment --- */

/* An attempt that fails is no news; that somebody else has the device is. */
static void settle_on_event(void *userdata, const struct event *event)
{
        struct debt *debt = userdata;

        if (event->status == EVENT_SUCCESSFUL || event->reason == REASON_DEVICE_OWNED)
                herald_event(debt->settle->means.herald, event);
        else
                log_debug("%s: %s", event->device ? event->device : "device", event->text);
}

static void settle_on_committed(void *userdata, const struct plan *plan)
{
        struct settle *s = ((struct debt *)userdata)->settle;

        s->handler->on_committed(s->userdata, plan);
}

static int64_t settle_on_unfinished(void *userdata, const struct store_device *device)
{
        const struct debt *debt = userdata;

        (void)device;
        return time_shown(time_now_usec() + debt->schedule.pause);
}

static void settle_on_owned(void *userdata, struct meeting *meeting_take, const struct plan *plan)
{
        struct settle *s = ((struct debt *)userdata)->settle;

        s->handler->on_owned(s->userdata, meeting_take, plan);
}

static void settle_on_dropped(void *userdata, const struct store_device *device)
{
        struct settle *s = ((struct debt *)userdata)->settle;

        s->handler->on_dropped(s->userdata, device);
}

static void settle_on_ended(void *userdata, enum reason why)
{
        struct debt *debt = userdata;

        debt->enrollment = enrollment_free(debt->enrollment);
        if (why != REASON_NONE)
                schedule_fail(&debt->schedule, time_now_usec());
        settle_refresh(debt->settle);
}

static const struct enrollment_handler settle_enrollment_handler = {
        .on_event = settle_on_event,
        .on_committed = settle_on_committed,
        .on_unfinished = settle_on_unfinished,
        .on_owned = settle_on_owned,
        .on_dropped = settle_on_dropped,
        .on_ended = settle_on_ended,
};

static int debt_begin(struct debt *debt)
{
        struct means *means = debt->settle->means.means;
        _defer_(free) struct store_device *row = calloc(1, sizeof(*row));
        int r;

        if (!row)
                return -ENOMEM;
        r = store_find_id(means->store, debt->device_id, row);
        if (r != 0)
                return r < 0 ? r : -ENOENT;
        means_load_issuers(means);
        return enrollment_new_resume(&means->enrollment, row, &settle_enrollment_handler, debt,
                                     &debt->enrollment);
}

/* The device is there: its enrollment goes on, now or when there is room for it. */
static void settle_begin(struct debt *debt)
{
        struct settle *s = debt->settle;
        int r;

        debt->is_heard = settle_count(s) >= SETTLE_AT_ONCE;
        if (debt->is_heard || s->handler->is_taken(s->userdata, debt->device_id))
                return;
        r = debt_begin(debt);
        if (r < 0) {
                if (r != -EBADMSG) /* of that the log has the reason */
                        (void)log_errno(r, "%s: its enrollment cannot be finished", debt->name);
                schedule_fail(&debt->schedule, time_now_usec());
        }
}

static int settle_on_turn(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct settle *s = userdata;
        uint64_t look = s->means.means->enrollment.find_sec * SCHEDULE_SECOND;

        (void)source;
        (void)usec;
        for (struct debt *debt = s->debts; debt; debt = debt->next) {
                bool looked = debt->schedule.looks;

                if (!debt->enrollment && schedule_turn(&debt->schedule, time_now_usec(), look) &&
                    !looked)
                        log_debug("%s: it is looked for, to finish its enrollment", debt->name);
                if (debt->is_heard)
                        settle_begin(debt);
        }
        settle_arm(s);
        return 0;
}

static void settle_on_announced(void *userdata, const uint8_t data[MESSAGE_ADV_BYTES])
{
        struct settle *s = userdata;
        enum message_state state;

        for (struct debt *debt = s->debts; debt; debt = debt->next)
                if (!debt->enrollment && schedule_may_try(&debt->schedule, time_now_usec()) &&
                    finder_recognise(debt->adv_key, data, &state)) {
                        settle_begin(debt);
                        settle_arm(s);
                        return;
                }
}

static const struct vigil_handler settle_vigil_handler = {.on_announced = settle_on_announced};

/* --- what others have to do with it --- */

int64_t settle_next(struct settle *settle, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        const struct debt *debt = settle_find(settle, device_id);

        if (!debt)
                return 0;
        return time_shown(debt->schedule.looks ? time_now_usec() : debt->schedule.next);
}

void settle_wake(struct settle *settle)
{
        for (struct debt *debt = settle->debts; debt; debt = debt->next)
                schedule_soon(&debt->schedule, time_now_usec());
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
        const struct debt *claimed = settle_find(settle, device_id);

        for (struct debt *debt = settle->debts; debt; debt = debt->next)
                schedule_often(&debt->schedule, time_now_usec());
        if (claimed && claimed->enrollment)
                enrollment_yield(claimed->enrollment);
        settle_arm(settle);
}

void settle_status(const struct settle *settle, struct api_status *status)
{
        for (const struct debt *debt = settle->debts;
             debt && status->n_unfinished < API_UNFINISHED_MAX; debt = debt->next)
                status->unfinished[status->n_unfinished++] = (struct api_unfinished){
                        .device = debt->name,
                        .is_tried = debt->enrollment != NULL,
                        .is_looked_for = debt->schedule.looks,
                        .next_try = time_shown(debt->schedule.next),
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
        while (settle->debts) {
                struct debt *debt = settle->debts;

                settle->debts = debt->next;
                debt_free(debt);
        }
        free(settle);
        return NULL;
}
