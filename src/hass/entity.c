/* SPDX-License-Identifier: Apache-2.0 */

#include "hass/entity.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api/exposes.h"
#include "api/json.h"
#include "hass/template.h"

#define ID_SIZE 128 /* of an identifier or a name and a leaf, with the NUL */
#define QOS     1   /* of what Home Assistant subscribes to, and of its commands */

/* Of a number without a range: all that fits into 32 bits. */
#define LOWEST     INT32_MIN
#define HIGHEST    INT32_MAX
#define STEP_LEAST 0.001 /* that Home Assistant takes */

/* What can be done with it here: the bits of exposes_access(). */
static unsigned access_of(const struct entity_place *place, const struct store_channel *channel)
{
        unsigned access = exposes_access(channel);

        return place->obeys ? access : access & ~(unsigned)EXPOSES_SET;
}

bool entity_is_possible(const struct entity_place *place, const struct store_channel *channel)
{
        return access_of(place, channel) & (EXPOSES_SET | EXPOSES_PUBLISHED);
}

static enum platform platform_of(const struct store_channel *channel, bool is_set)
{
        switch (channel->type) {
        case STORE_SWITCH:
                return is_set ? PLATFORM_SWITCH : PLATFORM_BINARY_SENSOR;
        case STORE_ENUMERATION:
                return is_set ? PLATFORM_SELECT : PLATFORM_SENSOR;
        case STORE_TEXT:
                return is_set ? PLATFORM_TEXT : PLATFORM_SENSOR;
        case STORE_BUTTON:
                return PLATFORM_BUTTON;
        case STORE_EVENT:
                return PLATFORM_EVENT;
        case STORE_NUMBER:
        case STORE_TYPE_MAX:
                break;
        }
        return is_set ? PLATFORM_NUMBER : PLATFORM_SENSOR;
}

/* --- what all have --- */

/* In entity ids there are only lower-case letters, digits and _. */
static void make_slug(char *text)
{
        for (; *text; text++)
                *text = *text == '-' ? '_' : (char)tolower((unsigned char)*text);
}

json_t *entity_new(const struct entity_place *place, enum platform platform, const char *leaf)
{
        char unique[ID_SIZE], id[ID_SIZE];

        (void)snprintf(unique, sizeof(unique), "%s_%s", place->identifier, leaf);
        (void)snprintf(id, sizeof(id), "%s.%s_%s", platform_name(platform), place->device, leaf);
        make_slug(id);
        return json_pack("{s:s, s:s, s:s, s:i}", "platform", platform_name(platform), "unique_id",
                         unique, "default_entity_id", id, "qos", QOS);
}

int entity_add_topic(json_t *entity, const char *key, const struct entity_place *place,
                     enum topic topic, const char *name)
{
        char text[TOPIC_SIZE];

        if (topic_build(topic, place->hub, name, text) < 0)
                return -1;
        return json_object_set_new(entity, key, json_string(text));
}

int entity_add_state(json_t *entity, const char *key, const struct entity_place *place)
{
        return entity_add_topic(entity, key, place, TOPIC_DEVICE, place->device);
}

int entity_add_command(json_t *entity, const char *key, const struct entity_place *place,
                       const char *leaf)
{
        char name[TOPIC_NAME_SIZE];

        (void)snprintf(name, sizeof(name), "%s/%s", place->device, leaf);
        return entity_add_topic(entity, key, place, TOPIC_SET_LEAF, name);
}

int entity_add_name(json_t *entity, const char *leaf)
{
        return json_object_set_new(entity, "name", exposes_label(leaf));
}

int entity_add_category(json_t *entity, enum platform platform, const struct store_channel *channel)
{
        enum store_category category = channel->category;

        if (category == STORE_PRIMARY)
                return 0;
        if (platform_only_shows(platform))
                category = STORE_DIAGNOSTIC;
        return json_object_set_new(entity, "entity_category",
                                   json_string(store_category_name(category)));
}

/* --- what one platform has --- */

/* "measurement" and so on, of a number; NULL if it does not count like that. */
static const char *state_class_of(enum platform platform, const struct store_channel *channel)
{
        if (platform != PLATFORM_SENSOR || channel->type != STORE_NUMBER)
                return NULL;
        if (!platform_has_class(platform, channel->class, channel->unit))
                return platform_state_class("");
        return platform_state_class(channel->class);
}

/* Of a number, where there is a unit. */
static json_t *unit_json(const struct store_channel *channel)
{
        return channel->type == STORE_NUMBER && channel->unit[0] ? json_from_text(channel->unit)
                                                                 : NULL;
}

static int add_words(json_t *entity, const char *key, const struct store_channel *channel)
{
        return json_object_set_new(entity, key, json_from_words(channel->words));
}

