/* SPDX-License-Identifier: Apache-2.0 */

#include "contact/airtime.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"
#include "util/loop.h"

enum turn_state {
        TURN_WAITING,
        TURN_ON,        /* has its slot; the handler has been called, or is next */
        TURN_DISPLACED, /* still has it, and has been asked to give it back */
};

struct turn {
        struct place *place;
        struct turn *next; /* in the order of their age */
        enum airtime_rank rank;
        enum turn_state state;
        const struct airtime_handler *handler;
        void *userdata;
};

struct place {
        struct airtime *airtime;
        struct place *next;
        char *name;
        bool has_own_slots; /* else it has as many as all */
        unsigned n_slots;
        struct turn *turns;
};

struct airtime {
        unsigned n_slots; /* of a place that nothing was said about */
        struct place *places;
        sd_event_source *settle;
};

static struct place *airtime_find(const struct airtime *a, const char *name)
{
        for (struct place *p = a->places; p; p = p->next)
                if (strcmp(p->name, name) == 0)
                        return p;
        return NULL;
}

static struct place *place_free(struct place *p)
{
        free(p->name);
        free(p);
        return NULL;
}

DEFINE_DEFER(struct place *, place_free);

static int airtime_place(struct airtime *a, const char *name, struct place **ret_place)
{
        _defer_(place_free) struct place *p = NULL;
        struct place *known = airtime_find(a, name);

        if (known) {
                *ret_place = known;
                return 0;
        }
        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        p->name = strdup(name);
        if (!p->name)
                return -ENOMEM;
        p->airtime = a;
        p->next = a->places;
        a->places = p;
        *ret_place = take(p);
        return 0;
}

static unsigned place_slots(const struct place *p)
{
        return p->has_own_slots ? p->n_slots : p->airtime->n_slots;
}

static unsigned place_count(const struct place *p, enum turn_state from, enum turn_state to)
{
        unsigned n = 0;

        for (const struct turn *t = p->turns; t; t = t->next)
                n += t->state >= from && t->state <= to;
        return n;
}

/* Who waits and is next: the highest rank, and of these the oldest. */
static struct turn *place_next(const struct place *p)
{
        struct turn *next = NULL;

        for (struct turn *t = p->turns; t; t = t->next)
                if (t->state == TURN_WAITING && (!next || t->rank < next->rank))
                        next = t;
        return next;
}

/* Who gives up its slot for a turn of this rank: the lowest rank, and of these the youngest. */
static struct turn *place_victim(const struct place *p, enum airtime_rank rank)
{
        struct turn *victim = NULL;

        for (struct turn *t = p->turns; t; t = t->next)
                if (t->state == TURN_ON && t->rank > rank && (!victim || t->rank >= victim->rank))
                        victim = t;
        return victim;
}

/* How many wait that are more important than this rank. */
static unsigned place_count_above(const struct place *p, enum airtime_rank rank)
{
        unsigned n = 0;

        for (const struct turn *t = p->turns; t; t = t->next)
                n += t->state == TURN_WAITING && t->rank < rank;
        return n;
}

/*
 * Calls one handler at most, because it may free any turn. True if it did, and the places must be
 * looked at again. A slot is asked back for each turn that waits and is more important, not for
 * each time it is looked, nor for those of the victim's own rank.
 */
static bool place_settle(struct place *p)
{
        struct turn *next = place_next(p), *victim;

        if (!next)
                return false;
        if (place_count(p, TURN_ON, TURN_DISPLACED) < place_slots(p)) {
                next->state = TURN_ON;
                next->handler->on_turn(next->userdata);
                return true;
        }
        victim = place_victim(p, next->rank);
        if (!victim ||
            place_count(p, TURN_DISPLACED, TURN_DISPLACED) >= place_count_above(p, victim->rank))
                return false;
        victim->state = TURN_DISPLACED;
        victim->handler->on_displaced(victim->userdata);
        return true;
}

static int airtime_on_settle(sd_event_source *source, void *userdata)
{
        struct airtime *a = userdata;

        for (struct place *p = a->places; p; p = p->next)
                if (place_settle(p)) {
                        loop_rearm(source);
                        break;
                }
        return 0;
}

int airtime_new(sd_event *event, unsigned n_slots, struct airtime **ret_airtime)
{
        _defer_(airtime_free) struct airtime *a = calloc(1, sizeof(*a));
        int r;

        if (!a)
                return -ENOMEM;
        a->n_slots = n_slots;
        r = loop_add_defer(event, &a->settle, airtime_on_settle, a);
        if (r < 0)
                return r;
        *ret_airtime = take(a);
        return 0;
}

struct airtime *airtime_free(struct airtime *airtime)
{
        if (!airtime)
                return NULL;
        while (airtime->places) {
                struct place *p = airtime->places;

                assert(!p->turns);
                airtime->places = p->next;
                (void)place_free(p);
        }
        loop_drop(&airtime->settle);
        free(airtime);
        return NULL;
}

int airtime_set_slots(struct airtime *airtime, const char *place, unsigned n_slots)
{
        struct place *p;
        int r;

        r = airtime_place(airtime, place, &p);
        if (r < 0)
                return r;
        p->has_own_slots = true;
        p->n_slots = n_slots;
        loop_rearm(airtime->settle);
        return 0;
}

void airtime_set_default(struct airtime *airtime, unsigned n_slots)
{
        airtime->n_slots = n_slots;
        loop_rearm(airtime->settle);
}

bool airtime_has_room(const struct airtime *airtime, const char *place)
{
        const struct place *p = airtime_find(airtime, place);

        return !p || (place_count(p, TURN_ON, TURN_DISPLACED) < place_slots(p) && !place_next(p));
}

bool airtime_is_used(const struct airtime *airtime, const char *place)
{
        const struct place *p = airtime_find(airtime, place);

        return p && place_count(p, TURN_ON, TURN_DISPLACED) > 0;
}

int turn_new(struct airtime *airtime, const char *place, enum airtime_rank rank,
             const struct airtime_handler *handler, void *userdata, struct turn **ret_turn)
{
        struct turn *t, **at;
        struct place *p;
        int r;

        r = airtime_place(airtime, place, &p);
        if (r < 0)
                return r;
        t = calloc(1, sizeof(*t));
        if (!t)
                return -ENOMEM;
        t->place = p;
        t->rank = rank;
        t->handler = handler;
        t->userdata = userdata;
        for (at = &p->turns; *at; at = &(*at)->next)
                ;
        *at = t;
        loop_rearm(airtime->settle);
        *ret_turn = t;
        return 0;
}

struct turn *turn_free(struct turn *turn)
{
        if (!turn)
                return NULL;
        for (struct turn **at = &turn->place->turns; *at; at = &(*at)->next)
                if (*at == turn) {
                        *at = turn->next;
                        break;
                }
        loop_rearm(turn->place->airtime->settle);
        free(turn);
        return NULL;
}

const char *turn_place(const struct turn *turn)
{
        return turn->place->name;
}

void turn_hand_over(struct turn *turn, enum airtime_rank rank,
                    const struct airtime_handler *handler, void *userdata)
{
        turn->rank = rank;
        turn->handler = handler;
        turn->userdata = userdata;
        loop_rearm(turn->place->airtime->settle);
}
