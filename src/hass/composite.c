/* SPDX-License-Identifier: Apache-2.0 */

#include "hass/composite.h"

#include <string.h>

#include "api/json.h"
#include "hass/template.h"

#define DEGREE          "\xc2\xb0"
#define FULL_BRIGHTNESS 255
#define FULL_POSITION   100

/* The modes of Home Assistant (components/climate/const.py). */
#define CLIMATE_MODES "auto off cool heat heat_cool dry fan_only"

struct composite composite_at(const struct entity_place *place, const struct exposes_source *source,
                              size_t first)
{
        const struct store_member *members = &source->members[first];
        size_t n = 0;

        while (first + n < source->n_members && members[n].group == members[0].group)
                n++;
        return (struct composite){
                .place = place,
                .source = source,
                .members = members,
                .n_members = n,
                .is_alone = n == source->n_members,
        };
}

/* The platform of each kind. */
static const struct kind {
        const char *name;
        enum platform platform;
} kinds[] = {
        {"light", PLATFORM_LIGHT},
        {"lock", PLATFORM_LOCK},
        {"cover", PLATFORM_COVER},
        {"climate", PLATFORM_CLIMATE},
};

/* NULL if this version does not know it. */
static const struct kind *kind_of(const struct composite *c)
{
        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (strcmp(kinds[i].name, c->members[0].kind) == 0)
                        return &kinds[i];
        return NULL;
}

static const struct store_channel *channel_of(const struct composite *c, uint32_t number)
{
        for (size_t i = 0; i < c->source->n_channels; i++)
                if (c->source->channels[i].number == number)
                        return &c->source->channels[i];
        return NULL;
}

/* NULL if the group has no such role. */
static const struct store_channel *part(const struct composite *c, const char *role)
{
        for (size_t i = 0; i < c->n_members; i++)
                if (strcmp(c->members[i].role, role) == 0)
                        return channel_of(c, c->members[i].channel);
        return NULL;
}

static bool is_published(const struct store_channel *channel)
{
        return channel && channel->direction & STORE_PUBLISH;
}

static bool is_commanded(const struct store_channel *channel)
{
        return channel && channel->direction & STORE_COMMAND;
}

static bool has_word(const char *words, const char *word, size_t n)
{
        for (; *words; words += strspn(words, " ")) {
                size_t n_next = strcspn(words, " ");

                if (n_next == n && memcmp(words, word, n) == 0)
                        return true;
                words += n_next;
        }
        return false;
}

static bool can_say(const struct store_channel *channel, const char *word)
{
        return has_word(channel->words, word, strlen(word));
}

/* --- what fits --- */

/* Home Assistant counts the colour temperature in one of these. */
static bool is_colour(const struct store_channel *channel)
{
        return template_scales(channel) && channel->exponent == 0 && channel->low > 0 &&
               (strcmp(channel->unit, "K") == 0 || strcmp(channel->unit, "mired") == 0);
}

/* "C" or "F"; "" where the channel does not say; NULL if it is anything else. */
static const char *scale_of(const struct store_channel *channel)
{
        if (!channel->unit[0])
                return "";
        if (strcmp(channel->unit, DEGREE "C") == 0)
                return "C";
        return strcmp(channel->unit, DEGREE "F") == 0 ? "F" : NULL;
}

/* All of its words are modes that Home Assistant knows. */
static bool is_mode(const struct store_channel *channel)
{
        const char *word = channel->words;

        while (*word) {
                size_t n = strcspn(word, " ");

                if (!has_word(CLIMATE_MODES, word, n))
                        return false;
                word += n + strspn(word + n, " ");
        }
        return true;
}

/* Whether Home Assistant has a place for the channel of @role. */
static bool fits(const struct composite *c, const char *role, const struct store_channel *channel)
{
        const struct store_channel *target = part(c, "target");

        if (strcmp(role, "brightness") == 0 || strcmp(role, "position") == 0)
                return template_scales(channel);
        if (strcmp(role, "colour_temp") == 0)
                return is_colour(channel);
        if (strcmp(role, "current") == 0)
                return target && strcmp(channel->unit, target->unit) == 0;
        if (target && strcmp(role, "mode") == 0)
                return is_mode(channel);
        return true;
}

