/* SPDX-License-Identifier: Apache-2.0 */

#include "api/action.h"

#include <string.h>

#include "api/exposes.h"
#include "api/json.h"
#include "api/scalar.h"

json_t *action_json(const struct reading *event)
{
        _defer_(json_free) json_t *word = scalar_json(&event->value);

        return json_sprintf("%s_%s", event->leaf,
                            json_is_string(word) ? json_string_value(word) : "event");
}

static int add_words(json_t *values, const struct store_channel *channel)
{
        _defer_(json_free) json_t *words = json_from_words(channel->words);
        json_t *word;
        size_t i;
        int r = 0;

        json_array_foreach(words, i, word) r |= json_array_append_new(
                values, json_sprintf("%s_%s", channel->leaf, json_string_value(word)));
        return r;
}

json_t *action_feature(const struct store_channel *channels, size_t n_channels)
{
        _defer_(json_free) json_t *values = json_array();
        int r = 0;

        for (size_t i = 0; i < n_channels; i++) {
                if (strcmp(channels[i].leaf, ACTION_PROPERTY) == 0)
                        return NULL;
                if (channels[i].type == STORE_EVENT)
                        r |= add_words(values, &channels[i]);
        }
        if (r < 0 || json_array_size(values) == 0)
                return NULL;
        return json_pack("{s:s, s:s, s:s, s:i, s:s, s:O}", "name", ACTION_PROPERTY, "label",
                         "Action", "property", ACTION_PROPERTY, "access", (int)EXPOSES_PUBLISHED,
                         "type", "enum", "values", values);
}
