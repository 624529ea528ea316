/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the hub says of itself and its devices on MQTT, and what it can be asked there: the topics
 * below enrolld/<hub>/bridge and enrolld/<hub>/device (doc/mqtt.md).
 *
 * While there is no connection nothing is sent and nothing is queued: what is retained is published
 * whole when the connection is back. What must arrive is the outbox's.
 */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>
#include <systemd/sd-event.h>

#include "api/backend.h"
#include "mqtt/client.h"
#include "util/defer.h"
#include "wire/message.h"

#define BRIDGE_HEALTH_SEC 600

struct bridge;

/* What one channel of a device has to say. */
struct bridge_value {
        const char *leaf;
        const struct message_value *value;
};

/* @client, @backend and @userdata live longer. 0; -ENOMEM, or another -errno of the event loop. */
int bridge_new(sd_event *event, struct mqtt_client *client, const struct api_backend *backend,
               void *userdata, struct bridge **ret_bridge);
struct bridge *bridge_free(struct bridge *bridge);

/* The connection is there: publishes everything that the broker keeps. */
void bridge_connected(struct bridge *bridge);

/* Answers a request on TOPIC_REQUEST. */
void bridge_request(struct bridge *bridge, const struct mqtt_request *request);

/* A step of an enrollment as it is published; NULL if memory is short. */
json_t *bridge_event_json(const struct event *event);

/* Publishes a step of an enrollment and, when it was successful, that a device joined. */
void bridge_event(struct bridge *bridge, const struct event *event);

/* The daemon's condition changed: publishes bridge/info if it says something new. */
void bridge_info_changed(struct bridge *bridge);

/* A device was added, settled, renamed or removed. */
void bridge_devices_changed(struct bridge *bridge);

/* A device reported: publishes these values and the last ones of its other channels. */
void bridge_device_values(struct bridge *bridge, const char *name,
                          const struct bridge_value *values, size_t n_values);

/* A device can or cannot be reached; published when it changes. */
void bridge_device_available(struct bridge *bridge, const char *name, bool online);

/*
 * A problem stands (@on) or is over. @reason is one of those that bridge_alert_known() knows:
 * conditions of the hub, not failures of one enrollment.
 */
void bridge_alert(struct bridge *bridge, enum reason reason, bool on);
bool bridge_alert_known(enum reason reason);

DEFINE_DEFER(struct bridge *, bridge_free);
