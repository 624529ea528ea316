/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/channel.h"

#include <stdio.h>
#include <string.h>

#include "program/words.h"
#include "tool/choice.h"
#include "tool/decimal.h"
#include "tool/duration.h"
#include "util/defer.h"
#include "util/nearest.h"

#define PATH_SIZE    32 /* "channel.category" */
#define ADVICE_SIZE  200
#define WARN_LETTERS 4 /* of a word that may be misspelt, for each that is wrong */

enum {
        NUMBER,
        LEAF,
        CLASS,
        UNIT,
        EVERY,
        COMMAND,
        ACCESS,
        TYPE,
        RANGE,
        STEP,
        WORDS,
        LENGTH,
        CATEGORY,
        N_FIELDS
};

static struct cbor_span span_of(const char *text)
{
        return (struct cbor_span){(const uint8_t *)text, strlen(text)};
}

/* Whether a node is a single value; what else is wrong with it has been reported then. */
static bool is_scalar(const yaml_node_t *node)
{
        return yaml_tagged(node, YAML_DEFAULT_SCALAR_TAG) != NULL;
}

/* --- words --- */

/*
 * A misspelt word is valid, and gives a channel that nothing knows how to show. A maker's own word
 * is not to be taken for one, so a short one has to be nearer than in an error.
 */
static void warn_word(struct yaml *yaml, const yaml_node_t *node, const char *what,
                      struct cbor_span word, unsigned first, unsigned last)
{
        const char *text = (const char *)word.bytes;
        struct nearest nearest;

        if (word.n_bytes == 0 || program_word_from_text(text) > 0)
                return;
        nearest_init(&nearest, text);
        for (unsigned i = first; i <= last; i++)
                if (program_word(i))
                        nearest_offer(&nearest, program_word(i));
        if (nearest.best && nearest.distance <= word.n_bytes / WARN_LETTERS)
                yaml_warn(yaml, node,
                          "%s: \"%s\" is not a word of doc/code.md section 4.5; did you mean %s?",
                          what, text, nearest.best);
}

/* A leaf, class, unit or word: "" if it is not there or not valid. */
static struct cbor_span take_word(struct yaml *yaml, const yaml_node_t *node, const char *name,
                                  bool (*is_valid)(struct cbor_span text), const char *must)
{
        struct cbor_span word;
        char path[PATH_SIZE];

        if (!node)
                return span_of("");
        (void)snprintf(path, sizeof(path), "channel.%s", name);
        word = span_of(yaml_text(yaml, node, path));
        if (!is_scalar(node) || is_valid(word))
                return word;
        yaml_fail(yaml, node, "%s: must be %s, not \"%s\"", path, must, (const char *)word.bytes);
        return span_of("");
}

static void take_words(struct yaml *yaml, const struct yaml_field *fields,
                       struct program_channel *c)
{
        size_t least = c->type == PROGRAM_CHANNEL_EVENT ? 1 : PROGRAM_WORDS_MIN;
        const yaml_node_t *list = fields[WORDS].value, *item;
        size_t n = yaml_count(list);

        if (list->type == YAML_SEQUENCE_NODE && (n < least || n > PROGRAM_WORDS_MAX)) {
                yaml_fail(yaml, list, "channel.words: must be %zu to %d words, not %zu", least,
                          PROGRAM_WORDS_MAX, n);
                return;
        }
        for (size_t i = 0; (item = yaml_item(yaml, list, "channel.words", i)); i++) {
                struct cbor_span word = take_word(yaml, item, "words", program_is_leaf,
                                                  "1 to 16 of the characters a-z, 0-9 and _");

                if (program_channel_has_word(c, (const char *)word.bytes, word.n_bytes))
                        yaml_fail(yaml, item, "channel.words: has \"%s\" twice; remove one",
                                  (const char *)word.bytes);
                if (word.n_bytes > 0)
                        c->words[c->n_words++] = word;
        }
}

/* --- numbers --- */

