/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/step.h"

#include <stdio.h>
#include <string.h>

#include "util/defer.h"
#include "util/hex.h"

#define HEX_TAG "!hex"

static const char *const space_names[] = {
        [PROGRAM_PARAMETER] = "parameter",
        [PROGRAM_ITEM] = "item",
        [PROGRAM_ARGUMENT] = "argument",
};

/* --- numbers and values --- */

static void fail_number(struct yaml *yaml, const yaml_node_t *node, enum program_space space,
                        const char *name)
{
        char names[256] = "";
        size_t n = 0;

        for (unsigned i = 1; program_number_name(space, i) && n < sizeof(names); i++)
                n += (size_t)snprintf(names + n, sizeof(names) - n, "%s, ",
                                      program_number_name(space, i));
        yaml_fail(yaml, node, "%s: there is no such %s; they are %sand 64 to 127", name,
                  space_names[space], names);
}

unsigned step_number(struct yaml *yaml, const yaml_node_t *node, enum program_space space,
                     const char *name)
{
        unsigned number = program_number_from_name(space, name);
        int64_t own;

        if (number > 0)
                return number;
        if (yaml_is_integer(name, &own) && own >= PROGRAM_OWN_MIN && own <= PROGRAM_NUMBER_MAX)
                return (unsigned)own;
        fail_number(yaml, node, space, name);
        return 1;
}

static struct program_value text_value(const char *text)
{
        return (struct program_value){PROGRAM_TEXT, 0, {(const uint8_t *)text, strlen(text)}};
}

static struct program_value hex_value(struct yaml *yaml, const yaml_node_t *node,
                                      uint8_t bytes[PROGRAM_STRING_MAX])
{
        const char *digits = yaml_text(yaml, node, "!hex");
        size_t n = strlen(digits) / 2;

        if (n > PROGRAM_STRING_MAX || hex_decode(digits, bytes, n) < 0) {
                yaml_fail(yaml, node, "%s: must be up to 64 bytes in hexadecimal digits", digits);
                n = 0;
        }
        return (struct program_value){PROGRAM_BYTES, 0, {bytes, n}};
}

struct program_value step_value(struct yaml *yaml, const yaml_node_t *node,
                                uint8_t scratch[PROGRAM_STRING_MAX])
{
        struct program_value value = {PROGRAM_NOTHING, 0, {NULL, 0}};
        const char *text = yaml_text(yaml, node, "a value");
        bool boolean;

        if (yaml_failed(yaml))
                return value;
        if (yaml_has_tag(node, HEX_TAG))
                return hex_value(yaml, node, scratch);
        value = text_value(text);
        if (value.span.n_bytes > PROGRAM_STRING_MAX)
                yaml_fail(yaml, node, "a text has at most %d bytes", PROGRAM_STRING_MAX);
        if (!yaml_is_plain(node))
                return value;
        if (text[0] == '$') {
                value.kind = PROGRAM_REFERENCE;
                value.number = step_number(yaml, node, PROGRAM_PARAMETER, text + 1);
        } else if (yaml_is_integer(text, &value.number))
                value.kind = PROGRAM_INTEGER;
        else if (yaml_is_boolean(text, &boolean)) {
                value.kind = PROGRAM_BOOLEAN;
                value.number = boolean;
        }
        return value;
}

void step_check(struct yaml *yaml, const yaml_node_t *node, enum program_space space,
                unsigned number, const struct program_value *value)
{
        static const char *const types[] = {
                [PROGRAM_TYPE_UNKNOWN] = "nothing",
                [PROGRAM_TYPE_ANY] = "an integer, a text, bytes, or yes or no",
                [PROGRAM_TYPE_TEXT] = "a text",
                [PROGRAM_TYPE_LABEL] = "a text of 1 to 32 bytes",
                [PROGRAM_TYPE_UNSIGNED] = "an integer that is not negative",
                [PROGRAM_TYPE_INTEGER] = "an integer",
                [PROGRAM_TYPE_BYTES16] = "16 bytes, !hex 00...",
                [PROGRAM_TYPE_BYTES32] = "32 bytes, !hex 00...",
                [PROGRAM_TYPE_LIST] = "a list",
        };
        enum program_type type = program_type_of(space, number);
        const char *name = program_number_name(space, number);

        if (value->kind == PROGRAM_REFERENCE || program_value_fits(value, type))
                return;
        yaml_fail(yaml, node, "%s: must be %s", name ? name : "a value", types[type]);
}

/* --- arguments --- */

static void put_numbers(struct yaml *yaml, const yaml_node_t *node, const char *verb,
                        enum program_space space, struct cbor_writer *w)
{
        const yaml_node_t *item;

