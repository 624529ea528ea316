/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A hub as the bridge sees it: a store, a state, and a client of MQTT that has no broker and notes
 * what is published. It takes the place of mqtt/client.h in a program whose sources include
 * $(BRIDGED_HUB).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "bridge/bridge.h"

#define HUB_MESSAGES_MAX 128

struct mqtt_client {
        bool connected;
        bool busy; /* as it always is while it is not connected */
        size_t n_messages;
        struct {
                enum topic topic;
                char name[TOPIC_NAME_SIZE];
                char *text;
        } messages[HUB_MESSAGES_MAX];
        char reply_verb[TOPIC_NAME_SIZE], *reply;
        char removing[TOPIC_SIZE]; /* as the broker was asked last, or "" */
        struct mqtt_done removed;
        char asked[TOPIC_NAME_SIZE]; /* the hub that was asked for last */
        unsigned n_asked;
};

struct hub {
        sd_event *event;
        struct mqtt_client client;
        struct store *store;
        char store_path[256];
        struct state *state;
        struct conditions conditions;
        struct bridge *bridge;
        struct face face;
        const char *running;
        int64_t scan_until;
};

/* The fixture of a test, whose state is the hub: connected, without devices. */
int hub_set_up(void **state);
int hub_tear_down(void **state);

/* The identity of the device of this number; valid until the next call. */
const uint8_t *hub_device_id(unsigned number);

/* What the hub does: the state changes, then the face is called. */
void hub_set_available(struct hub *hub, unsigned number, bool available);
void hub_tell_readings(struct hub *hub, unsigned number, const struct reading *readings, size_t n);
void hub_devices_changed(struct hub *hub);

/* The last message under @topic and @name; the test ends if there is none. */
const char *hub_last(const struct hub *hub, enum topic topic, const char *name);

/* How many messages there are under @topic. */
size_t hub_count(const struct hub *hub, enum topic topic);

/* Forgets the messages so far. */
void hub_forget(struct hub *hub);