static int add_sensor(json_t *entity, const struct store_channel *channel)
{
        const char *state_class = state_class_of(PLATFORM_SENSOR, channel);
        int r = 0;

        if (state_class)
                r |= json_object_set_new(entity, "state_class", json_string(state_class));
        if (channel->type != STORE_ENUMERATION)
                return r;
        r |= json_object_set_new(entity, "device_class", json_string("enum"));
        return r | add_words(entity, "options", channel);
}

/* Home Assistant has 0 to 100 in steps of 1 for a number that does not say anything else. */
static int add_number(json_t *entity, const struct store_channel *channel)
{
        int64_t step = channel->step > 0 ? channel->step : 1;
        _defer_(json_free) json_t *grain = NULL;
        int r;

        if (!channel->has_range) {
                r = json_object_set_new(entity, "min", json_integer(LOWEST));
                r |= json_object_set_new(entity, "max", json_integer(HIGHEST));
                r |= json_object_set_new(entity, "step", json_real(STEP_LEAST));
                return r | json_object_set_new(entity, "mode", json_string("box"));
        }
        grain = json_from_limit(step, channel->exponent);
        if (json_number_value(grain) < STEP_LEAST) {
                (void)json_free(grain);
                grain = json_real(STEP_LEAST);
        }
        r = json_object_set_new(entity, "min", json_from_limit(channel->low, channel->exponent));
        r |= json_object_set_new(entity, "max", json_from_limit(channel->high, channel->exponent));
        return r | json_object_set(entity, "step", grain);
}

/* A boolean is "True" where it is shown, and true in a command. */
static int add_states(json_t *entity, enum platform platform)
{
        bool is_set = platform == PLATFORM_SWITCH;
        int r;

        r = json_object_set_new(entity, is_set ? "state_on" : "payload_on", json_string("True"));
        r |= json_object_set_new(entity, is_set ? "state_off" : "payload_off",
                                 json_string("False"));
        if (!is_set)
                return r;
        r |= json_object_set_new(entity, "payload_on", json_string("true"));
        return r | json_object_set_new(entity, "payload_off", json_string("false"));
}

static int add_own(json_t *entity, enum platform platform, const struct store_channel *channel)
{
        int r = 0;

        switch (platform) {
        case PLATFORM_SENSOR:
                return add_sensor(entity, channel);
        case PLATFORM_BINARY_SENSOR:
        case PLATFORM_SWITCH:
                return add_states(entity, platform);
        case PLATFORM_NUMBER:
                return add_number(entity, channel);
        case PLATFORM_SELECT:
                r = add_words(entity, "options", channel);
                break;
        case PLATFORM_TEXT:
                r = json_object_set_new(entity, "max", json_integer(channel->length));
                break;
        case PLATFORM_BUTTON:
                return json_object_set_new(entity, "payload_press", json_string("press"));
        case PLATFORM_EVENT:
                return add_words(entity, "event_types", channel);
        case PLATFORM_LIGHT:
        case PLATFORM_LOCK:
        case PLATFORM_COVER:
        case PLATFORM_CLIMATE:
        case PLATFORM_MAX:
                return 0;
        }
        return r | json_object_set_new(entity, "command_template", json_string(TEMPLATE_COMMAND));
}

static json_t *value_template(enum platform platform, const char *leaf)
{
        if (platform == PLATFORM_EVENT)
                return template_event(leaf);
        return template_leaf(leaf, platform == PLATFORM_TEXT ? TEMPLATE_IGNORED : TEMPLATE_UNKNOWN);
}

/* The name may be left to the class where that says the same. */
static int add_class_and_name(json_t *entity, enum platform platform,
                              const struct store_channel *channel)
{
        bool fits = platform_has_class(platform, channel->class, channel->unit) &&
                    (channel->type == STORE_NUMBER ||
                     (platform != PLATFORM_SENSOR && platform != PLATFORM_NUMBER));
        int r = 0;

        if (fits)
                r = json_object_set_new(entity, "device_class", json_from_text(channel->class));
        if (fits && platform_names_by_class(platform) && strcmp(channel->leaf, channel->class) == 0)
                return r;
        return r | entity_add_name(entity, channel->leaf);
}

json_t *entity_json(const struct entity_place *place, const struct store_channel *channel)
{
        unsigned access = access_of(place, channel);
        enum platform platform = platform_of(channel, access & EXPOSES_SET);
        _defer_(json_free) json_t *entity = entity_new(place, platform, channel->leaf);
        json_t *unit = unit_json(channel);
        int r = entity ? 0 : -1;

        if (unit)
                r |= json_object_set_new(entity, "unit_of_measurement", unit);
        r |= add_class_and_name(entity, platform, channel);
        r |= entity_add_category(entity, platform, channel);
        if (access & EXPOSES_PUBLISHED) {
                r |= entity_add_state(entity, "state_topic", place);
                r |= json_object_set_new(entity, "value_template",
                                         value_template(platform, channel->leaf));
        }
        if (access & EXPOSES_SET)
                r |= entity_add_command(entity, "command_topic", place, channel->leaf);
        r |= add_own(entity, platform, channel);
        return r < 0 ? NULL : take(entity);
}
