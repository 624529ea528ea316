/* SPDX-License-Identifier: Apache-2.0 */

/* Steps and values in words. Firmware does not link this. */

#include "wire/program.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

static void line_add_value(struct line *line, const struct program_value *value)
{
        switch (value->kind) {
        case PROGRAM_INTEGER:
                line_add(line, "%" PRId64, value->number);
                break;
        case PROGRAM_BOOLEAN:
                line_add(line, value->number ? "yes" : "no");
                break;
        case PROGRAM_TEXT:
                line_add(line, "\"");
                line_add_text(line, value->span);
                line_add(line, "\"");
                break;
        case PROGRAM_BYTES:
                line_add(line, "0x");
                for (size_t i = 0; i < value->span.n_bytes; i++)
                        line_add(line, "%02x", value->span.bytes[i]);
                break;
        case PROGRAM_REFERENCE:
                line_add(line, "$");
                line_add_number(line, PROGRAM_PARAMETER, (unsigned)value->number);
                break;
        case PROGRAM_LIST:
        case PROGRAM_NOTHING:
                line_add(line, "?");
                break;
        }
}

static void line_add_numbers(struct line *line, struct program_step *step, enum program_space space)
{
        const char *separator = " ";
        unsigned number;

        while (program_next_number(step, &number)) {
                line_add(line, "%s", separator);
                line_add_number(line, space, number);
                separator = ", ";
        }
}

static void line_add_pairs(struct line *line, struct program_step *step, enum program_space space,
                           const char *separator, const char *between)
{
        struct program_value value;
        unsigned number;

        while (program_next_raw_pair(step, &number, &value)) {
                line_add(line, "%s", separator);
                line_add_number(line, space, number);
                line_add(line, "%s", between);
                line_add_value(line, &value);
                separator = ", ";
        }
}

static void line_add_channel(struct line *line, const struct program_step *step)
{
        struct program_channel channel;

        if (!program_get_channel(step, &channel))
                return;
        line_add(line, " %u: %s ", channel.number, channel.command ? "command" : "publish");
        line_add_text(line, channel.leaf);
        if (channel.unit.n_bytes > 0) {
                line_add(line, " in ");
                line_add_text(line, channel.unit);
        }
        if (channel.device_class.n_bytes > 0) {
                line_add(line, " as ");
                line_add_text(line, channel.device_class);
        }
        if (!channel.command && channel.period_sec > 0)
                line_add(line, " every %" PRIu32 " s", channel.period_sec);
        else if (!channel.command)
                line_add(line, " on change");
}

void program_describe_value(const struct program_value *value, char *ret_text, size_t size)
{
        struct line line = {ret_text, size, 0};

        ret_text[0] = '\0';
        line_add_value(&line, value);
}

void program_describe_step(const struct program_step *step, char *ret_text, size_t size)
{
        struct line line = {ret_text, size, 0};
        struct program_step copy = *step;

        line_add(&line, "%s", program_verb_name(step->verb));
        switch (step->verb) {
        case PROGRAM_SUPPLY:
        case PROGRAM_REQUIRE:
                line_add_numbers(&line, &copy, PROGRAM_PARAMETER);
                break;
        case PROGRAM_EXPECT:
        case PROGRAM_FORWARD:
        case PROGRAM_REPORT:
                line_add_numbers(&line, &copy, PROGRAM_ITEM);
                break;
        case PROGRAM_DELIVER:
                line_add(&line, " the device's half");
                break;
        case PROGRAM_CHANNEL:
                line_add_channel(&line, step);
                break;
        case PROGRAM_SYNC:
                line_add(&line, " at point %u", step->number);
                break;
        case PROGRAM_SET:
                line_add_pairs(&line, &copy, PROGRAM_PARAMETER, " ", " to ");
                break;
        case PROGRAM_CALL:
                line_add(&line, " function %u", step->number);
                line_add_pairs(&line, &copy, PROGRAM_ARGUMENT, " with ", " ");
                break;
        case PROGRAM_FINISH:
                line_add(&line, "%s%s",
                         step->number & PROGRAM_FINISH_ERASE ? ", forget the secret" : "",
                         step->number & PROGRAM_FINISH_FUSE ? ", for good" : "");
                break;
        }
}
