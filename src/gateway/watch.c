/* SPDX-License-Identifier: Apache-2.0 */

#include "gateway/watch.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "contact/roll.h"
#include "contact/schedule.h"
#include "contact/vigil.h"
#include "gateway/timetable.h"
#include "program/program.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/sorted.h"
#include "util/time.h"

#define SECOND  UINT64_C(1000000)
#define FRESH_S 10     /* so long ago, what was heard says that the device is there now */
#define TURN    SECOND /* between two looks at those that could not be visited at once */
#define NEVER   TIMETABLE_NEVER

/* Where devices have been heard; there are few. */
struct place {
        struct place *next;
        char *name;
};

/* One owned device. */
struct watched {
        uint8_t device_id[STORE_DEVICE_ID_BYTES]; /* first: it is sorted by it */
        uint8_t adv_key[KDF_KEY_BYTES];
        uint32_t epoch;
        bool is_known; /* the store said so when it was read last */
        bool is_settled;
        bool is_mains;
        bool is_kept; /* on the mains, and takes commands */

        struct timetable timetable;
        struct schedule schedule; /* of what failed: it pauses until .next */
        const struct place *place;
        uint64_t heard; /* 0: never */
        bool is_available;

        uint64_t wanted; /* since when it waits for a visit; 0: it does not */
        bool is_called;  /* because it had something to say */
        bool is_visited; /* for that */
        bool is_hurried;
        unsigned n_broken; /* visits, one after the other */
        bool is_open;      /* there is a session, whatever for */
        uint64_t parted;   /* when the last one ended */
};

static_assert(sizeof(((struct watched *)NULL)->device_id) == SORTED_ID_BYTES &&
                      offsetof(struct watched, device_id) == 0,
              "devices are sorted by their identifiers");

struct watch {
        struct watch_means means;
        const struct watch_handler *handler;
        void *userdata;
        struct vigil *vigil;
        struct roll *roll;
        sd_event_source *turn;
        uint64_t next;   /* when it is armed for */
        bool is_changed; /* other devices than on the roll */
        struct sorted devices;
        struct place *places;
        uint64_t longest_wait;
};

/* --- which devices there are --- */

/* There is something to do at @at, at the latest. */
static void watch_turn_by(struct watch *w, uint64_t at)
{
        uint64_t now;

        if (at >= w->next)
                return;
        now = time_now_usec();
        w->next = at;
        loop_rearm_timer(w->turn, at > now ? (at - now) / 1000 + 1 : 0);
}

static struct watched *watch_find(const struct watch *w, const uint8_t id[STORE_DEVICE_ID_BYTES])
{
        return sorted_find(&w->devices, id);
}

/* NULL at the end. */
static struct watched *watch_at(const struct watch *w, size_t at)
{
        return sorted_at(&w->devices, at);
}

static struct watched *watched_free(struct watched *d)
{
        sodium_memzero(d->adv_key, sizeof(d->adv_key));
        free(d);
        return NULL;
}

static int watch_add(struct watch *w, const uint8_t id[STORE_DEVICE_ID_BYTES],
                     struct watched **ret_device)
{
        struct watched *d = calloc(1, sizeof(*d));
        int r;

        if (!d)
                return -ENOMEM;
        memcpy(d->device_id, id, sizeof(d->device_id));
        schedule_init(&d->schedule, time_now_usec());
        r = sorted_add(&w->devices, d);
        if (r < 0) {
                (void)watched_free(d);
                return r;
        }
        *ret_device = d;
        return 0;
}

/* What the half of a device says of its times; it may be another one with each enrollment. */
static int watched_read(struct watched *d, struct watch *w, const struct store_device *row)
{
        struct store_channel channels[PROGRAM_STEPS_MAX];
        struct timetable_terms terms = {
                .presence = row->presence,
                .sleep_s = row->sleep_s,
                .offline_after_s = w->means.offline_after_s,
        };
        bool takes_commands = false;
        size_t n = 0;
        int r;

        r = store_channels(w->means.store, row->device_id, PROGRAM_STEPS_MAX, channels, &n);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++)
                takes_commands = takes_commands || (channels[i].direction & STORE_COMMAND);
        terms.period_s = timetable_period(channels, n);
        timetable_init(&d->timetable, &terms, row->device_id, time_now_usec());
        d->is_mains = row->presence == STORE_MAINS;
        d->is_kept = d->is_mains && takes_commands;
        d->epoch = row->ownership.epoch;
        memcpy(d->adv_key, row->ownership.adv_key, sizeof(d->adv_key));
        w->is_changed = true;
        return 0;
}

