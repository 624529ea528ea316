/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who may use which adapter or stream port next.
 *
 * Every adapter and every port is a place with a number of slots, one for each connection at a
 * time. A turn asks for a slot of one place: it waits in that place's queue, by rank and then by
 * age, and keeps the slot until it is freed. Where every slot is taken and a turn of a higher rank
 * waits, the turn of the lowest rank is displaced: its handler parts with the device, frees the
 * turn, and asks for another one. Nothing is displaced for its own rank.
 *
 * Callbacks come from the loop, one at a time, and may free any turn.
 */

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "util/defer.h"

/* The higher ones first. */
enum airtime_rank {
        AIRTIME_PERSON,     /* somebody waits for it */
        AIRTIME_COMMAND,    /* something for a device to do now */
        AIRTIME_UNFINISHED, /* an enrollment that the hub does, or finishes, by itself */
        AIRTIME_VISIT,      /* readings, which can be taken later as well */
        AIRTIME_STAY,       /* a session that has done its work and may go on until then */
};

struct airtime_handler {
        /* The slot is there. Called once, unless the turn is freed before. */
        void (*on_turn)(void *userdata);
        /* Somebody more important waits for the slot: free the turn soon. Called once at most. */
        void (*on_displaced)(void *userdata);
};

struct airtime;
struct turn;

/* Places have @n_slots slots unless airtime_set_slots() says otherwise. 0 or -errno. */
int airtime_new(sd_event *event, unsigned n_slots, struct airtime **ret_airtime);

/* All turns must have been freed. Takes NULL, returns NULL. */
struct airtime *airtime_free(struct airtime *airtime);

/* How many turns a place may have at the same time; 0 or -ENOMEM. */
int airtime_set_slots(struct airtime *airtime, const char *place, unsigned n_slots);

/* How many slots the places have that nothing else was said about. Nothing is displaced for it. */
void airtime_set_default(struct airtime *airtime, unsigned n_slots);

/* Whether a turn would get a slot of this place at once: one is free, and nobody waits for it. */
bool airtime_has_room(const struct airtime *airtime, const char *place);

/* Whether a turn has a slot of this place now. */
bool airtime_is_used(const struct airtime *airtime, const char *place);

/*
 * Asks for a slot of @place, the name of an adapter or the address of a port, for instance "hci0"
 * or "serial:/dev/ttyUSB0:115200". 0 or -errno.
 */
int turn_new(struct airtime *airtime, const char *place, enum airtime_rank rank,
             const struct airtime_handler *handler, void *userdata, struct turn **ret_turn);

/* Gives the slot back, or leaves the queue. Takes NULL, returns NULL. */
struct turn *turn_free(struct turn *turn);

/* Where it is, by name; as long as the turn. */
const char *turn_place(const struct turn *turn);

/* A turn, whether it waits or has its slot, goes on with another rank and in other hands. */
void turn_hand_over(struct turn *turn, enum airtime_rank rank,
                    const struct airtime_handler *handler, void *userdata);

DEFINE_DEFER(struct airtime *, airtime_free);
DEFINE_DEFER(struct turn *, turn_free);
