/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/step.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "program/channel.h"
#include "program/words.h"
#include "tool/choice.h"
#include "tool/operand.h"
#include "util/defer.h"
#include "util/nearest.h"

#define PATH_SIZE    96 /* "call.with.interval" */
#define WARN_LETTERS 4  /* of a word that may be misspelt, for each that is wrong */

/* One step of a source: a verb, its name and its arguments. */
struct step {
        const struct program_row *row;
        const char *name;
        const yaml_node_t *node;
};

bool step_names(const struct scope *scope, enum program_verb verb, unsigned number)
{
        return scope->named[verb][number] || scope->unclear >> verb & 1;
}

/* --- arguments, by the shape of the verb --- */

static void put_head(const struct step *step, size_t n_arguments, struct cbor_writer *w)
{
        cbor_put_array(w, 1 + n_arguments);
        cbor_put_uint(w, step->row->verb);
}

static void check_count(struct scope *scope, const struct step *step, size_t n_arguments)
{
        if (n_arguments > PROGRAM_ARGUMENTS_MAX)
                yaml_fail(scope->yaml, step->node,
                          "%s: has %zu arguments; a step has at most %d, so split it in two",
                          step->name, n_arguments, PROGRAM_ARGUMENTS_MAX);
        if (n_arguments == 0 && step->row->shape & PROGRAM_SHAPE_SOME)
                yaml_fail(scope->yaml, step->node, "%s: must name at least one %s", step->name,
                          program_space_name((enum program_space)step->row->space));
}

/* The verifier's rule for one step; the numbers of a map are unique because its keys are. */
static void check_twice(struct scope *scope, const struct step *step, size_t at, const char *name)
{
        for (size_t i = 0; name[0] && i < at; i++) {
                const yaml_node_t *other = yaml_item(scope->yaml, step->node, step->name, i);
                const char *text = yaml_tagged(other, YAML_DEFAULT_SCALAR_TAG);

                if (text && strcmp(text, name) == 0) {
                        yaml_fail(scope->yaml, yaml_item(scope->yaml, step->node, step->name, at),
                                  "%s: names %s twice; remove one", step->name, name);
                        return;
                }
        }
}

static void put_numbers(struct scope *scope, const struct step *step, struct cbor_writer *w)
{
        const yaml_node_t *item;

        put_head(step, yaml_count(step->node), w);
        for (size_t i = 0; (item = yaml_item(scope->yaml, step->node, step->name, i)); i++) {
                const char *name = yaml_text(scope->yaml, item, step->name);
                unsigned number =
                        !yaml_tagged(item, YAML_DEFAULT_SCALAR_TAG)
                                ? 0
                                : operand_number(scope->yaml, item, step->name,
                                                 (enum program_space)step->row->space, name);

                if (number == 0)
                        scope->unclear |= 1u << step->row->verb;
                else if (!scope->named[step->row->verb][number])
                        scope->named[step->row->verb][number] = item;
                check_twice(scope, step, i, name);
                cbor_put_uint(w, number);
        }
        if (step->node->type == YAML_SEQUENCE_NODE)
                check_count(scope, step, yaml_count(step->node));
        else
                scope->unclear |= 1u << step->row->verb;
}

static void check_required(struct scope *scope, const yaml_node_t *node, const char *path,
                           const struct program_operand *operand)
{
        const char *name = yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG);

        if (operand->is_reference && !step_names(scope, PROGRAM_REQUIRE, operand->parameter))
                yaml_fail(scope->yaml, node,
                          "%s: no step before this one requires %s; add \"- require: [%s]\"", path,
                          name, name + 1);
}

/* The pairs of a map; @what is the map's name. */
static void put_map(struct scope *scope, const yaml_node_t *node, const char *what,
                    enum program_space space, struct cbor_writer *w)
{
        uint8_t scratch[VALUE_STRING_MAX];
        struct program_operand operand;
        struct yaml_entry entry;
        char path[PATH_SIZE];

