/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The air on an event loop: simulated time that follows the real one, the controllers by their
 * names, and lines that are due at their times.
 *
 * Time stands still at 0 until room_start(). Where the machine cannot keep up with the factor,
 * simulated time passes as slowly as it must, and hosts and orders are heard still. A packet of a
 * host is taken up at the time it comes, or just before a line that is due by then: so nothing is
 * unplugged under its host's words.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "air/air.h"
#include "room/plug.h"
#include "util/defer.h"

#define ROOM_NAMES_MAX 256

struct room;

struct room_owner {
        /* A descriptor for a new controller, of vhci_open(), or -errno. */
        int (*open_host)(void *userdata);
        /* This line is due, by its time or its message; it may do anything but free the room or
         * advance it. */
        void (*on_due)(void *userdata, const char *line);
};

int room_new(sd_event *event, uint64_t seed, double factor, const struct room_owner *owner,
             void *userdata, struct room **ret_room);

/* Unplugs everything. Takes NULL, returns NULL. */
struct room *room_free(struct room *room);

struct air *room_air(struct room *room);

/* Lets time pass from now on. 0, or what the system said. */
int room_start(struct room *room);

/* Makes everything happen that is due by now, before something is ordered. */
void room_advance(struct room *room);

/* Makes sure that the next thing happens at its time, after something was ordered. */
void room_arm(struct room *room);

/* Ends the loop. */
void room_quit(struct room *room);

/* --- time --- */

uint64_t room_now(const struct room *room);
double room_factor(const struct room *room);
void room_set_factor(struct room *room, double factor);

/* Has on_due() called with @line in @delay microseconds of simulated time. 0, -ENOMEM, or -ENOSPC
 * if there are AGENDA_MAX. */
int room_later(struct room *room, uint64_t delay, const char *line);

/* Has on_due() called with @line at the @n-th message (1 or more) from now that the radio @from
 * sends and @to would hear. It has not been heard then, and nothing else happens in the air before
 * on_due() returns. Takes the place of a line that still waits for its message. 0, or -ENOMEM. */
int room_at_message(struct room *room, unsigned from, unsigned to, uint64_t n, const char *line);

/* --- controllers --- */

/* NULL if there is no such name. */
struct plug *room_find(struct room *room, const char *name);

/* The name, that becomes known by this if it was not. 0, -ENOMEM, or -ENOSPC if there are
 * ROOM_NAMES_MAX. */
int room_name(struct room *room, const char *name, struct plug **ret_plug);

/* Forgets a name that was never plugged in. */
void room_forget(struct room *room, struct plug *plug);

/* All names, in the order they became known; NULL from the number of them on. */
struct plug *room_nth(struct room *room, unsigned n);

/* Every name that becomes known from now on is recorded to DIRECTORY/NAME.btsnoop. 0, or -ENOMEM.
 */
int room_record(struct room *room, const char *directory);

/* The address that the n-th name has unless it is given one: 00:AA:01:00:00:n. */
void room_address(unsigned n, uint8_t ret_address[6]);

/*
 * Plugs in. What was ordered for the ways of a name that was plugged in before, and what was
 * counted on them, is kept if its radio gets the same number, that is if no other was plugged in
 * meanwhile. 0, or what open_host() or plug_in() said.
 */
int room_plug(struct room *room, struct plug *plug, const struct controller_settings *settings);

/* The number by which the space knows the ways of @plug, also while it is unplugged; -ENODEV if
 * another has that number by now, or it never had one. */
int room_number(const struct room *room, const struct plug *plug);

/* Sets to zero what is counted for names and ways, and when that was last done. */
void room_zero(struct room *room);
uint64_t room_zeroed(const struct room *room);

DEFINE_DEFER(struct room *, room_free);
