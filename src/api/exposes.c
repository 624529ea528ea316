/* SPDX-License-Identifier: Apache-2.0 */

#include "api/exposes.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "api/action.h"
#include "api/json.h"

unsigned exposes_access(const struct store_channel *channel)
{
        unsigned access = 0;

        if (channel->direction & STORE_PUBLISH)
                access |= EXPOSES_PUBLISHED;
        if ((channel->direction & STORE_PUBLISH) && channel->type != STORE_EVENT)
                access |= EXPOSES_GET;
        if (channel->direction & STORE_COMMAND)
                access |= EXPOSES_SET;
        return access;
}

/* --- the roles of groups --- */

/* The groups in which a role has a name. */
enum {
        ALONE = 1,  /* those without a command */
        BESIDE = 2, /* those with one */
};

/*
 * What zigbee2mqtt calls the roles of groups (doc/code.md, section 4.7). The state of its locks and
 * covers is what takes commands; what only says how they are has another name, or none.
 */
static const struct counterpart {
        const char *kind, *role;
        unsigned where;
        const char *name;
        const char *on, *off; /* of an enumeration that is binary there */
        const char *unit;     /* that the name implies: with another, the channel is not that */
} counterparts[] = {
        {"light", "state", ALONE, "state", NULL, NULL, NULL},
        {"light", "brightness", ALONE, "brightness", NULL, NULL, NULL},
        {"light", "colour_temp", ALONE, "color_temp", NULL, NULL, "mired"},
        {"lock", "state", ALONE, "state", "locked", "unlocked", NULL},
        {"lock", "state", BESIDE, "lock_state", NULL, NULL, NULL},
        {"lock", "command", BESIDE, "state", "lock", "unlock", NULL},
        {"cover", "position", ALONE | BESIDE, "position", NULL, NULL, NULL},
        {"cover", "state", ALONE, "state", NULL, NULL, NULL},
        {"cover", "command", BESIDE, "state", NULL, NULL, NULL},
        {"climate", "target", ALONE, "current_heating_setpoint", NULL, NULL, NULL},
        {"climate", "current", ALONE, "local_temperature", NULL, NULL, NULL},
        {"climate", "mode", ALONE, "system_mode", NULL, NULL, NULL},
};

/* What a switch of the class of a plug is there, a group of one channel. */
static const struct counterpart plug = {"switch", "state", ALONE, "state", NULL, NULL, NULL};

static const struct store_channel *channel_of(const struct exposes_source *source, uint32_t number)
{
        for (size_t i = 0; i < source->n_channels; i++)
                if (source->channels[i].number == number)
                        return &source->channels[i];
        return NULL;
}

static bool has_unit(const struct exposes_source *source, const struct store_member *member,
                     const char *unit)
{
        const struct store_channel *channel = channel_of(source, member->channel);

        return !unit || (channel && strcmp(channel->unit, unit) == 0);
}

/* NULL if zigbee2mqtt has none: the channel is not shown as part of its group. */
static const struct counterpart *counterpart_of(const struct exposes_source *source,
                                                const struct store_member *member)
{
        unsigned where = ALONE;

        for (size_t i = 0; i < source->n_members; i++)
                if (source->members[i].group == member->group &&
                    strcmp(source->members[i].role, "command") == 0)
                        where = BESIDE;
        for (size_t i = 0; i < ELEMENTSOF(counterparts); i++)
                if ((counterparts[i].where & where) &&
                    strcmp(counterparts[i].kind, member->kind) == 0 &&
                    strcmp(counterparts[i].role, member->role) == 0 &&
                    has_unit(source, member, counterparts[i].unit))
                        return &counterparts[i];
        return NULL;
}

static bool is_plug(const struct store_channel *channel)
{
        return channel->type == STORE_SWITCH && (channel->direction & STORE_COMMAND) &&
               (strcmp(channel->class, "outlet") == 0 || strcmp(channel->class, "switch") == 0);
}

static bool is_in_group(const struct exposes_source *source, const struct store_channel *channel)
{
        for (size_t i = 0; i < source->n_members; i++)
                if (source->members[i].channel == channel->number &&
                    counterpart_of(source, &source->members[i]))
                        return true;
        return false;
}

/* --- features --- */

json_t *exposes_label(const char *name)
{
        char label[STORE_LEAF_SIZE];

        (void)snprintf(label, sizeof(label), "%s", name);
        label[0] = (char)toupper((unsigned char)label[0]);
        for (char *at = label; *at; at++)
                if (*at == '_' || *at == '-')
                        *at = ' ';
        return json_from_text(label);
}

/* Takes @on and @off. */
static int add_binary(json_t *feature, json_t *on, json_t *off)
{
        int r = json_object_set_new(feature, "type", json_string("binary"));

        r |= json_object_set_new(feature, "value_on", on);
        return r | json_object_set_new(feature, "value_off", off);
}