        cbor_put_array(w, 1 + yaml_count(node));
        cbor_put_uint(w, program_verb_from_name(verb));
        for (size_t i = 0; (item = yaml_item(yaml, node, verb, i)); i++)
                cbor_put_uint(w, step_number(yaml, item, space, yaml_text(yaml, item, verb)));
}

static void put_parameters(struct yaml *yaml, const yaml_node_t *node, const char *verb,
                           struct cbor_writer *w)
{
        put_numbers(yaml, node, verb, PROGRAM_PARAMETER, w);
}

static void put_items(struct yaml *yaml, const yaml_node_t *node, const char *verb,
                      struct cbor_writer *w)
{
        put_numbers(yaml, node, verb, PROGRAM_ITEM, w);
}

static void put_pairs(struct yaml *yaml, const yaml_node_t *node, const char *verb,
                      enum program_space space, struct cbor_writer *w)
{
        uint8_t scratch[PROGRAM_STRING_MAX];
        const yaml_node_t *item;
        const char *name;

        for (size_t i = 0; yaml_entry(yaml, node, verb, i, &name, &item); i++) {
                unsigned number = step_number(yaml, item, space, name);
                struct program_value value = step_value(yaml, item, scratch);

                step_check(yaml, item, space, number, &value);
                cbor_put_uint(w, number);
                program_put_value(w, &value);
        }
}

static void put_set(struct yaml *yaml, const yaml_node_t *node, const char *verb,
                    struct cbor_writer *w)
{
        cbor_put_array(w, 1 + 2 * yaml_count(node));
        cbor_put_uint(w, PROGRAM_SET);
        put_pairs(yaml, node, verb, PROGRAM_PARAMETER, w);
}

static void put_deliver(struct yaml *yaml, const yaml_node_t *node, const char *verb,
                        struct cbor_writer *w)
{
        if (strcmp(yaml_text(yaml, node, verb), "device") != 0)
                yaml_fail(yaml, node, "deliver: must be \"device\"");
        cbor_put_array(w, 1);
        cbor_put_uint(w, PROGRAM_DELIVER);
}

static void put_sync(struct yaml *yaml, const yaml_node_t *node, const char *verb,
                     struct cbor_writer *w)
{
        cbor_put_array(w, 2);
        cbor_put_uint(w, PROGRAM_SYNC);
        cbor_put_uint(w, (uint64_t)yaml_integer(yaml, node, verb, 0, 255));
}

static void put_call(struct yaml *yaml, const yaml_node_t *node, const char *verb,
                     struct cbor_writer *w)
{
        const yaml_node_t *value, *function = NULL, *with = NULL;
        const char *key;

        for (size_t i = 0; yaml_entry(yaml, node, verb, i, &key, &value); i++)
                if (strcmp(key, "function") == 0)
                        function = value;
                else if (strcmp(key, "with") == 0)
                        with = value;
                else
                        yaml_fail(yaml, value, "call.%s: the fields are function and with", key);
        if (!function) {
                yaml_fail(yaml, node, "call: function is missing");
                return;
        }
        cbor_put_array(w, 2 + (with ? 2 * yaml_count(with) : 0));
        cbor_put_uint(w, PROGRAM_CALL);
        cbor_put_uint(w, (uint64_t)yaml_integer(yaml, function, "call.function", 1, 255));
        if (with)
                put_pairs(yaml, with, "call.with", PROGRAM_ARGUMENT, w);
}

static void put_finish(struct yaml *yaml, const yaml_node_t *node, const char *verb,
                       struct cbor_writer *w)
{
        const yaml_node_t *value;
        const char *key;
        unsigned flags = 0;

        for (size_t i = 0; yaml_entry(yaml, node, verb, i, &key, &value); i++)
                if (strcmp(key, "erase") == 0)
                        flags |= yaml_boolean(yaml, value, "finish.erase") ? PROGRAM_FINISH_ERASE
                                                                           : 0;
                else if (strcmp(key, "fuse") == 0)
                        flags |= yaml_boolean(yaml, value, "finish.fuse") ? PROGRAM_FINISH_FUSE : 0;
                else
                        yaml_fail(yaml, value, "finish.%s: the fields are erase and fuse", key);
        cbor_put_array(w, 2);
        cbor_put_uint(w, PROGRAM_FINISH);
        cbor_put_uint(w, flags);
}

/* --- channel --- */