/* What an entity cannot be without. */
static bool is_whole(const struct composite *c)
{
        const char *kind = c->members[0].kind;
        const struct store_channel *target = part(c, "target");

        if (strcmp(kind, "climate") == 0)
                return target && scale_of(target);
        return strcmp(kind, "cover") == 0 || part(c, "state");
}

bool composite_is_possible(const struct composite *composite)
{
        return composite->place->obeys && kind_of(composite) && is_whole(composite);
}

bool composite_has(const struct composite *composite, const struct store_channel *channel)
{
        if (!composite_is_possible(composite))
                return false;
        for (size_t i = 0; i < composite->n_members; i++)
                if (composite->members[i].channel == channel->number)
                        return fits(composite, composite->members[i].role, channel);
        return false;
}

/* The same, if it fits. */
static const struct store_channel *fitting(const struct composite *c, const char *role)
{
        const struct store_channel *channel = part(c, role);

        return channel && fits(c, role, channel) ? channel : NULL;
}

const char *composite_leaf(const struct composite *composite)
{
        const struct store_channel *first = channel_of(composite, composite->members[0].channel);

        return first ? first->leaf : composite->members[0].kind;
}

/* --- pieces of an entity --- */

static int set_text(json_t *entity, const char *key, const char *text)
{
        return json_object_set_new(entity, key, json_string(text));
}

static int set_number(json_t *entity, const char *key, const struct store_channel *channel,
                      int64_t number)
{
        return json_object_set_new(entity, key, json_from_limit(number, channel->exponent));
}

/* The topic and the template with which @channel is shown. Takes @template. */
static int add_shown(json_t *entity, const struct composite *c, const char *topic_key,
                     const char *template_key, json_t *template)
{
        int r = entity_add_state(entity, topic_key, c->place);

        return r | json_object_set_new(entity, template_key, template);
}

/* --- lights --- */

/* Home Assistant counts from 1 to a full brightness by itself. */
static bool counts_to_full(const struct store_channel *brightness)
{
        return brightness->exponent == 0 && brightness->step <= 1 && brightness->low >= 0 &&
               brightness->low <= 1 && brightness->high <= INT32_MAX;
}

static int add_brightness(json_t *light, const struct composite *c)
{
        const struct store_channel *channel = fitting(c, "brightness");
        bool counts = channel && counts_to_full(channel);
        int r = 0;

        if (!channel)
                return 0;
        r |= entity_add_command(light, "brightness_command_topic", c->place, channel->leaf);
        if (counts)
                r |= set_number(light, "brightness_scale", channel, channel->high);
        else
                r |= json_object_set_new(light, "brightness_command_template",
                                         template_to_channel(channel, "value", FULL_BRIGHTNESS));
        if (!is_published(channel))
                return r;
        return r | add_shown(light, c, "brightness_state_topic", "brightness_value_template",
                             counts ? template_leaf(channel->leaf, TEMPLATE_IGNORED)
                                    : template_from_channel(channel, FULL_BRIGHTNESS));
}

static int add_colour(json_t *light, const struct composite *c)
{
        const struct store_channel *channel = fitting(c, "colour_temp");
        bool is_kelvin = channel && channel->unit[0] == 'K';
        int r = 0;

        if (!channel)
                return 0;
        r |= entity_add_command(light, "color_temp_command_topic", c->place, channel->leaf);
        r |= json_object_set_new(light, "color_temp_kelvin", json_boolean(is_kelvin));
        r |= set_number(light, is_kelvin ? "min_kelvin" : "min_mireds", channel, channel->low);
        r |= set_number(light, is_kelvin ? "max_kelvin" : "max_mireds", channel, channel->high);
        if (channel->step > 1)
                r |= json_object_set_new(light, "color_temp_command_template",
                                         template_to_step(channel));
        if (!is_published(channel))
                return r;
        return r | add_shown(light, c, "color_temp_state_topic", "color_temp_value_template",
                             template_leaf(channel->leaf, TEMPLATE_IGNORED));
}

static int add_light(json_t *light, const struct composite *c)
{
        const struct store_channel *state = part(c, "state");
        int r;

        r = entity_add_command(light, "command_topic", c->place, state->leaf);
        r |= set_text(light, "payload_on", "true");
        r |= set_text(light, "payload_off", "false");
        if (is_published(state))
                r |= add_shown(light, c, "state_topic", "state_value_template",
                               template_boolean(state->leaf));
        r |= add_brightness(light, c);
        return r | add_colour(light, c);
}

