/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/strays.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "contact/roll.h"
#include "contact/schedule.h"
#include "contact/vigil.h"
#include "gateway/watch.h"
#include "hub/clock.h"
#include "hub/dispatch.h"
#include "store/stray.h"
#include "util/free.h"
#include "util/hex.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"

#define SECOND UINT64_C(1000000)
#define DAY_S  86400

/* One device; its secret is in the store, and in the roll in a form of its own. */
struct stray {
        struct strays *strays;
        struct stray *next;
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        char name[STORE_NAME_SIZE], id[2 * STORE_DEVICE_ID_BYTES + 1];
        int64_t given_up_at;
        uint32_t epoch;
        struct schedule schedule;
        bool is_asked;
        bool is_stored;     /* the store said so when it was read last */
        bool is_recognised; /* the roll has it, as it is stored */
};

struct strays {
        struct strays_means means;
        const struct strays_handler *handler;
        void *userdata;
        struct vigil *vigil;
        struct roll *roll;
        sd_event_source *turn;
        struct stray *first;
};

static struct stray *strays_find(const struct strays *s,
                                 const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct stray *stray = s->first;

        while (stray && memcmp(stray->device_id, device_id, STORE_DEVICE_ID_BYTES) != 0)
                stray = stray->next;
        return stray;
}

static size_t strays_n_asked(const struct strays *s)
{
        size_t n = 0;

        for (const struct stray *stray = s->first; stray; stray = stray->next)
                n += stray->is_asked;
        return n;
}

/* --- asking --- */

/* Only its own word counts: one that only seems to be released may be owned, and turn up again. */
static void stray_on_released(void *userdata, const struct errand_answer *answer)
{
        enum reason why = answer->is_inferred ? REASON_LINK_TIMEOUT : answer->why;
        struct stray *stray = userdata;
        struct strays *s = stray->strays;
        int r;

        stray->is_asked = false;
        if (why == REASON_NONE) {
                log_info("%s (%s) has let itself go: its code enrolls it again.", stray->name,
                         stray->id);
                r = store_drop_stray(s->means.means->store, stray->device_id);
                if (r < 0)
                        (void)log_errno(r, "%s: that it was released cannot be stored",
                                        stray->name);
                eraser_note(s->means.eraser);
                herald_released(s->means.herald, stray->device_id, stray->name);
        } else if (why != REASON_BUSY) {
                schedule_fail(&stray->schedule, time_now_usec());
                log_debug("%s (%s) is not released. %s (%s)", stray->name, stray->id,
                          reason_text(why), reason_code(why));
        }
        if (why != REASON_STOPPING)
                strays_refresh(s);
}

/* What a session with it needs, and what it is called; nothing else is known of it any more. */
static void stray_row(const struct store_stray *stored, struct store_device *ret_row)
{
        struct store_ownership *o = &ret_row->ownership;

        *ret_row = (struct store_device){.kind = STORE_ENROLLED};
        memcpy(ret_row->device_id, stored->device_id, sizeof(ret_row->device_id));
        memcpy(ret_row->name, stored->name, sizeof(ret_row->name));
        memcpy(o->public_key, stored->public_key, sizeof(o->public_key));
        memcpy(o->adv_key, stored->adv_key, sizeof(o->adv_key));
        o->epoch = stored->epoch;
        o->settled = true;
}

/* 0; STORE_E_NONE; -errno. */
static int stray_release(struct stray *stray)
{
        static const struct store_channel no_channel;
        _defer_(free) struct store_device *row = calloc(1, sizeof(*row));
        struct strays *s = stray->strays;
        struct store_stray stored;
        int r;

        if (!row)
                return -ENOMEM;
        r = store_find_stray(s->means.means->store, stray->device_id, &stored);
        if (r != 0)
                return r;
        stray_row(&stored, row);
        sodium_memzero(&stored, sizeof(stored));
        stray->is_asked = true;
        dispatch_release(s->means.gateway, &(const struct visit_wish){row, &no_channel, 0}, true,
                         stray_on_released, stray);
        sodium_memzero(&row->ownership, sizeof(row->ownership));
        return 0;
}

/* Unless it cannot be asked now. */
static void stray_ask(struct stray *stray)
{
        struct strays *s = stray->strays;
        int r;

        if (stray->is_asked || strays_n_asked(s) >= STRAYS_AT_ONCE ||
            s->handler->is_taken(s->userdata, stray->device_id))
                return;
        r = stray_release(stray);
        if (r < 0)
                (void)log_errno(r, "A device cannot be released");
}

static void strays_on_announced(void *userdata, const struct vigil_heard *heard)
{
        uint64_t now = time_now_usec();
        struct strays *s = userdata;
        struct roll_match match;
        struct stray *stray;

        if (!roll_recognise(s->roll, heard->data, now, &match) ||
            now - match.since > WATCH_NONCE_S * SECOND)
                return;
        stray = match.whom;
        if (now >= stray->schedule.next)
                stray_ask(stray);
}

static const struct vigil_handler strays_vigil_handler = {.on_announced = strays_on_announced};

/* --- which there are --- */

