/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/step.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "program/words.h"
#include "tool/channel.h"
#include "tool/choice.h"
#include "tool/group.h"
#include "tool/operand.h"
#include "tool/presence.h"
#include "util/defer.h"

#define PATH_SIZE 96 /* "call.with.interval" */

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

/* Reports the first of the capabilities that the code does not ask for. */
static void check_capability(struct scope *scope, const struct step *step, unsigned needs)
{
        unsigned lacks = needs & ~scope->capabilities;

        if (lacks)
                yaml_fail(scope->yaml, step->node, "%s: needs %s; add it to ask", step->name,
                          capability_name(lacks & -lacks));
        scope->capabilities |= lacks & -lacks;
}

/* --- what only the hub's half has --- */

static void put_channel(struct scope *scope, const struct step *step, struct cbor_writer *w)
{
        struct program_channel channel;

        check_capability(scope, step,
                         capability_of_channel(channel_read(scope, step->node, &channel)));
        put_head(step, program_count_channel(&channel), w);
        program_put_channel(w, &channel);
}

static void put_presence(struct scope *scope, const struct step *step, struct cbor_writer *w)
{
        put_head(step, 1, w);
        cbor_put_uint(w, presence_read(scope->yaml, step->node));
}

static void put_group(struct scope *scope, const struct step *step, struct cbor_writer *w)
{
        struct program_group group;

        group_read(scope, step->node, &group);
        put_head(step, program_count_group(&group), w);
        program_put_group(w, &group);
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
        {PROGRAM_SHAPE_HALF, put_half},   {PROGRAM_SHAPE_PRESENCE, put_presence},
        {PROGRAM_SHAPE_GROUP, put_group},
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