        for (size_t i = 0; yaml_entry(scope->yaml, node, what, i, &entry); i++) {
                unsigned number;

                if (!entry.key)
                        continue;
                (void)snprintf(path, sizeof(path), "%s.%s", what, entry.key);
                number = operand_number(scope->yaml, entry.at, what, space, entry.key);
                operand = operand_read(scope->yaml, entry.value, path, scratch);
                if (number > 0)
                        operand_check(scope->yaml, entry.value, path, space, number, &operand);
                check_required(scope, entry.value, path, &operand);
                cbor_put_uint(w, number);
                program_put_operand(w, &operand);
        }
}

static void put_pairs(struct scope *scope, const struct step *step, struct cbor_writer *w)
{
        put_head(step, 2 * yaml_count(step->node), w);
        put_map(scope, step->node, step->name, (enum program_space)step->row->space, w);
        if (step->node->type == YAML_MAPPING_NODE)
                check_count(scope, step, 2 * yaml_count(step->node));
}

static void put_half(struct scope *scope, const struct step *step, struct cbor_writer *w)
{
        if (strcmp(yaml_text(scope->yaml, step->node, step->name), "device") != 0)
                yaml_fail(scope->yaml, step->node, "%s: must be \"device\"", step->name);
        put_head(step, 0, w);
}

static void put_point(struct scope *scope, const struct step *step, struct cbor_writer *w)
{
        put_head(step, 1, w);
        cbor_put_uint(w, (uint64_t)yaml_integer(scope->yaml, step->node, step->name, 0, 255));
}

static int64_t take_function(struct scope *scope, const yaml_node_t *node, const char *path)
{
        int64_t number = yaml_integer(scope->yaml, node, path, 1, FUNCTIONS_MAX);
        char names[FUNCTIONS_TEXT_SIZE];

        if (number == PROGRAM_FUNCTION_ENROLL) {
                yaml_fail(scope->yaml, node,
                          "%s: function 3 is enrollment itself, which no half can call", path);
        } else if (number > 0 && !functions_allow(scope->functions, (unsigned)number)) {
                functions_name(scope->functions, names);
                yaml_fail(scope->yaml, node,
                          "%s: the device of the card has no function %u; it has %s", path,
                          (unsigned)number, names);
        }
        return number;
}

static void put_function(struct scope *scope, const struct step *step, struct cbor_writer *w)
{
        struct yaml_field fields[] = {{.name = "function", .is_required = true}, {.name = "with"}};
        const yaml_node_t *with;
        int64_t number = 0;
        char path[PATH_SIZE];
        size_t n = 1;

        yaml_take(scope->yaml, step->node, step->name, fields, ELEMENTSOF(fields));
        with = fields[1].value;
        (void)snprintf(path, sizeof(path), "%s.function", step->name);
        if (fields[0].value)
                number = take_function(scope, fields[0].value, path);
        n += with ? 2 * yaml_count(with) : 0;
        put_head(step, n, w);
        cbor_put_uint(w, (uint64_t)number);
        (void)snprintf(path, sizeof(path), "%s.with", step->name);
        if (with)
                put_map(scope, with, path, (enum program_space)step->row->space, w);
        check_count(scope, step, n);
}

static void put_flags(struct scope *scope, const struct step *step, struct cbor_writer *w)
{
        static const unsigned flags[] = {PROGRAM_FINISH_ERASE, PROGRAM_FINISH_FUSE};
        struct yaml_field fields[] = {{.name = "erase"}, {.name = "fuse"}};
        unsigned sum = 0;
        char path[PATH_SIZE];

        yaml_take(scope->yaml, step->node, step->name, fields, ELEMENTSOF(fields));
        for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
                (void)snprintf(path, sizeof(path), "%s.%s", step->name, fields[i].name);
                if (fields[i].value && yaml_boolean(scope->yaml, fields[i].value, path))
                        sum |= flags[i];
        }
        put_head(step, 1, w);
        cbor_put_uint(w, sum);
}

/* --- channel --- */

enum { NUMBER, LEAF, CLASS, UNIT, EVERY, COMMAND, N_CHANNEL_FIELDS };