/* "60 s", "5 min", "24 h", or "change" for 0. */
static uint32_t take_period(struct yaml *yaml, const yaml_node_t *node)
{
        const char *text = yaml_text(yaml, node, "channel.every");
        uint32_t sec = 0;

        if (strcmp(text, "change") != 0 && is_scalar(node) &&
            !duration_read(text, PROGRAM_PERIOD_MAX, &sec))
                yaml_fail(yaml, node,
                          "channel.every: must be change, or a time in s, min or h up to 24 h, "
                          "such as 60 s, not \"%s\"",
                          text);
        return sec;
}

static struct decimal take_decimal(struct yaml *yaml, const yaml_node_t *node, const char *what)
{
        const char *text = yaml_text(yaml, node, what);
        struct decimal decimal = {0, 0};

        if (is_scalar(node) && !decimal_read(text, &decimal))
                yaml_fail(yaml, node,
                          "%s: must be a number of up to 18 digits, such as 21.5, not \"%s\"", what,
                          text);
        return decimal;
}

/* All three of them with the exponent of the one that has the most digits behind the point. */
static void set_range(struct yaml *yaml, const yaml_node_t *node, struct decimal limits[3],
                      struct program_range *ret_range)
{
        int exponent = 0;

        for (size_t i = 0; i < 3; i++)
                if (limits[i].exponent < exponent)
                        exponent = limits[i].exponent;
        for (size_t i = 0; i < 3; i++)
                if (!decimal_scale(&limits[i], exponent)) {
                        yaml_fail(yaml, node,
                                  "channel.range: has more than 18 digits, counted "
                                  "with those that the others have behind the point");
                        return;
                }
        *ret_range = (struct program_range){limits[0].mantissa, limits[1].mantissa,
                                            limits[2].mantissa, exponent};
        if (ret_range->low > ret_range->high)
                yaml_fail(yaml, node, "channel.range: begins above its end; write [low, high]");
}

static void take_range(struct yaml *yaml, const struct yaml_field *fields,
                       struct program_channel *c)
{
        const yaml_node_t *range = fields[RANGE].value, *step = fields[STEP].value, *item;
        size_t n_before = yaml->errors->n_errors;
        struct decimal limits[3] = {{0, 0}};

        if (!range) {
                yaml_fail(yaml, step, "channel.step: needs a range; add range: [low, high]");
                return;
        }
        if (range->type == YAML_SEQUENCE_NODE && yaml_count(range) != 2) {
                yaml_fail(yaml, range, "channel.range: must be two numbers, [low, high]");
                return;
        }
        for (size_t i = 0; (item = yaml_item(yaml, range, "channel.range", i)); i++)
                limits[i] = take_decimal(yaml, item, "channel.range");
        if (step) {
                limits[2] = take_decimal(yaml, step, "channel.step");
                if (yaml->errors->n_errors == n_before && limits[2].mantissa <= 0)
                        yaml_fail(yaml, step, "channel.step: must be more than 0");
        }
        if (yaml->errors->n_errors > n_before)
                return;
        c->has_range = true;
        set_range(yaml, range, limits, &c->range);
}

/* --- types --- */

/* The number of a name among those of @name_of, from 0 to @last; 0 after an error. */
static unsigned take_name(struct yaml *yaml, const struct yaml_field *field, unsigned first,
                          unsigned last, const char *(*name_of)(unsigned number),
                          const char *plural)
{
        struct choice choice = {.n_words = 0};
        char path[PATH_SIZE], advice[ADVICE_SIZE];
        const char *text;

        if (!field->value)
                return 0;
        (void)snprintf(path, sizeof(path), "channel.%s", field->name);
        text = yaml_text(yaml, field->value, path);
        for (unsigned i = first; i <= last; i++) {
                if (strcmp(name_of(i), text) == 0)
                        return i;
                choice_add(&choice, name_of(i));
        }
        choice_advise(&choice, text, plural, advice, sizeof(advice));
        if (is_scalar(field->value))
                yaml_fail(yaml, field->value, "%s: there is no %s \"%s\"; %s", path, field->name,
                          text, advice);
        return 0;
}

