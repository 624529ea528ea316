/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The channels of a device, and their groups, as zigbee2mqtt's `exposes` (doc/mqtt.md section 6.2):
 * an array of features from which its consumers make the controls and displays of a device.
 */

#include <stddef.h>

#include <jansson.h>

#include "store/channel.h"
#include "store/group.h"

/* The bits of a feature's "access". */
enum {
        EXPOSES_PUBLISHED = 1, /* it is in what the device publishes */
        EXPOSES_SET = 2,       /* it can be set */
        EXPOSES_GET = 4,       /* it can be asked for */
};

/* What the features of a device are made of. */
struct exposes_source {
        const struct store_channel *channels;
        size_t n_channels;
        const struct store_member *members; /* those of a group next to each other */
        size_t n_members;
};

/*
 * What can be done with a channel, a sum of these bits. An event cannot be asked for: it is nothing
 * that a device has, but something that happened.
 */
unsigned exposes_access(const struct store_channel *channel);

/* A leaf as people read it: "battery_low" is "Battery low". A new text; NULL if memory is short. */
json_t *exposes_label(const char *name);

/* First the groups, then the channels that are not part of one. A new array; NULL if memory is
 * short. */
json_t *exposes_json(const struct exposes_source *source);
