/* SPDX-License-Identifier: Apache-2.0 */

#include "program/describe.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "program/group.h"
#include "program/presence.h"
#include "program/words.h"
#include "wire/utf8.h"

struct line {
        char *text;
        size_t size, n;
};

__attribute__((format(printf, 2, 3))) static void line_add(struct line *line, const char *format,
                                                           ...)
{
        va_list arguments;
        int n;

        va_start(arguments, format);
        n = vsnprintf(line->text + line->n, line->size - line->n, format, arguments);
        va_end(arguments);
        if (n > 0)
                line->n += (size_t)n;
        if (line->n >= line->size)
                line->n = line->size - 1;
}

static void line_add_text(struct line *line, struct cbor_span text)
{
        if (utf8_printable(text.bytes, text.n_bytes))
                line_add(line, "%.*s", (int)text.n_bytes, (const char *)text.bytes);
        else
                line_add(line, "?");
}

static void line_add_number(struct line *line, enum program_space space, unsigned number)
{
        const char *name = program_number_name(space, number);

        if (name)
                line_add(line, "%s", name);
        else
                line_add(line, "%u", number);
}

static void line_add_value(struct line *line, const struct value *value)
{
        switch (value->kind) {
        case VALUE_INTEGER:
                line_add(line, "%" PRId64, value->number);
                break;
        case VALUE_BOOLEAN:
                line_add(line, value->number ? "yes" : "no");
                break;
        case VALUE_TEXT:
                line_add(line, "\"");
                line_add_text(line, value->span);
                line_add(line, "\"");
                break;
        case VALUE_BYTES:
                line_add(line, "0x");
                for (size_t i = 0; i < value->span.n_bytes; i++)
                        line_add(line, "%02x", value->span.bytes[i]);
                break;
        case VALUE_LIST:
        case VALUE_NOTHING:
                line_add(line, "?");
                break;
        }
}

static void line_add_operand(struct line *line, const struct program_operand *operand)
{
        if (operand->is_reference) {
                line_add(line, "$");
                line_add_number(line, PROGRAM_PARAMETER, operand->parameter);
        } else {
                line_add_value(line, &operand->value);
        }
}

static enum program_space step_space(const struct program_step *step)
{
        return (enum program_space)step->row->space;
}

static void line_add_numbers(struct line *line, struct program_step *step)
{
        const char *separator = " ";
        unsigned number;

        while (program_next_number(step, &number)) {
                line_add(line, "%s", separator);
                line_add_number(line, step_space(step), number);
                separator = ", ";
        }
}

static void line_add_pairs(struct line *line, struct program_step *step, const char *separator,
                           const char *between)
{
        struct program_operand operand;
        unsigned number;

        while (program_next_operand(step, &number, &operand)) {
                line_add(line, "%s", separator);
                line_add_number(line, step_space(step), number);
                line_add(line, "%s", between);
                line_add_operand(line, &operand);
                separator = ", ";
        }
}

/* 10^-18 to 10^18 times a mantissa, as digits with a point where one is needed. */
static void line_add_decimal(struct line *line, int64_t mantissa, int exponent)
{
        char digits[PROGRAM_DECIMAL_SIZE];

        program_describe_decimal(mantissa, exponent, digits);
        line_add(line, "%s", digits);
}

static void line_add_limits(struct line *line, const struct program_channel *channel)
{
        if (channel->has_range) {
                line_add(line, ", from ");
                line_add_decimal(line, channel->range.low, channel->range.exponent);
                line_add(line, " to ");
                line_add_decimal(line, channel->range.high, channel->range.exponent);
        }
        if (channel->has_range && channel->range.step > 0) {
                line_add(line, " in steps of ");
                line_add_decimal(line, channel->range.step, channel->range.exponent);
        }
        if (channel->type == PROGRAM_CHANNEL_SWITCH)
                line_add(line, ", yes or no");
        if (channel->type == PROGRAM_CHANNEL_TEXT)
                line_add(line, ", a text of up to %u bytes", channel->length);
        if (channel->type == PROGRAM_CHANNEL_BUTTON)
                line_add(line, ", a button");
        for (unsigned i = 0; i < channel->n_words; i++) {
                if (i > 0)
                        line_add(line, ", ");
                else
                        line_add(line, channel->type == PROGRAM_CHANNEL_EVENT ? ", an event: "
                                                                              : ", one of ");
                line_add_text(line, channel->words[i]);
        }
        if (channel->category == PROGRAM_CATEGORY_CONFIG)
                line_add(line, "; a setting of the device");
        if (channel->category == PROGRAM_CATEGORY_DIAGNOSTIC)
                line_add(line, "; for diagnosis");
}