/* "60 s", "5 min", "24 h", or "change" for 0. */
static uint32_t take_period(struct yaml *yaml, const yaml_node_t *node)
{
        static const struct {
                const char *unit;
                unsigned sec;
        } units[] = {{"s", 1}, {"min", 60}, {"h", 3600}};
        const char *text = yaml_text(yaml, node, "channel.every");
        unsigned number;
        char unit[4], rest;

        if (strcmp(text, "change") == 0)
                return 0;
        if (sscanf(text, "%5u %3s %c", &number, unit, &rest) == 2)
                for (size_t i = 0; i < ELEMENTSOF(units); i++)
                        if (strcmp(unit, units[i].unit) == 0 && number > 0 &&
                            number <= PROGRAM_PERIOD_MAX / units[i].sec)
                                return number * units[i].sec;
        if (yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG))
                yaml_fail(yaml, node,
                          "channel.every: must be change, or a time in s, min or h up to 24 h, "
                          "such as 60 s, not \"%s\"",
                          text);
        return 0;
}

/*
 * A misspelt word is valid, and gives a channel that nothing knows how to show. A maker's own word
 * is not to be taken for one, so a short one has to be nearer than in an error.
 */
static void warn_word(struct yaml *yaml, const yaml_node_t *node, const char *what,
                      const char *text, unsigned first, unsigned last)
{
        struct nearest nearest;

        if (!text[0] || program_word_from_text(text) > 0)
                return;
        nearest_init(&nearest, text);
        for (unsigned i = first; i <= last; i++)
                if (program_word(i))
                        nearest_offer(&nearest, program_word(i));
        if (nearest.best && nearest.distance <= strlen(text) / WARN_LETTERS)
                yaml_warn(yaml, node,
                          "%s: \"%s\" is not a word of doc/code.md section 4.5; did you mean %s?",
                          what, text, nearest.best);
}