static int watch_note(void *userdata, const struct store_device *row)
{
        struct watch *w = userdata;
        struct watched *d = watch_find(w, row->device_id);
        int r = 0;

        if (row->kind != STORE_ENROLLED)
                return 0;
        if (!d)
                r = watch_add(w, row->device_id, &d);
        if (r == 0 && d->epoch != row->ownership.epoch)
                r = watched_read(d, w, row);
        if (r < 0)
                return r;
        d->is_settled = row->ownership.settled;
        d->is_known = true;
        return 0;
}

static void watch_forget_unknown(struct watch *w)
{
        struct watched *d;
        size_t at = 0;

        while ((d = watch_at(w, at))) {
                if (d->is_known) {
                        at++;
                        continue;
                }
                w->is_changed = true;
                (void)watched_free(sorted_take(&w->devices, at));
        }
}

static void watch_call_roll(struct watch *w)
{
        struct watched *d;
        int r = 0;

        if (!w->is_changed)
                return;
        w->is_changed = false;
        roll_clear(w->roll);
        for (size_t at = 0; r == 0 && (d = watch_at(w, at)); at++)
                r = roll_add(w->roll, d->adv_key, d);
        if (r < 0)
                (void)log_errno(r, "Not every device will be recognised");
}

void watch_listen(struct watch *watch)
{
        vigil_set_zeal(watch->vigil, watch->devices.n > 0 ? VIGIL_CALM : VIGIL_ALONG);
}

void watch_refresh(struct watch *watch)
{
        struct watched *d;
        int r;

        for (size_t at = 0; (d = watch_at(watch, at)); at++)
                d->is_known = false;
        r = store_each_device(watch->means.store, watch_note, watch);
        if (r < 0)
                (void)log_errno(r, "Cannot read which devices to watch over");
        else
                watch_forget_unknown(watch);
        watch_call_roll(watch);
        watch_listen(watch);
        watch->next = NEVER; /* all of them are looked at */
        watch_turn_by(watch, time_now_usec());
}

/* --- whether a device is there --- */

static void watched_set_available(struct watched *d, struct watch *w, bool available,
                                  enum reason why)
{
        if (d->is_available == available)
                return;
        d->is_available = available;
        w->handler->on_available(w->userdata, d->device_id, available, why);
}

static void watched_hear(struct watched *d, struct watch *w, uint64_t now)
{
        d->heard = now;
        timetable_hear(&d->timetable, now);
        watch_turn_by(w, d->timetable.offline);
        watched_set_available(d, w, true, REASON_NONE);
}

/* A place by its name, which stays; NULL if memory is short. */
static const struct place *watch_place(struct watch *w, const char *name)
{
        struct place *p = w->places;

        while (p && strcmp(p->name, name) != 0)
                p = p->next;
        if (p)
                return p;
        p = calloc(1, sizeof(*p));
        if (!p)
                return NULL;
        p->name = strdup(name);
        if (!p->name) {
                free(p);
                return NULL;
        }
        p->next = w->places;
        w->places = p;
        return p;
}

static void watch_leave_place(struct watch *w, const struct place *place, enum reason why)
{
        struct watched *d;

        for (size_t at = 0; (d = watch_at(w, at)); at++)
                if (d->place == place && !d->is_open)
                        watched_set_available(d, w, false, why);
}

void watch_look_at_places(struct watch *watch)
{
        for (const struct place *p = watch->places; p; p = p->next) {
                enum reason why = watch->handler->on_place(watch->userdata, p->name);

                if (why != REASON_NONE)
                        watch_leave_place(watch, p, why);
        }
}

/* --- visits --- */

static bool watched_may_be_visited(const struct watched *d, uint64_t now)
{
        return d->is_settled && !d->wanted && !d->is_open && now >= d->schedule.next;
}

static int watch_begin(struct watch *w, const struct watched *d)
{
        _defer_(free) struct store_device *row = calloc(1, sizeof(*row));
        struct store_channel channels[PROGRAM_STEPS_MAX];
        struct visit_wish wish = {.device = row, .channels = channels};
        int r;

        if (!row)
                return -ENOMEM;
        r = store_find_id(w->means.store, d->device_id, row);
        if (r == 0)
                r = store_channels(w->means.store, d->device_id, PROGRAM_STEPS_MAX, channels,
                                   &wish.n_channels);
        if (r == 0)
                r = gateway_visit(w->means.gateway, &wish);
        sodium_memzero(&row->ownership, sizeof(row->ownership));
        return r > 0 ? -ENOENT : r;
}

/* The one that has waited longest, of those that can be visited now. */
static struct watched *watch_next(const struct watch *w)
{
        struct watched *d, *next = NULL;

