/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the hub publishes about itself and its devices on MQTT, and the requests and commands it
 * takes: the topics below enrolld/<hub>, and those of discovery (doc/mqtt.md).
 *
 * While there is no connection nothing is sent and nothing is queued: what is retained is published
 * whole when the connection is back. What must arrive is the outbox's.
 */

#include <systemd/sd-event.h>

#include "api/backend.h"
#include "api/face.h"
#include "hass/hass.h"
#include "mqtt/client.h"
#include "util/defer.h"

#define BRIDGE_HEALTH_SEC 600
#define BRIDGE_DEVICES_MS 2000 /* until the list of devices follows their availability */

struct bridge;

/*
 * @backend is copied; @client and the texts of @hass, which has the hub's name, live longer. 0;
 * -ENOMEM, or another -errno of the event loop.
 */
int bridge_new(sd_event *event, struct mqtt_client *client, const struct hass_options *hass,
               const struct api_backend *backend, struct bridge **ret_bridge);
struct bridge *bridge_free(struct bridge *bridge);

/*
 * As api_handler.on_clean() says. bridge_stop() ends it early, before the one who asked is freed.
 */
void bridge_clean(struct bridge *bridge, const struct api_request *request,
                  const struct api_later *later);
void bridge_stop(struct bridge *bridge);

/* From now on every request and command is refused with requests_disabled, or none. */
void bridge_close_requests(struct bridge *bridge, bool closed);

/* It publishes everything that happens while there is a connection. */
struct face bridge_face(struct bridge *bridge);

/* The connection is there: publishes everything that the broker keeps. */
void bridge_connected(struct bridge *bridge);

/* As mqtt_handler.on_room() says: what had to wait for the broker can go on. */
void bridge_room(struct bridge *bridge);

/* As mqtt_handler.on_no_hub() says. */
void bridge_no_hub(struct bridge *bridge, const char *hub);

/* As mqtt_handler.on_birth() says. */
void bridge_birth(struct bridge *bridge, const char *payload, size_t n_payload);

/* Answers a request or a command, now or later. */
void bridge_request(struct bridge *bridge, const struct mqtt_request *request);

DEFINE_DEFER(struct bridge *, bridge_free);
