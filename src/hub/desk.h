/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Where the faces ask: passes each question on to the part of the hub that it is for, and puts the
 * status together out of what each of them says.
 */

#include "api/backend.h"
#include "bridge/bridge.h"
#include "hub/courier.h"
#include "hub/herald.h"
#include "hub/intake.h"
#include "hub/means.h"
#include "hub/roster.h"
#include "hub/rounds.h"
#include "hub/settle.h"
#include "hub/strays.h"
#include "hub/window.h"

/* What only the hub itself can do. */
struct desk_handler {
        /* Adds its part of the status: the broker, Bluetooth, how many devices were enrolled. */
        void (*on_status)(void *userdata, struct api_status *status);
        /* Ends the daemon, which will be started again. */
        void (*on_restart)(void *userdata);
};

/* To whom it passes what; everything outlives it. */
struct desk {
        struct means *means;
        struct herald *herald;
        struct intake *intake;
        struct window *window;
        const struct settle *settle;
        const struct strays *strays;
        const struct rounds *rounds;
        const struct roster *roster;
        const struct courier *courier;
        struct bridge *bridge; /* which is made after the desk, and set before it can be asked */
        const struct desk_handler *handler;
        void *userdata;
};

/* What a face is made with: it asks at this desk, and reads @state and @conditions by itself. */
struct api_backend desk_backend(struct desk *desk, const struct state *state,
                                const struct conditions *conditions);
