/* SPDX-License-Identifier: Apache-2.0 */

#include "api/exposes.h"

#include <ctype.h>
#include <stdio.h>

#include "api/json.h"

unsigned exposes_access(const struct store_channel *channel)
{
        unsigned access = 0;

        if (channel->direction & STORE_PUBLISH)
                access |= EXPOSES_PUBLISHED | EXPOSES_GET;
        if (channel->direction & STORE_COMMAND)
                access |= EXPOSES_SET;
        return access;
}

/* "battery_low" is "Battery low" for people. */
static json_t *label_json(const char *leaf)
{
        char label[STORE_LEAF_SIZE];

        (void)snprintf(label, sizeof(label), "%s", leaf);
        label[0] = (char)toupper((unsigned char)label[0]);
        for (char *at = label; *at; at++)
                if (*at == '_' || *at == '-')
                        *at = ' ';
        return json_from_text(label);
}

/* What is special about a number. */
static int add_number(json_t *feature, const struct store_channel *channel)
{
        int r = json_object_set_new(feature, "type", json_string("numeric"));

        if (channel->unit[0])
                r |= json_object_set_new(feature, "unit", json_from_text(channel->unit));
        return r;
}

/* What every feature has, and then what its type has. NULL if memory is short. */
static json_t *feature_json(const struct store_channel *channel)
{
        json_t *feature =
                json_pack("{s:o, s:o, s:o, s:i}", "name", json_from_text(channel->leaf), "label",
                          label_json(channel->leaf), "property", json_from_text(channel->leaf),
                          "access", (int)exposes_access(channel));
        int r = 0;

        if (!feature)
                return NULL;
        if (channel->class[0])
                r |= json_object_set_new(feature, "device_class", json_from_text(channel->class));
        r |= add_number(feature, channel);
        return r < 0 ? json_free(feature) : feature;
}

json_t *exposes_json(const struct store_channel *channels, size_t n_channels)
{
        _defer_(json_free) json_t *exposes = json_array();

        for (size_t i = 0; exposes && i < n_channels; i++)
                if (json_array_append_new(exposes, feature_json(&channels[i])) < 0)
                        return NULL;
        return take(exposes);
}