/* A leaf, class or unit: "" if it is not there or not valid. */
static const char *take_word(struct yaml *yaml, const struct yaml_field *field,
                             bool (*is_valid)(struct cbor_span text), const char *must)
{
        const char *text;
        char path[PATH_SIZE];

        if (!field->value)
                return "";
        (void)snprintf(path, sizeof(path), "channel.%s", field->name);
        text = yaml_text(yaml, field->value, path);
        if (!yaml_tagged(field->value, YAML_DEFAULT_SCALAR_TAG) ||
            is_valid((struct cbor_span){(const uint8_t *)text, strlen(text)}))
                return text;
        yaml_fail(yaml, field->value, "%s: must be %s, not \"%s\"", path, must, text);
        return "";
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

/* Number and leaf differ from those of every channel before. */
static void check_unique(struct scope *scope, const struct yaml_field *fields, unsigned number,
                         const char *leaf)
{
        struct channels *channels = scope->channels;

        if (channels->numbers[number])
                yaml_fail(scope->yaml, fields[NUMBER].value,
                          "channel.number: %u is the number of another channel, on line %zu",
                          number, channels->numbers[number]->start_mark.line + 1);
        for (size_t i = 0; leaf[0] && i < STEP_CHANNELS_MAX; i++)
                if (channels->numbers[i] && strcmp(channels->leaves[i], leaf) == 0)
                        yaml_fail(
                                scope->yaml, fields[LEAF].value,
                                "channel.leaf: \"%s\" is the leaf of another channel, on line %zu",
                                leaf, channels->numbers[i]->start_mark.line + 1);
        if (channels->numbers[number])
                return;
        channels->numbers[number] = fields[NUMBER].value;
        channels->leaves[number] = leaf;
}

static void check_capability(struct scope *scope, const struct step *step, unsigned capability)
{
        if (!(scope->capabilities & capability))
                yaml_fail(scope->yaml, step->node, "%s: needs %s; add it to ask", step->name,
                          capability_name(capability));
        scope->capabilities |= capability;
}

static void put_channel(struct scope *scope, const struct step *step, struct cbor_writer *w)
{
        struct yaml_field fields[N_CHANNEL_FIELDS] = {
                [NUMBER] = {.name = "number", .is_required = true},
                [LEAF] = {.name = "leaf", .is_required = true},
                [CLASS] = {.name = "class"},
                [UNIT] = {.name = "unit"},
                [EVERY] = {.name = "every"},
                [COMMAND] = {.name = "command"},
        };
        const char *leaf, *class, *unit;
        unsigned number = 0;
        bool command;

        yaml_take(scope->yaml, step->node, step->name, fields, N_CHANNEL_FIELDS);
        leaf = take_word(scope->yaml, &fields[LEAF], program_is_leaf,
                         "1 to 16 of the characters a-z, 0-9 and _");
        class = take_word(scope->yaml, &fields[CLASS], program_is_class,
                          "up to 24 of the characters a-z, 0-9 and _");
        unit = take_word(scope->yaml, &fields[UNIT], program_is_unit, "up to 8 printable bytes");
        warn_word(scope->yaml, fields[CLASS].value, "channel.class", class, 1, 127);
        warn_word(scope->yaml, fields[UNIT].value, "channel.unit", unit, 128, 255);
        if (fields[NUMBER].value)
                number = (unsigned)yaml_integer(scope->yaml, fields[NUMBER].value, "channel.number",
                                                1, 255);
        command = fields[COMMAND].value &&
                  yaml_boolean(scope->yaml, fields[COMMAND].value, "channel.command");
        if (number > 0)
                check_unique(scope, fields, number, leaf);
        check_capability(scope, step,
                         command ? CAPABILITY_CHANNEL_COMMAND : CAPABILITY_CHANNEL_PUBLISH);
        put_head(step, 6, w);
        cbor_put_uint(w, number);
        put_word(leaf, w);
        put_word(class, w);
        put_word(unit, w);
        cbor_put_uint(w, command ? 2 : 1);
        cbor_put_uint(w, fields[EVERY].value ? take_period(scope->yaml, fields[EVERY].value) : 0);
}

/* --- steps --- */

/* A verb is compiled by the first row here whose shape it has. */
static const struct {
        enum program_shape shape;
        void (*put)(struct scope *scope, const struct step *step, struct cbor_writer *w);
} shapes[] = {
        {PROGRAM_SHAPE_POINT, put_point}, {PROGRAM_SHAPE_FUNCTION, put_function},
        {PROGRAM_SHAPE_FLAGS, put_flags}, {PROGRAM_SHAPE_NUMBERS, put_numbers},
        {PROGRAM_SHAPE_PAIRS, put_pairs}, {PROGRAM_SHAPE_CHANNEL, put_channel},
        {PROGRAM_SHAPE_HALF, put_half},
};

static void compile(struct scope *scope, const struct step *step, struct cbor_writer *w)
{
        for (size_t i = 0; i < ELEMENTSOF(shapes); i++)
                if (step->row->shape & shapes[i].shape) {
                        shapes[i].put(scope, step, w);
                        break;
                }
        if (step->row->verb == PROGRAM_FORWARD)
                check_capability(scope, step, CAPABILITY_KEY_FORWARD);
}

static void fail_verb(struct scope *scope, const struct yaml_entry *entry)
{
        const struct program_row *row = program_verb_from_name(entry->key);
        struct choice choice = {.n_words = 0};
        char advice[300];

        if (row) {
                yaml_fail(scope->yaml, entry->at,
                          "%s: is a verb of the %s half, not of the %s half", entry->key,
                          program_side_name((enum program_side)row->sides),
                          program_side_name(scope->side));
                return;
        }
        while ((row = program_verb_next(row)))
                if (row->sides & scope->side)
                        choice_add(&choice, program_verb_words(row->verb)->name);
        choice_advise(&choice, entry->key, "verbs", advice, sizeof(advice));
        yaml_fail(scope->yaml, entry->at, "%s: there is no such verb; %s", entry->key, advice);
        scope->unclear = UINT32_MAX;
}

const struct program_row *step_compile(struct scope *scope, const yaml_node_t *node,
                                       struct cbor_writer *w)
{
        struct yaml_entry entry;
        struct step step;

        if (node->type != YAML_MAPPING_NODE || yaml_count(node) != 1) {
                yaml_fail(scope->yaml, node,
                          "a step is one verb and its arguments, \"- verb: arguments\"");
                scope->unclear = UINT32_MAX;
                return NULL;
        }
        if (!yaml_entry(scope->yaml, node, "", 0, &entry) || !entry.key)
                return NULL;
        step = (struct step){program_verb_from_name(entry.key), entry.key, entry.value};
        if (!step.row || !(step.row->sides & scope->side)) {
                fail_verb(scope, &entry);
                return NULL;
        }
        compile(scope, &step, w);
        return step.row;
}
