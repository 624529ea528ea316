/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One entity of Home Assistant, made of one channel of a device: its component in a discovery
 * message, with "platform" and full key names.
 *
 * Normative: doc/mqtt.md, section 10.
 */

#include <stdbool.h>

#include <jansson.h>

#include "hass/platform.h"
#include "mqtt/topic.h"
#include "store/channel.h"
#include "store/device.h"

/* Whose entity it is, and where its topics are. */
struct entity_place {
        const char *hub;        /* its name */
        const char *device;     /* its name, which is in its topics */
        const char *identifier; /* of the device in Home Assistant, which never changes */
        bool obeys;             /* the hub takes commands over MQTT */
};

/* Whether there is anything that an entity can do with this channel. */
bool entity_is_possible(const struct entity_place *place, const struct store_channel *channel);

/* Of a channel with which there is. A new object; NULL if memory is short. */
json_t *entity_json(const struct entity_place *place, const struct store_channel *channel);

/*
 * What every entity has: "platform", "unique_id" and "default_entity_id", which are made of @leaf,
 * and "qos", because not every version of Home Assistant passes that of a device on to its entities
 * (components/mqtt/schemas.py, SHARED_OPTIONS). A new object; NULL if memory is short.
 */
json_t *entity_new(const struct entity_place *place, enum platform platform, const char *leaf);

/*
 * Add a topic under @key: any of the hub's, the one that the device publishes on, or the one that
 * sets @leaf. 0, or below 0 if memory is short.
 */
int entity_add_topic(json_t *entity, const char *key, const struct entity_place *place,
                     enum topic topic, const char *name);
int entity_add_state(json_t *entity, const char *key, const struct entity_place *place);
int entity_add_command(json_t *entity, const char *key, const struct entity_place *place,
                       const char *leaf);

/* Adds "name" as people read @leaf: "battery_low" is "Battery low". 0 or below 0. */
int entity_add_name(json_t *entity, const char *leaf);

/* Adds "entity_category" if @channel has one. 0 or below 0. */
int entity_add_category(json_t *entity, enum platform platform,
                        const struct store_channel *channel);
