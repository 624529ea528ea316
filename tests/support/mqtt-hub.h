/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A hub at a mosquitto of its own: a client that notes what it is given, and a peer that hears and
 * says the rest.
 */

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "mqtt/client.h"
#include "support/peer.h"
#include "support/private-broker.h"

#define MQTT_HUB_STATE "enrolld/home/bridge/state"

struct mqtt_hub {
        struct private_broker broker;
        struct peer peer;
        sd_event *event;
        struct mqtt_client *client;
        struct mqtt_options options;

        enum reason reason; /* the last one told */
        unsigned n_states;
        struct mqtt_request request; /* the last one heard, its texts in the two below */
        char name[TOPIC_NAME_SIZE], payload[256];
        unsigned n_requests;
        unsigned n_births;
        bool echo; /* answers a request inside its callback */
        int results[8];
        unsigned n_results;
        unsigned n_rooms;
        unsigned n_kept;
};

/* They note everything in the hub, which is their userdata. */
extern const struct mqtt_handler mqtt_hub_handler;

/* The fixture of a test, whose state is the hub: neither its broker nor its client is started. */
int mqtt_hub_set_up(void **state);
int mqtt_hub_tear_down(void **state);

/* Makes the client with its options. */
void mqtt_hub_start(struct mqtt_hub *h);

/* Waits until the client has reported this state. */
void mqtt_hub_wait_state(struct mqtt_hub *h, enum reason reason);

/*
 * Starts the broker, the peer that hears everything, and the client, which connects to @broker;
 * waits until the peer has heard so, and forgets that.
 */
void mqtt_hub_connect(struct mqtt_hub *h, const char *broker);

/* Publishes; the outcome is added to its results. */
void mqtt_hub_publish(struct mqtt_hub *h, enum topic topic, const char *name, const char *payload);