static int strays_note(void *userdata, const struct store_stray *stored)
{
        struct strays *s = userdata;
        struct stray *stray = strays_find(s, stored->device_id);

        if (!stray) {
                stray = calloc(1, sizeof(*stray));
                if (!stray)
                        return -ENOMEM;
                stray->strays = s;
                memcpy(stray->device_id, stored->device_id, sizeof(stray->device_id));
                hex_encode(stray->device_id, sizeof(stray->device_id), stray->id);
                schedule_init(&stray->schedule, time_now_usec());
                stray->next = s->first;
                s->first = stray;
        }
        if (stray->epoch != stored->epoch || stray->given_up_at != stored->given_up_at)
                stray->is_recognised = false; /* it was enrolled in between */
        memcpy(stray->name, stored->name, sizeof(stray->name));
        stray->epoch = stored->epoch;
        stray->given_up_at = stored->given_up_at;
        stray->is_stored = true;
        return 0;
}

static int strays_learn(void *userdata, const struct store_stray *stored)
{
        struct strays *s = userdata;
        struct stray *stray = strays_find(s, stored->device_id);
        int r;

        r = roll_add(s->roll, stored->adv_key, stray);
        stray->is_recognised = r == 0;
        return r;
}

static void strays_drop_gone(struct strays *s)
{
        for (struct stray **at = &s->first; *at;) {
                struct stray *stray = *at;

                if (stray->is_stored || stray->is_asked) {
                        at = &stray->next;
                        continue;
                }
                *at = stray->next;
                free(stray);
        }
}

/* The roll forgets what was heard, and how long ago, whenever its devices change. */
static bool strays_have_changed(const struct strays *s)
{
        for (const struct stray *stray = s->first; stray; stray = stray->next)
                if (stray->is_recognised != stray->is_stored)
                        return true;
        return false;
}

static int strays_learn_all(struct strays *s)
{
        for (struct stray *stray = s->first; stray; stray = stray->next)
                stray->is_recognised = false;
        roll_clear(s->roll);
        return store_each_stray(s->means.means->store, strays_learn, s);
}

void strays_refresh(struct strays *strays)
{
        int r;

        for (struct stray *stray = strays->first; stray; stray = stray->next)
                stray->is_stored = false;
        r = store_each_stray(strays->means.means->store, strays_note, strays);
        if (r == 0 && strays_have_changed(strays))
                r = strays_learn_all(strays);
        if (r < 0)
                (void)log_errno(r, "Cannot look for devices that were not released");
        else
                strays_drop_gone(strays);
        strays_listen(strays);
        herald_info_changed(strays->means.herald);
}

void strays_listen(struct strays *strays)
{
        vigil_set_zeal(strays->vigil, strays->first ? VIGIL_CALM : VIGIL_ALONG);
}

void strays_status(const struct strays *strays, struct api_status *status)
{
        for (const struct stray *stray = strays->first; stray && status->n_strays < API_STRAYS_MAX;
             stray = stray->next)
                status->strays[status->n_strays++] = (struct api_stray){
                        .device = stray->name,
                        .device_id = stray->id,
                        .given_up_at = stray->given_up_at,
                };
}

/* Before the clock is set nobody knows how old they are. */
static void strays_expire(struct strays *s)
{
        int64_t now = time(NULL);
        unsigned n;
        int r;

        if (!clock_is_plausible(now))
                return;
        r = store_expire_strays(s->means.means->store, now - STRAYS_DAYS * DAY_S, &n);
        if (r < 0)
                (void)log_errno(r, "Cannot forget devices that were not released");
        else if (n > 0)
                log_info("%u device%s, which did not turn up to be released for %d days: forgotten",
                         n, n == 1 ? "" : "s", STRAYS_DAYS);
}

static int strays_on_turn(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct strays *s = userdata;

        (void)source;
        (void)usec;
        loop_rearm_timer(s->turn, STRAYS_LOOK_SEC * UINT64_C(1000));
        strays_expire(s);
        strays_refresh(s);
        return 0;
}

/* --- beginning and end --- */

int strays_new(const struct strays_means *means, const struct strays_handler *handler,
               void *userdata, struct strays **ret_strays)
{
        _defer_(strays_free) struct strays *s = calloc(1, sizeof(*s));
        int r;

        if (!s)
                return -ENOMEM;
        s->means = *means;
        s->handler = handler;
        s->userdata = userdata;
        r = loop_add_timer(means->event, &s->turn, strays_on_turn, s);
        if (r < 0)
                return r;
        r = roll_new(&s->roll);
        if (r < 0)
                return r;
        r = vigil_new(means->means->visit.finder, &strays_vigil_handler, s, &s->vigil);
        if (r < 0)
                return r;
        loop_rearm_timer(s->turn, 0);
        *ret_strays = take(s);
        return 0;
}

struct strays *strays_free(struct strays *strays)
{
        if (!strays)
                return NULL;
        loop_drop(&strays->turn);
        strays->vigil = vigil_free(strays->vigil);
        strays->roll = roll_free(strays->roll);
        while (strays->first) {
                struct stray *stray = strays->first;

                strays->first = stray->next;
                free(stray);
        }
        free(strays);
        return NULL;
}
