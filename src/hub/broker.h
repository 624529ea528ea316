/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's end at its broker: the connection, what must arrive over it, and what is known of how
 * well the broker does its work. What arrives goes on to the bridge, or to the courier.
 */

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "bridge/bridge.h"
#include "event/state.h"
#include "hub/census.h"
#include "hub/courier.h"
#include "hub/farewell.h"
#include "hub/herald.h"
#include "hub/means.h"
#include "mqtt/outbox.h"
#include "site/settings.h"
#include "util/defer.h"

/* Everything outlives it. */
struct broker_means {
        sd_event *event;
        const struct settings *settings;
        struct means *means;
        struct herald *herald;
        const struct state *state;
};

struct broker {
        struct broker_means means;
        struct mqtt_client *client;
        enum reason state; /* REASON_NONE: connected */
        struct mqtt_outbox *outbox;
        struct courier courier;
        struct farewell *farewell; /* how the loop ends */
        struct bridge *bridge;     /* which is made with the client, and set before it connects */
        struct census *census;
};

/* Begins to connect, from the loop. 0 or -errno. */
int broker_new(const struct broker_means *means, struct broker **ret_broker);

/* To whom it passes what arrives, from before the loop runs. 0 or -errno. */
int broker_serve(struct broker *broker, struct bridge *bridge);

/* The settings have changed; @is_other: what the connection is made with, too. */
void broker_reload(struct broker *broker, bool is_other);

/* After the bridge. Takes NULL, returns NULL. */
struct broker *broker_free(struct broker *broker);

DEFINE_DEFER(struct broker *, broker_free);
