/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One link over whichever bearer of a connection comes to be used: GATT or an L2CAP channel
 * (doc/protocol.md section 2.4).
 *
 * The first message decides, no matter which side sends it: the bearer that carries it is the
 * link's, and the others are closed. A hub that finds somebody else behind it retreats: that bearer
 * is closed, and the link goes on with the next one that is there or is added. The loss of the last
 * bearer is the loss of the link.
 */

#include <systemd/sd-event.h>

#include "link/link.h"
#include "util/defer.h"

#define BEARERS_MAX 2

struct bearers;

struct bearers_owner {
        /*
         * The link is to retreat: 0 if there is another bearer, or one will be added, or
         * bearers_lose() be called, from the loop; else -errno. NULL if it never retreats. It is
         * asked also where it has declared the link lost, but there is no retreat then.
         */
        int (*on_retreat)(void *owner);
        /* The link has been freed; the last thing it does. */
        void (*on_free)(void *owner);
};

/* A link without a bearer: nothing can be sent until there is one. 0 or -ENOMEM. */
int bearers_new(sd_event *event, const struct bearers_owner *owner, void *userdata,
                struct bearers **ret_bearers);

struct link *bearers_link(struct bearers *bearers);

/*
 * Takes another bearer, or closes it where one is in use already, or the link is lost. It is the
 * caller's to add no more than BEARERS_MAX at a time.
 */
void bearers_add(struct bearers *bearers, struct link *link_take);

/*
 * Declares the link lost; the handler is called in a later turn of the loop, after what has already
 * arrived, unless it knows. There is no retreat any more.
 */
void bearers_lose(struct bearers *bearers, enum reason why);