        for (size_t at = 0; (d = watch_at(w, at)); at++) {
                if (d->wanted && !d->is_visited && (!next || d->wanted < next->wanted) &&
                    !w->handler->is_taken(w->userdata, d->device_id))
                        next = d;
        }
        return next;
}

static void watched_want(struct watched *d, struct watch *w, bool is_called, uint64_t now)
{
        d->wanted = now;
        d->is_called = is_called;
        d->is_hurried = false;
        watch_turn_by(w, now);
}

/* It was visited in vain, or could not be. */
static void watched_fail(struct watched *d, uint64_t now)
{
        schedule_fail(&d->schedule, now);
        timetable_report(&d->timetable, now);
}

/* A visit that has its session waits for nobody, and may stay: whose turn it is says airtime. */
static size_t watch_n_visits(const struct watch *w)
{
        const struct watched *d;
        size_t n = 0;

        for (size_t at = 0; (d = watch_at(w, at)); at++)
                n += d->is_visited && !d->is_open;
        return n;
}

static void watch_visit(struct watch *w, uint64_t now)
{
        size_t n_visits = watch_n_visits(w);
        struct watched *d;
        int r;

        while (n_visits < WATCH_AT_ONCE && (d = watch_next(w))) {
                r = watch_begin(w, d);
                if (r < 0) {
                        (void)log_errno(r, "A device cannot be visited");
                        d->wanted = 0;
                        watched_fail(d, now);
                        continue;
                }
                d->is_visited = true;
                n_visits++;
        }
}

/* Whether it is late; where it may sleep, it must be awake to be visited. */
static bool watched_is_due(const struct watched *d, uint64_t now)
{
        return now >= d->timetable.due &&
               (d->is_mains || (d->heard && now - d->heard < FRESH_S * SECOND));
}

/* In a session that is open, the device is asked there. */
static void watched_poll(struct watched *d, struct watch *w, uint64_t now)
{
        int r;

        timetable_report(&d->timetable, now);
        r = watch_begin(w, d);
        if (r < 0)
                (void)log_errno(r, "A device cannot be asked for its readings");
}

/* When it is to be looked at again. */
static uint64_t watched_next(const struct watched *d, uint64_t now)
{
        uint64_t next = d->is_open ? NEVER : d->timetable.offline, due = d->timetable.due;

        if (d->wanted && (!d->is_visited || !d->is_hurried))
                return now + TURN;
        if (d->wanted || !d->is_settled || (!d->is_mains && !d->is_open))
                return next;
        if (due < d->schedule.next)
                due = d->schedule.next;
        return due < next ? due : next;
}

/* Does what is to be done for it now. */
static void watched_turn(struct watched *d, struct watch *w, uint64_t now)
{
        if (!d->is_open && now >= d->timetable.offline) {
                d->timetable.offline = NEVER;
                watched_set_available(d, w, false, REASON_NONE);
        }
        if (d->is_open && now >= d->timetable.due)
                watched_poll(d, w, now);
        else if (watched_may_be_visited(d, now) && watched_is_due(d, now))
                watched_want(d, w, false, now);
        if (d->is_visited && d->wanted && !d->is_hurried &&
            now - d->wanted >= WATCH_PATIENCE_S * SECOND) {
                d->is_hurried = true;
                gateway_hurry(w->means.gateway, d->device_id);
        }
}

static int watch_on_turn(sd_event_source *source, uint64_t usec, void *userdata)
{
        uint64_t now = time_now_usec(), next = NEVER;
        struct watch *w = userdata;
        struct watched *d;

        (void)source;
        (void)usec;
        for (size_t at = 0; (d = watch_at(w, at)); at++)
                watched_turn(d, w, now);
        watch_visit(w, now);
        for (size_t at = 0; (d = watch_at(w, at)); at++) {
                uint64_t its = watched_next(d, now);

                next = its < next ? its : next;
        }
        w->next = NEVER;
        watch_turn_by(w, next > now + TURN || next == NEVER ? next : now + TURN);
        return 0;
}

/* --- what is heard --- */

/* A connection is free for a device that is to be kept connected. */
static bool watched_may_be_kept(const struct watched *d, const struct watch *w, uint64_t now)
{
        return d->is_kept && d->place && now - d->parted >= WATCH_RETURN_S * SECOND &&
               airtime_has_room(w->means.finder->airtime, d->place->name);
}

static void watch_on_announced(void *userdata, const struct vigil_heard *heard)
{
        const struct watch_signal signal = {.has_rssi = heard->has_rssi, .rssi = heard->rssi};
        uint64_t now = time_now_usec();
        struct watch *w = userdata;
        struct roll_match match;
        struct watched *d;

        if (!roll_recognise(w->roll, heard->data, now, &match) ||
            now - match.since > WATCH_NONCE_S * SECOND)
                return;
        d = match.whom;
        d->place = watch_place(w, heard->place);
        watched_hear(d, w, now);
        w->handler->on_heard(w->userdata, d->device_id, &signal);
        if (watched_may_be_visited(d, now) &&
            (match.waits || watched_is_due(d, now) || watched_may_be_kept(d, w, now)))
                watched_want(d, w, match.waits, now);
}

