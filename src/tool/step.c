/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/step.h"

#include <stdio.h>
#include <string.h>

#include "program/channel.h"
#include "program/words.h"
#include "util/defer.h"
#include "util/hex.h"

#define HEX_TAG "!hex"

/* --- numbers and values --- */

static void fail_number(struct yaml *yaml, const yaml_node_t *node, enum program_space space,
                        const char *name)
{
        char names[256] = "";
        size_t n = 0;

        for (unsigned i = 1; program_number_name(space, i) && n < sizeof(names); i++)
                n += (size_t)snprintf(names + n, sizeof(names) - n, "%s, ",
                                      program_number_name(space, i));
        yaml_fail(yaml, node, "%s: there is no such %s; allowed are %sand 64 to 127", name,
                  program_space_name(space), names);
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

static struct value text_value(const char *text)
{
        return (struct value){VALUE_TEXT, 0, {(const uint8_t *)text, strlen(text)}};
}

static struct value hex_value(struct yaml *yaml, const yaml_node_t *node,
                              uint8_t bytes[VALUE_STRING_MAX])
{
        const char *digits = yaml_text(yaml, node, "!hex");
        size_t n = strlen(digits) / 2;

        if (n > VALUE_STRING_MAX || hex_decode(digits, bytes, n) < 0) {
                yaml_fail(yaml, node, "%s: must be up to 64 bytes in hexadecimal digits", digits);
                n = 0;
        }
        return (struct value){VALUE_BYTES, 0, {bytes, n}};
}

static struct value plain_value(const char *text)
{
        struct value value = {.kind = VALUE_NOTHING};
        bool boolean;

        if (yaml_is_integer(text, &value.number)) {
                value.kind = VALUE_INTEGER;
                return value;
        }
        if (yaml_is_boolean(text, &boolean)) {
                value.kind = VALUE_BOOLEAN;
                value.number = boolean;
                return value;
        }
        return text_value(text);
}

struct program_operand step_operand(struct yaml *yaml, const yaml_node_t *node,
                                    uint8_t scratch[VALUE_STRING_MAX])
{
        struct program_operand operand = {.is_reference = false};
        const char *text = yaml_text(yaml, node, "a value");

        if (yaml_failed(yaml))
                return operand;
        if (yaml_has_tag(node, HEX_TAG)) {
                operand.value = hex_value(yaml, node, scratch);
        } else if (strlen(text) > VALUE_STRING_MAX) {
                yaml_fail(yaml, node, "a text has at most %d bytes", VALUE_STRING_MAX);
        } else if (!yaml_is_plain(node)) {
                operand.value = text_value(text);
        } else if (text[0] == '$') {
                operand.is_reference = true;
                operand.parameter = step_number(yaml, node, PROGRAM_PARAMETER, text + 1);
        } else {
                operand.value = plain_value(text);
        }
        return operand;
}

void step_check(struct yaml *yaml, const yaml_node_t *node, enum program_space space,
                unsigned number, const struct program_operand *operand)
{
        enum program_type type = program_type_of(space, number);
        const char *name = program_number_name(space, number);
        bool bytes = type == PROGRAM_TYPE_BYTES16 || type == PROGRAM_TYPE_BYTES32;

        if (operand->is_reference || program_value_fits(&operand->value, type))
                return;
        yaml_fail(yaml, node, "%s: must be %s%s", name ? name : "a value", program_type_text(type),
                  bytes ? ", !hex 00..." : "");
}

/* --- arguments, by the shape of the verb --- */

/* One step of a source: a verb, its name and its arguments. */
struct step {
        const struct program_row *row;
        const char *name;
        const yaml_node_t *node;
};

static void put_head(const struct step *step, size_t n_arguments, struct cbor_writer *w)
{
        cbor_put_array(w, 1 + n_arguments);
        cbor_put_uint(w, step->row->verb);
}

static void put_numbers(struct yaml *yaml, const struct step *step, struct cbor_writer *w)
{
        const yaml_node_t *item;

        put_head(step, yaml_count(step->node), w);
        for (size_t i = 0; (item = yaml_item(yaml, step->node, step->name, i)); i++)
                cbor_put_uint(w, step_number(yaml, item, (enum program_space)step->row->space,
                                             yaml_text(yaml, item, step->name)));
}

/* The pairs of a map; @what is the map's name. */
static void put_map(struct yaml *yaml, const yaml_node_t *node, const char *what,
                    enum program_space space, struct cbor_writer *w)
{
        uint8_t scratch[VALUE_STRING_MAX];
        const yaml_node_t *item;
        const char *name;

        for (size_t i = 0; yaml_entry(yaml, node, what, i, &name, &item); i++) {
                unsigned number = step_number(yaml, item, space, name);
                struct program_operand operand = step_operand(yaml, item, scratch);

                step_check(yaml, item, space, number, &operand);
                cbor_put_uint(w, number);
                program_put_operand(w, &operand);
        }
}

static void put_pairs(struct yaml *yaml, const struct step *step, struct cbor_writer *w)
{
        put_head(step, 2 * yaml_count(step->node), w);
        put_map(yaml, step->node, step->name, (enum program_space)step->row->space, w);
}

static void put_half(struct yaml *yaml, const struct step *step, struct cbor_writer *w)
{
        if (strcmp(yaml_text(yaml, step->node, step->name), "device") != 0)
                yaml_fail(yaml, step->node, "%s: must be \"device\"", step->name);
        put_head(step, 0, w);
}

static void put_point(struct yaml *yaml, const struct step *step, struct cbor_writer *w)
{
        put_head(step, 1, w);
        cbor_put_uint(w, (uint64_t)yaml_integer(yaml, step->node, step->name, 0, 255));
}

static void put_function(struct yaml *yaml, const struct step *step, struct cbor_writer *w)
{
        const yaml_node_t *value, *function = NULL, *with = NULL;
        char path[32];
        const char *key;

        for (size_t i = 0; yaml_entry(yaml, step->node, step->name, i, &key, &value); i++)
                if (strcmp(key, "function") == 0)
                        function = value;
                else if (strcmp(key, "with") == 0)
                        with = value;
                else
                        yaml_fail(yaml, value, "%s.%s: the fields are function and with",
                                  step->name, key);
        if (!function) {
                yaml_fail(yaml, step->node, "%s: function is missing", step->name);
                return;
        }
        put_head(step, 1 + (with ? 2 * yaml_count(with) : 0), w);
        (void)snprintf(path, sizeof(path), "%s.function", step->name);
        cbor_put_uint(w, (uint64_t)yaml_integer(yaml, function, path, 1, 255));
        (void)snprintf(path, sizeof(path), "%s.with", step->name);
        if (with)
                put_map(yaml, with, path, (enum program_space)step->row->space, w);
}

static void put_flags(struct yaml *yaml, const struct step *step, struct cbor_writer *w)
{
        static const struct {
                const char *name;
                unsigned flag;
        } fields[] = {{"erase", PROGRAM_FINISH_ERASE}, {"fuse", PROGRAM_FINISH_FUSE}};
        const yaml_node_t *value;
        unsigned flags = 0;
        char path[32];
        const char *key;

        for (size_t i = 0; yaml_entry(yaml, step->node, step->name, i, &key, &value); i++) {
                size_t at = 0;

                while (at < ELEMENTSOF(fields) && strcmp(key, fields[at].name) != 0)
                        at++;
                if (at == ELEMENTSOF(fields)) {
                        yaml_fail(yaml, value, "%s.%s: the fields are erase and fuse", step->name,
                                  key);
                        continue;
                }
                (void)snprintf(path, sizeof(path), "%s.%s", step->name, key);
                if (yaml_boolean(yaml, value, path))
                        flags |= fields[at].flag;
        }
        put_head(step, 1, w);
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
                            number <= PROGRAM_PERIOD_MAX / units[i].sec)
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

static void put_channel(struct yaml *yaml, const struct step *step, struct cbor_writer *w)
{
        struct channel c = {.leaf = "", .device_class = "", .unit = ""};
        const yaml_node_t *value;
        const char *key;

        for (size_t i = 0; yaml_entry(yaml, step->node, step->name, i, &key, &value); i++)
                take_channel_field(yaml, key, value, &c);
        if (!c.number || !c.leaf[0])
                yaml_fail(yaml, step->node, "channel: number and leaf are both required");
        put_head(step, 6, w);
        cbor_put_uint(w, c.number);
        put_word(c.leaf, w);
        put_word(c.device_class, w);
        put_word(c.unit, w);
        cbor_put_uint(w, c.command ? 2 : 1);
        cbor_put_uint(w, c.period_sec);
}

/* --- steps --- */

/* A verb is compiled by the first row here whose shape it has. */
static const struct {
        enum program_shape shape;
        void (*put)(struct yaml *yaml, const struct step *step, struct cbor_writer *w);
} shapes[] = {
        {PROGRAM_SHAPE_POINT, put_point}, {PROGRAM_SHAPE_FUNCTION, put_function},
        {PROGRAM_SHAPE_FLAGS, put_flags}, {PROGRAM_SHAPE_NUMBERS, put_numbers},
        {PROGRAM_SHAPE_PAIRS, put_pairs}, {PROGRAM_SHAPE_CHANNEL, put_channel},
        {PROGRAM_SHAPE_HALF, put_half},
};

static void fail_verb(struct yaml *yaml, const yaml_node_t *node, enum program_side side,
                      const char *name)
{
        const struct program_row *row = NULL;
        char names[160] = "";
        size_t n = 0;

        while ((row = program_verb_next(row)) && n < sizeof(names)) {
                const struct program_words *words = program_verb_words(row->verb);

                if (words && row->sides & side)
                        n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
                                              n > 0 ? ", " : "", words->name);
        }
        yaml_fail(yaml, node, "%s: there is no such verb in the %s half; the verbs are %s", name,
                  side == PROGRAM_HUB ? "hub" : "device", names);
}

void step_compile(struct yaml *yaml, const yaml_node_t *node, enum program_side side,
                  struct cbor_writer *w)
{
        struct step step;

        if (yaml_count(node) != 1 || !yaml_entry(yaml, node, "a step", 0, &step.name, &step.node)) {
                yaml_fail(yaml, node, "a step is one verb and its arguments, \"verb: arguments\"");
                return;
        }
        step.row = program_verb_from_name(step.name);
        for (size_t i = 0; step.row && step.row->sides & side && i < ELEMENTSOF(shapes); i++)
                if (step.row->shape & shapes[i].shape) {
                        shapes[i].put(yaml, &step, w);
                        return;
                }
        fail_verb(yaml, node, side, step.name);
}