/* --- locks --- */

/* A word of the channel and the key of Home Assistant that it goes under. */
struct word_key {
        const char *word, *key;
};

static int add_words(json_t *entity, const struct store_channel *channel,
                     const struct word_key *keys, size_t n_keys)
{
        int r = 0;

        for (size_t i = 0; i < n_keys; i++)
                if (can_say(channel, keys[i].word))
                        r |= set_text(entity, keys[i].key, keys[i].word);
        return r;
}

static int add_lock_states(json_t *lock, const struct composite *c,
                           const struct store_channel *state)
{
        static const struct word_key keys[] = {
                {"locked", "state_locked"},   {"unlocked", "state_unlocked"},
                {"locking", "state_locking"}, {"unlocking", "state_unlocking"},
                {"jammed", "state_jammed"},   {"open", "state_open"},
                {"opening", "state_opening"},
        };
        int r = add_shown(lock, c, "state_topic", "value_template",
                          template_leaf(state->leaf, TEMPLATE_UNKNOWN));

        if (state->type == STORE_ENUMERATION)
                return r | add_words(lock, state, keys, ELEMENTSOF(keys));
        r |= set_text(lock, "state_locked", "True");
        return r | set_text(lock, "state_unlocked", "False");
}

static int add_lock(json_t *lock, const struct composite *c)
{
        static const struct word_key by_command[] = {
                {"lock", "payload_lock"},
                {"unlock", "payload_unlock"},
                {"open", "payload_open"},
        };
        static const struct word_key by_state[] = {
                {"locked", "payload_lock"},
                {"unlocked", "payload_unlock"},
        };
        const struct store_channel *state = part(c, "state");
        const struct store_channel *command = part(c, "command");
        const struct store_channel *obeying = command ? command : state;
        int r;

        r = add_lock_states(lock, c, state);
        r |= entity_add_command(lock, "command_topic", c->place, obeying->leaf);
        if (obeying->type != STORE_ENUMERATION) {
                r |= set_text(lock, "payload_lock", "true");
                return r | set_text(lock, "payload_unlock", "false");
        }
        return r | (command ? add_words(lock, command, by_command, ELEMENTSOF(by_command))
                            : add_words(lock, state, by_state, ELEMENTSOF(by_state)));
}

/* --- covers --- */

/* Home Assistant counts by itself between whole numbers that are all valid. */
static bool counts_by_itself(const struct store_channel *position)
{
        return position->exponent == 0 && position->step <= 1 && position->low >= INT32_MIN &&
               position->high <= INT32_MAX;
}

static int add_position(json_t *cover, const struct composite *c,
                        const struct store_channel *channel)
{
        bool counts = counts_by_itself(channel);
        int r;

        r = add_shown(cover, c, "position_topic", "position_template",
                      counts ? template_leaf(channel->leaf, TEMPLATE_IGNORED)
                             : template_from_channel(channel, FULL_POSITION));
        if (counts) {
                r |= set_number(cover, "position_closed", channel, channel->low);
                r |= set_number(cover, "position_open", channel, channel->high);
        }
        if (!is_commanded(channel))
                return r;
        r |= entity_add_command(cover, "set_position_topic", c->place, channel->leaf);
        if (!counts)
                r |= json_object_set_new(cover, "set_position_template",
                                         template_to_channel(channel, "position", FULL_POSITION));
        return r;
}

/* A limit of @position as the payload of a command. */
static int add_end(json_t *cover, const char *key, const struct store_channel *position,
                   int64_t limit)
{
        _defer_(json_free) json_t *number = json_from_limit(limit, position->exponent);

        return json_object_set_new(
                cover, key,
                json_is_integer(number)
                        ? json_sprintf("%" JSON_INTEGER_FORMAT, json_integer_value(number))
                        : json_sprintf("%.15g", json_number_value(number)));
}

