/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One entity of Home Assistant that is made of a group of channels: a light, a lock, a cover or a
 * climate control (doc/code.md, section 4.7).
 *
 * Where Home Assistant has no place for a channel of a group, or for the whole group, the channel
 * stays an entity of its own: nothing that a device can do is lost.
 *
 * Normative: doc/mqtt.md, section 10.
 */

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "api/exposes.h"
#include "hass/entity.h"
#include "store/channel.h"
#include "store/group.h"

/* The members of one group, which are next to each other. */
struct composite {
        const struct entity_place *place;
        const struct exposes_source *source;
        const struct store_member *members;
        size_t n_members;
        bool is_alone; /* the device has no other group */
};

/* The group whose first member is the @first one of @source. */
struct composite composite_at(const struct entity_place *place, const struct exposes_source *source,
                              size_t first);

/* Whether it is an entity at all. */
bool composite_is_possible(const struct composite *composite);

/* Whether this channel is part of that entity, which is then the only one that shows it. */
bool composite_has(const struct composite *composite, const struct store_channel *channel);

/* The leaf that the entity is known by: that of its first role. */
const char *composite_leaf(const struct composite *composite);

/* Of one that is possible. A new object; NULL if memory is short. */
json_t *composite_json(const struct composite *composite);
