/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where a device is reached beside GATT: listens for L2CAP channels (doc/protocol.md section 2.4)
 * on one adapter at a time, and holds the one that has come until its owner lets it in.
 *
 * A channel is optional, so what stands in the way of listening is logged, once, and is no failure.
 * It is tried again when the adapter is next taken into use.
 */

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "ble/l2cap.h"
#include "util/defer.h"

struct doorway;

struct doorway_handler {
        /* A visitor has come, or has said something for the first time. */
        void (*on_visitor)(void *userdata);
};

/* Listens nowhere yet. 0 or -ENOMEM. */
int doorway_new(sd_event *event, const struct doorway_handler *handler, void *userdata,
                struct doorway **ret_doorway);

/* Takes NULL, returns NULL. */
struct doorway *doorway_free(struct doorway *doorway);

/* The adapter to listen on; NULL: none. With another adapter, or none, the visitor has to go. */
void doorway_use(struct doorway *doorway, const struct l2cap_end *own);

/*
 * Who has opened a channel that takes whole messages, and is not in yet; NULL if there is nobody.
 * Somebody else takes the place of one who waits; a second channel of the same one is closed.
 */
const struct l2cap_end *doorway_visitor(const struct doorway *doorway);

/* Whether something has arrived on the visitor's channel. */
bool doorway_visitor_speaks(const struct doorway *doorway);

/* Lets the visitor in, of whom there is one: the channel, which is the caller's. */
int doorway_admit(struct doorway *doorway);

/* Closes the visitor's channel, if there is one. */
void doorway_turn_away(struct doorway *doorway);

DEFINE_DEFER(struct doorway *, doorway_free);