static void line_add_channel(struct line *line, const struct program_step *step)
{
        static const char *const ways[] = {[PROGRAM_PUBLISHED] = "publish",
                                           [PROGRAM_COMMANDED] = "command",
                                           [PROGRAM_BOTH_WAYS] = "publish and command"};
        struct program_channel channel;

        if (!program_get_channel(step, &channel))
                return;
        line_add(line, " %u: %s ", channel.number, ways[channel.direction]);
        line_add_text(line, channel.leaf);
        if (channel.unit.n_bytes > 0) {
                line_add(line, " in ");
                line_add_text(line, channel.unit);
        }
        if (channel.device_class.n_bytes > 0) {
                line_add(line, " as ");
                line_add_text(line, channel.device_class);
        }
        if (channel.direction & PROGRAM_PUBLISHED && channel.period_sec > 0)
                line_add(line, " every %" PRIu32 " s", channel.period_sec);
        else if (channel.direction & PROGRAM_PUBLISHED && channel.type != PROGRAM_CHANNEL_EVENT)
                line_add(line, " on change");
        line_add_limits(line, &channel);
}

static void line_add_presence(struct line *line, const struct program_step *step)
{
        struct program_presence presence;

        if (!program_get_presence(step, &presence))
                return;
        if (presence.sleep_sec > 0)
                line_add(line, ": sleeps for up to %" PRIu32 " s", presence.sleep_sec);
        else
                line_add(line, ": on the mains");
}

static void line_add_group(struct line *line, const struct program_step *step)
{
        const struct program_role *role;
        struct program_group group;
        const char *separator = ": ";

        if (!program_get_group(step, &group))
                return;
        line_add(line, " %s", program_group_name(group.kind));
        for (size_t i = 0; (role = program_role(group.kind, i)); i++)
                if (group.channels[i] > 0) {
                        line_add(line, "%s%s is channel %u", separator, role->name,
                                 group.channels[i]);
                        separator = ", ";
                }
}

void program_describe_decimal(int64_t mantissa, int exponent, char ret_text[PROGRAM_DECIMAL_SIZE])
{
        struct line line = {ret_text, PROGRAM_DECIMAL_SIZE, 0};
        uint64_t magnitude = mantissa < 0 ? -(uint64_t)mantissa : (uint64_t)mantissa;
        uint64_t unit = 1;
        int n_behind = -exponent;

        line_add(&line, "%s", mantissa < 0 ? "-" : "");
        for (; n_behind > 0 && magnitude % 10 == 0; n_behind--)
                magnitude /= 10;
        for (int i = 0; i < n_behind; i++)
                unit *= 10;
        line_add(&line, "%" PRIu64, magnitude / unit);
        if (n_behind > 0)
                line_add(&line, ".%0*" PRIu64, n_behind, magnitude % unit);
        for (int i = 0; magnitude > 0 && i < exponent; i++)
                line_add(&line, "0");
}

void program_describe_value(const struct value *value, char *ret_text, size_t size)
{
        struct line line = {ret_text, size, 0};

        ret_text[0] = '\0';
        line_add_value(&line, value);
}

void program_describe_step(const struct program_step *step, char *ret_text, size_t size)
{
        const struct program_words *words = program_verb_words(step->verb);
        struct line line = {ret_text, size, 0};
        struct program_step copy = *step;
        unsigned shape = step->row->shape;

        line_add(&line, "%s", words ? words->name : "?");
        if (shape & PROGRAM_SHAPE_POINT)
                line_add(&line, " at point %u", step->number);
        if (shape & PROGRAM_SHAPE_FUNCTION)
                line_add(&line, " function %u", step->number);
        if (shape & PROGRAM_SHAPE_FLAGS)
                line_add(&line, "%s%s",
                         step->number & PROGRAM_FINISH_ERASE ? ", forget the secret" : "",
                         step->number & PROGRAM_FINISH_FUSE ? ", for good" : "");
        if (shape & PROGRAM_SHAPE_NUMBERS)
                line_add_numbers(&line, &copy);
        if (shape & PROGRAM_SHAPE_PAIRS && shape & PROGRAM_SHAPE_FUNCTION)
                line_add_pairs(&line, &copy, " with ", " ");
        else if (shape & PROGRAM_SHAPE_PAIRS)
                line_add_pairs(&line, &copy, " ", " to ");
        if (shape & PROGRAM_SHAPE_CHANNEL)
                line_add_channel(&line, step);
        if (shape & PROGRAM_SHAPE_PRESENCE)
                line_add_presence(&line, step);
        if (shape & PROGRAM_SHAPE_GROUP)
                line_add_group(&line, step);
        if (shape & PROGRAM_SHAPE_HALF)
                line_add(&line, " the device's half");
}