static const struct vigil_handler watch_vigil_handler = {.on_announced = watch_on_announced};

void watch_met(struct watch *watch, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
               const char *place)
{
        struct watched *d = watch_find(watch, device_id);
        uint64_t now = time_now_usec();

        if (!d)
                return;
        if (d->wanted && now - d->wanted > watch->longest_wait)
                watch->longest_wait = now - d->wanted;
        d->wanted = 0;
        d->is_open = true;
        d->place = watch_place(watch, place);
        watched_hear(d, watch, now);
        timetable_report(&d->timetable, now);
        watch_turn_by(watch, watched_next(d, now));
}

void watch_report(struct watch *watch, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct watched *d = watch_find(watch, device_id);
        uint64_t now = time_now_usec();

        if (!d)
                return;
        watched_hear(d, watch, now);
        timetable_report(&d->timetable, now);
}

/*
 * Whether the visit was worth it. A device that is there and whose link was lost before it could
 * say anything gets another chance at once, GATEWAY_CALLS_MAX in all.
 */
static void watched_judge(struct watched *d, const struct gateway_parting *parting, uint64_t now)
{
        bool in_vain = !parting->has_met || (d->is_called && !parting->has_heard);
        bool is_broken = parting->has_met && parting->why != REASON_NONE;

        if (!d->is_visited && !parting->has_met)
                return; /* somebody else's */
        if (d->is_visited && in_vain && !(is_broken && ++d->n_broken < GATEWAY_CALLS_MAX)) {
                watched_fail(d, now);
                return;
        }
        if (!in_vain)
                d->n_broken = 0;
        schedule_soon(&d->schedule, now);
}

void watch_parted(struct watch *watch, const struct gateway_parting *parting)
{
        struct watched *d = watch_find(watch, parting->device_id);
        uint64_t now = time_now_usec();

        if (!d)
                return;
        /* It was looked for, and nothing was heard of it. */
        if (d->is_mains && !parting->has_met && d->wanted && d->heard < d->wanted)
                watched_set_available(d, watch, false, parting->why);
        timetable_report(&d->timetable, now);
        watched_judge(d, parting, now);
        /* It may be gone, which shows as soon as it may be visited again. */
        if (d->is_mains && parting->why != REASON_NONE)
                d->timetable.due = now;
        d->is_visited = d->is_open = false;
        d->wanted = 0;
        d->parted = now;
        watch_turn_by(watch, now);
}

void watch_count(const struct watch *watch, struct watch_numbers *ret_numbers)
{
        uint64_t now = time_now_usec(), longest = watch->longest_wait;
        struct watch_numbers numbers = {0};
        const struct watched *d;

        for (size_t at = 0; (d = watch_at(watch, at)); at++) {
                numbers.n_open += d->is_open;
                numbers.n_waiting += d->wanted != 0;
                if (d->wanted && now - d->wanted > longest)
                        longest = now - d->wanted;
        }
        numbers.longest_wait_s = (unsigned)(longest / SECOND);
        *ret_numbers = numbers;
}

/* --- beginning and end --- */

int watch_new(const struct watch_means *means, const struct watch_handler *handler, void *userdata,
              struct watch **ret_watch)
{
        _defer_(watch_free) struct watch *w = calloc(1, sizeof(*w));
        int r;

        if (!w)
                return -ENOMEM;
        w->means = *means;
        w->handler = handler;
        w->userdata = userdata;
        w->next = NEVER;
        r = loop_add_timer(means->event, &w->turn, watch_on_turn, w);
        if (r < 0)
                return r;
        r = roll_new(&w->roll);
        if (r < 0)
                return r;
        r = vigil_new(means->finder, &watch_vigil_handler, w, &w->vigil);
        if (r < 0)
                return r;
        *ret_watch = take(w);
        return 0;
}

struct watch *watch_free(struct watch *watch)
{
        if (!watch)
                return NULL;
        loop_drop(&watch->turn);
        watch->vigil = vigil_free(watch->vigil);
        watch->roll = roll_free(watch->roll);
        for (size_t i = 0; i < watch->devices.n; i++)
                (void)watched_free(watch->devices.things[i]);
        sorted_done(&watch->devices);
        while (watch->places) {
                struct place *p = watch->places;

                watch->places = p->next;
                free(p->name);
                free(p);
        }
        free(watch);
        return NULL;
}
