/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What zigbee2mqtt calls an action: that something happened on one of the device's channels of
 * events. Its consumers take events from the key "action" only, whose value names both, as in
 * "ring_press" (https://www.zigbee2mqtt.io/guide/usage/exposes.html).
 */

#include <jansson.h>

#include "event/state.h"
#include "store/channel.h"

#define ACTION_PROPERTY "action"

/* The value for an event, a new text; NULL if memory is short. */
json_t *action_json(const struct reading *event);

/*
 * The feature with the actions of these channels, a new object. NULL if there are none, if one of
 * the channels has that name itself, or if memory is short.
 */
json_t *action_feature(const struct store_channel *channels, size_t n_channels);