/* "60 s", "5 min", "24 h", or "change" for 0. */
static uint32_t take_period(struct yaml *yaml, const yaml_node_t *node)
{
        static const struct {
                const char *unit;
                unsigned sec;
        } units[] = {{"s", 1}, {"min", 60}, {"h", 3600}};
        const char *text = yaml_text(yaml, node, "channel.every");
        unsigned number;
        char unit[4];

        if (strcmp(text, "change") == 0)
                return 0;
        if (sscanf(text, "%5u %3s", &number, unit) == 2)
                for (size_t i = 0; i < ELEMENTSOF(units); i++)
                        if (strcmp(unit, units[i].unit) == 0 && number > 0 &&
                            number <= 86400 / units[i].sec)
                                return number * units[i].sec;
        yaml_fail(yaml, node,
                  "channel.every: must be \"change\" or a time up to 24 h, such as 60 s, 5 min");
        return 0;
}

struct channel {
        unsigned number;
        const char *leaf, *device_class, *unit;
        bool command;
        uint32_t period_sec;
};

static void take_channel_field(struct yaml *yaml, const char *key, const yaml_node_t *value,
                               struct channel *channel)
{
        if (strcmp(key, "number") == 0)
                channel->number = (unsigned)yaml_integer(yaml, value, "channel.number", 1, 255);
        else if (strcmp(key, "leaf") == 0)
                channel->leaf = yaml_text(yaml, value, "channel.leaf");
        else if (strcmp(key, "class") == 0)
                channel->device_class = yaml_text(yaml, value, "channel.class");
        else if (strcmp(key, "unit") == 0)
                channel->unit = yaml_text(yaml, value, "channel.unit");
        else if (strcmp(key, "every") == 0)
                channel->period_sec = take_period(yaml, value);
        else if (strcmp(key, "command") == 0)
                channel->command = yaml_boolean(yaml, value, "channel.command");
        else
                yaml_fail(yaml, value,
                          "channel.%s: the fields are number, leaf, class, unit, every and command",
                          key);
}

/* As a number if there is one. */
static void put_word(const char *text, struct cbor_writer *w)
{
        unsigned number = program_word_from_text(text);

        if (number > 0)
                cbor_put_uint(w, number);
        else
                cbor_put_text(w, text, strlen(text));
}

static void put_channel(struct yaml *yaml, const yaml_node_t *node, const char *verb,
                        struct cbor_writer *w)
{
        struct channel c = {.leaf = "", .device_class = "", .unit = ""};
        const yaml_node_t *value;
        const char *key;

        for (size_t i = 0; yaml_entry(yaml, node, verb, i, &key, &value); i++)
                take_channel_field(yaml, key, value, &c);
        if (!c.number || !c.leaf[0])
                yaml_fail(yaml, node, "channel: number and leaf are both required");
        cbor_put_array(w, 7);
        cbor_put_uint(w, PROGRAM_CHANNEL);
        cbor_put_uint(w, c.number);
        put_word(c.leaf, w);
        put_word(c.device_class, w);
        put_word(c.unit, w);
        cbor_put_uint(w, c.command ? 2 : 1);
        cbor_put_uint(w, c.period_sec);
}

/* --- steps --- */

static const struct {
        enum program_verb verb;
        void (*put)(struct yaml *yaml, const yaml_node_t *node, const char *verb,
                    struct cbor_writer *w);
} verbs[] = {
        {PROGRAM_SUPPLY, put_parameters},  {PROGRAM_DELIVER, put_deliver},
        {PROGRAM_EXPECT, put_items},       {PROGRAM_CHANNEL, put_channel},
        {PROGRAM_FORWARD, put_items},      {PROGRAM_SYNC, put_sync},
        {PROGRAM_REQUIRE, put_parameters}, {PROGRAM_SET, put_set},
        {PROGRAM_CALL, put_call},          {PROGRAM_REPORT, put_items},
        {PROGRAM_FINISH, put_finish},
};

static void fail_verb(struct yaml *yaml, const yaml_node_t *node, enum program_side side,
                      const char *name)
{
        char names[160] = "";
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (program_verb_sides(verbs[i].verb) & side)
                        n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
                                              n > 0 ? ", " : "", program_verb_name(verbs[i].verb));
        yaml_fail(yaml, node, "%s: there is no such verb in the %s half; they are %s", name,
                  side == PROGRAM_HUB ? "hub" : "device", names);
}

void step_compile(struct yaml *yaml, const yaml_node_t *node, enum program_side side,
                  struct cbor_writer *w)
{
        const yaml_node_t *arguments;
        const char *name;
        unsigned verb;

        if (yaml_count(node) != 1 || !yaml_entry(yaml, node, "a step", 0, &name, &arguments)) {
                yaml_fail(yaml, node, "a step is one verb and its arguments, \"verb: arguments\"");
                return;
        }
        verb = program_verb_from_name(name);
        for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
                if (verbs[i].verb == verb && program_verb_sides(verb) & side) {
                        verbs[i].put(yaml, arguments, name, w);
                        return;
                }
        fail_verb(yaml, node, side, name);
}