static int add_enum(json_t *feature, const char *words)
{
        int r = json_object_set_new(feature, "type", json_string("enum"));

        return r | json_object_set_new(feature, "values", json_from_words(words));
}

static int add_number(json_t *feature, const struct store_channel *channel)
{
        int r = json_object_set_new(feature, "type", json_string("numeric"));

        if (channel->unit[0])
                r |= json_object_set_new(feature, "unit", json_from_text(channel->unit));
        if (channel->has_range) {
                r |= json_object_set_new(feature, "value_min",
                                         json_from_limit(channel->low, channel->exponent));
                r |= json_object_set_new(feature, "value_max",
                                         json_from_limit(channel->high, channel->exponent));
        }
        if (channel->has_range && channel->step > 0)
                r |= json_object_set_new(feature, "value_step",
                                         json_from_limit(channel->step, channel->exponent));
        return r;
}

static int add_type(json_t *feature, const struct store_channel *channel,
                    const struct counterpart *as)
{
        switch (channel->type) {
        case STORE_SWITCH:
                return add_binary(feature, json_true(), json_false());
        case STORE_ENUMERATION:
                if (as && as->on)
                        return add_binary(feature, json_string(as->on), json_string(as->off));
                return add_enum(feature, channel->words);
        case STORE_EVENT:
                return add_enum(feature, channel->words);
        case STORE_BUTTON:
                return add_enum(feature, "press");
        case STORE_TEXT:
                return json_object_set_new(feature, "type", json_string("text"));
        case STORE_NUMBER:
        case STORE_TYPE_MAX:
                break;
        }
        return add_number(feature, channel);
}

/* zigbee2mqtt has settings that can be set, and diagnoses that cannot, and no others. */
static bool is_category_shown(const struct store_channel *channel)
{
        bool is_set = exposes_access(channel) & EXPOSES_SET;

        return channel->category == (is_set ? STORE_CONFIG : STORE_DIAGNOSTIC);
}

/* What every feature has, and then what its type has. NULL if memory is short. */
static json_t *feature_json(const struct store_channel *channel, const struct counterpart *as)
{
        const char *name = as ? as->name : channel->leaf;
        json_t *feature = json_pack("{s:o, s:o, s:o, s:i}", "name", json_from_text(name), "label",
                                    exposes_label(name), "property", json_from_text(channel->leaf),
                                    "access", (int)exposes_access(channel));
        int r = 0;

        if (!feature)
                return NULL;
        if (channel->class[0])
                r |= json_object_set_new(feature, "device_class", json_from_text(channel->class));
        if (is_category_shown(channel))
                r |= json_object_set_new(feature, "category",
                                         json_string(store_category_name(channel->category)));
        r |= add_type(feature, channel, as);
        return r < 0 ? json_free(feature) : feature;
}

/* The features of the group whose members begin with the one at @at, which is moved behind them. */
static json_t *group_features(const struct exposes_source *source, size_t *at)
{
        _defer_(json_free) json_t *features = json_array();
        const struct store_member *first = &source->members[*at];
        int r = features ? 0 : -1;

        for (; *at < source->n_members && source->members[*at].group == first->group; (*at)++) {
                const struct store_member *member = &source->members[*at];
                const struct store_channel *channel = channel_of(source, member->channel);
                const struct counterpart *as = counterpart_of(source, member);

                if (channel && as)
                        r |= json_array_append_new(features, feature_json(channel, as));
        }
        return r < 0 ? NULL : take(features);
}

static int add_groups(json_t *exposes, const struct exposes_source *source)
{
        int r = 0;

        for (size_t i = 0; i < source->n_members;) {
                const char *kind = source->members[i].kind;
                json_t *features = group_features(source, &i);

                if (features && json_array_size(features) == 0)
                        json_decref(features);
                else
                        r |= json_array_append_new(exposes, json_pack("{s:s, s:o}", "type", kind,
                                                                      "features", features));
        }
        return r;
}

/* A channel that is in no group. */
static json_t *single_json(const struct store_channel *channel)
{
        if (!is_plug(channel))
                return feature_json(channel, NULL);
        return json_pack("{s:s, s:[o]}", "type", plug.kind, "features",
                         feature_json(channel, &plug));
}

json_t *exposes_json(const struct exposes_source *source)
{
        _defer_(json_free) json_t *exposes = json_array();
        int r = exposes ? add_groups(exposes, source) : -1;
        json_t *action;

        for (size_t i = 0; r >= 0 && i < source->n_channels; i++)
                if (!is_in_group(source, &source->channels[i]))
                        r = json_array_append_new(exposes, single_json(&source->channels[i]));
        action = r < 0 ? NULL : action_feature(source->channels, source->n_channels);
        if (action)
                r = json_array_append_new(exposes, action);
        return r < 0 ? NULL : take(exposes);
}