static const char *access_name(unsigned direction)
{
        static const char *const names[] = {[PROGRAM_PUBLISHED] = "publish",
                                            [PROGRAM_COMMANDED] = "command",
                                            [PROGRAM_BOTH_WAYS] = "both"};

        return names[direction];
}

static unsigned take_direction(struct yaml *yaml, const struct yaml_field *fields)
{
        const yaml_node_t *command = fields[COMMAND].value;
        bool is_command = command && yaml_boolean(yaml, command, "channel.command");
        unsigned direction = take_name(yaml, &fields[ACCESS], PROGRAM_PUBLISHED, PROGRAM_BOTH_WAYS,
                                       access_name, "ways");

        if (command && fields[ACCESS].value)
                yaml_fail(yaml, command, "channel.command: access says the same; remove one");
        if (direction > 0)
                return direction;
        return is_command ? PROGRAM_COMMANDED : PROGRAM_PUBLISHED;
}

/* A field that only channels of some types have. */
static void fail_if_there(struct yaml *yaml, const struct yaml_field *field, const char *whose)
{
        if (field->value)
                yaml_fail(yaml, field->value,
                          "channel.%s: only %s has one; remove it, or change "
                          "the type",
                          field->name, whose);
}

static void take_limits(struct yaml *yaml, const struct yaml_field *fields,
                        struct program_channel *c)
{
        bool has_words = c->type == PROGRAM_CHANNEL_ENUMERATION || c->type == PROGRAM_CHANNEL_EVENT;

        if (c->type != PROGRAM_CHANNEL_NUMBER) {
                fail_if_there(yaml, &fields[UNIT], "a number");
                fail_if_there(yaml, &fields[RANGE], "a number");
                fail_if_there(yaml, &fields[STEP], "a number");
        } else if (fields[RANGE].value || fields[STEP].value) {
                take_range(yaml, fields, c);
        }
        if (c->type != PROGRAM_CHANNEL_TEXT)
                fail_if_there(yaml, &fields[LENGTH], "a text");
        else
                c->length =
                        fields[LENGTH].value
                                ? (unsigned)yaml_integer(yaml, fields[LENGTH].value,
                                                         "channel.length", 1, PROGRAM_LENGTH_MAX)
                                : PROGRAM_LENGTH_MAX;
        if (!has_words && fields[WORDS].value)
                yaml_fail(yaml, fields[WORDS].value,
                          "channel.words: only an enumeration or an event has words; add type: "
                          "enumeration or type: event");
        else if (has_words && !fields[WORDS].value && !fields[WORDS].is_misspelt)
                yaml_fail(yaml, fields[TYPE].value, "channel.words: is missing");
        else if (has_words && fields[WORDS].value)
                take_words(yaml, fields, c);
}

/* What the verifier would find of the direction. */
static void check_direction(struct yaml *yaml, const struct yaml_field *fields,
                            const struct program_channel *c)
{
        if (c->type == PROGRAM_CHANNEL_BUTTON && c->direction != PROGRAM_COMMANDED)
                yaml_fail(yaml, fields[TYPE].value,
                          "channel.type: a button takes commands and is not published; add access: "
                          "command, or make it an event");
        if (c->type == PROGRAM_CHANNEL_EVENT && c->direction != PROGRAM_PUBLISHED)
                yaml_fail(
                        yaml, fields[TYPE].value,
                        "channel.type: an event is published and takes no commands; remove access "
                        "or command");
        if (c->type == PROGRAM_CHANNEL_EVENT && c->period_sec > 0)
                yaml_fail(yaml, fields[EVERY].value,
                          "channel.every: an event is published when it happens; remove every");
}

/* --- the whole --- */