/* To open and to close it: with a command, with its state, or with the ends of its position. */
static int add_moves(json_t *cover, const struct composite *c, const struct store_channel *position)
{
        const struct store_channel *state = part(c, "state"), *command = part(c, "command");
        int r;

        if (command || is_commanded(state)) {
                const struct store_channel *obeying = command ? command : state;
                const char *close = command ? "close" : "closed";

                r = entity_add_command(cover, "command_topic", c->place, obeying->leaf);
                r |= set_text(cover, "payload_open", "open");
                r |= set_text(cover, "payload_close", close);
                return r | json_object_set_new(cover, "payload_stop",
                                               can_say(obeying, "stop") ? json_string("stop")
                                                                        : json_null());
        }
        if (!position || !is_commanded(position))
                return 0;
        r = entity_add_command(cover, "command_topic", c->place, position->leaf);
        r |= add_end(cover, "payload_open", position, template_highest(position));
        r |= add_end(cover, "payload_close", position, position->low);
        return r | json_object_set_new(cover, "payload_stop", json_null());
}

/* The first that one of its channels has. */
static int add_cover_class(json_t *cover, const struct composite *c)
{
        for (size_t i = 0; i < c->n_members; i++) {
                const struct store_channel *channel = channel_of(c, c->members[i].channel);

                if (channel && platform_has_class(PLATFORM_COVER, channel->class, ""))
                        return set_text(cover, "device_class", channel->class);
        }
        return 0;
}

static int add_cover(json_t *cover, const struct composite *c)
{
        static const struct word_key keys[] = {
                {"open", "state_open"},       {"closed", "state_closed"},
                {"opening", "state_opening"}, {"closing", "state_closing"},
                {"stopped", "state_stopped"},
        };
        const struct store_channel *position = fitting(c, "position"), *state = part(c, "state");
        int r = add_moves(cover, c, position);

        r |= add_cover_class(cover, c);
        if (position)
                r |= add_position(cover, c, position);
        if (!state)
                return r;
        r |= add_shown(cover, c, "state_topic", "value_template",
                       template_leaf(state->leaf, TEMPLATE_IGNORED));
        return r | add_words(cover, state, keys, ELEMENTSOF(keys));
}

/* --- climate controls --- */

static int add_mode(json_t *climate, const struct composite *c)
{
        const struct store_channel *channel = fitting(c, "mode");
        int r;

        if (!channel) /* it does what it does; else Home Assistant would offer all modes */
                return json_object_set_new(climate, "modes", json_pack("[s]", "auto"));
        r = json_object_set_new(climate, "modes", json_from_words(channel->words));
        r |= entity_add_command(climate, "mode_command_topic", c->place, channel->leaf);
        if (!is_published(channel))
                return r;
        return r | add_shown(climate, c, "mode_state_topic", "mode_state_template",
                             template_leaf(channel->leaf, TEMPLATE_UNKNOWN));
}

static int add_climate(json_t *climate, const struct composite *c)
{
        const struct store_channel *target = part(c, "target"), *current = fitting(c, "current");
        const char *scale = scale_of(target);
        int r;

        r = entity_add_command(climate, "temperature_command_topic", c->place, target->leaf);
        r |= set_number(climate, "min_temp", target, target->low);
        r |= set_number(climate, "max_temp", target, target->high);
        r |= set_number(climate, "temp_step", target, target->step > 0 ? target->step : 1);
        if (scale[0])
                r |= set_text(climate, "temperature_unit", scale);
        if (is_published(target))
                r |= add_shown(climate, c, "temperature_state_topic", "temperature_state_template",
                               template_leaf(target->leaf, TEMPLATE_UNKNOWN));
        if (current)
                r |= add_shown(climate, c, "current_temperature_topic",
                               "current_temperature_template",
                               template_leaf(current->leaf, TEMPLATE_UNKNOWN));
        return r | add_mode(climate, c);
}

/* --- all of them --- */

static int add_own(json_t *entity, const struct composite *c, enum platform platform)
{
        switch (platform) {
        case PLATFORM_LIGHT:
                return add_light(entity, c);
        case PLATFORM_LOCK:
                return add_lock(entity, c);
        case PLATFORM_COVER:
                return add_cover(entity, c);
        default:
                return add_climate(entity, c);
        }
}

json_t *composite_json(const struct composite *composite)
{
        enum platform platform = kind_of(composite)->platform;
        const char *leaf = composite_leaf(composite);
        _defer_(json_free) json_t *entity = entity_new(composite->place, platform, leaf);
        int r;

        if (!entity)
                return NULL;
        r = add_own(entity, composite, platform);
        /* The only one is called what its device is called. */
        r |= composite->is_alone ? json_object_set_new(entity, "name", json_null())
                                 : entity_add_name(entity, leaf);
        return r < 0 ? NULL : take(entity);
}