/* Number and leaf differ from those of every channel before. */
static void add_channel(struct scope *scope, const struct yaml_field *fields,
                        const struct program_channel *c)
{
        struct channels *channels = scope->channels;
        bool is_new = c->number > 0;

        for (size_t i = 0; i < channels->n; i++) {
                const struct scope_channel *other = &channels->list[i];
                size_t line = other->node->start_mark.line + 1;

                if (c->number > 0 && other->channel.number == c->number) {
                        yaml_fail(scope->yaml, fields[NUMBER].value,
                                  "channel.number: %u is the number of another channel, on line "
                                  "%zu",
                                  c->number, line);
                        is_new = false;
                }
                if (c->number > 0 && c->leaf.n_bytes > 0 &&
                    other->channel.leaf.n_bytes == c->leaf.n_bytes &&
                    memcmp(other->channel.leaf.bytes, c->leaf.bytes, c->leaf.n_bytes) == 0)
                        yaml_fail(
                                scope->yaml, fields[LEAF].value,
                                "channel.leaf: \"%s\" is the leaf of another channel, on line %zu",
                                (const char *)c->leaf.bytes, line);
        }
        if (is_new && channels->n < STEP_CHANNELS_MAX)
                channels->list[channels->n++] =
                        (struct scope_channel){.channel = *c, .node = fields[NUMBER].value};
}

static void take_names(struct yaml *yaml, const struct yaml_field *fields,
                       struct program_channel *c)
{
        c->leaf = take_word(yaml, fields[LEAF].value, "leaf", program_is_leaf,
                            "1 to 16 of the characters a-z, 0-9 and _");
        c->device_class = take_word(yaml, fields[CLASS].value, "class", program_is_class,
                                    "up to 24 of the characters a-z, 0-9 and _");
        c->unit = take_word(yaml, fields[UNIT].value, "unit", program_is_unit,
                            "up to 8 printable bytes");
        warn_word(yaml, fields[CLASS].value, "channel.class", c->device_class, 1, 127);
        warn_word(yaml, fields[UNIT].value, "channel.unit", c->unit, 128, 255);
}

unsigned channel_read(struct scope *scope, const yaml_node_t *node,
                      struct program_channel *ret_channel)
{
        struct yaml_field fields[N_FIELDS] = {
                [NUMBER] = {.name = "number", .is_required = true},
                [LEAF] = {.name = "leaf", .is_required = true},
                [CLASS] = {.name = "class"},
                [UNIT] = {.name = "unit"},
                [EVERY] = {.name = "every"},
                [COMMAND] = {.name = "command"},
                [ACCESS] = {.name = "access"},
                [TYPE] = {.name = "type"},
                [RANGE] = {.name = "range"},
                [STEP] = {.name = "step"},
                [WORDS] = {.name = "words"},
                [LENGTH] = {.name = "length"},
                [CATEGORY] = {.name = "category"},
        };
        struct yaml *yaml = scope->yaml;
        struct program_channel c = {.number = 0};
        size_t n_before;

        yaml_take(yaml, node, "channel", fields, N_FIELDS);
        take_names(yaml, fields, &c);
        if (fields[NUMBER].value)
                c.number = (unsigned)yaml_integer(yaml, fields[NUMBER].value, "channel.number", 1,
                                                  255);
        if (fields[EVERY].value)
                c.period_sec = take_period(yaml, fields[EVERY].value);
        c.direction = take_direction(yaml, fields);
        c.category = (enum program_category)take_name(
                yaml, &fields[CATEGORY], PROGRAM_CATEGORY_CONFIG, PROGRAM_CATEGORY_DIAGNOSTIC,
                program_category_name, "categories");
        n_before = yaml->errors->n_errors;
        c.type = (enum program_channel_type)take_name(yaml, &fields[TYPE], PROGRAM_CHANNEL_NUMBER,
                                                      PROGRAM_CHANNEL_EVENT,
                                                      program_channel_type_name, "types");
        if (yaml->errors->n_errors == n_before && !fields[TYPE].is_misspelt) {
                take_limits(yaml, fields, &c);
                check_direction(yaml, fields, &c);
        }
        add_channel(scope, fields, &c);
        *ret_channel = c;
        return c.direction;
}
