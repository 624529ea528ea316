/* SPDX-License-Identifier: Apache-2.0 */

#include "tool/listing.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "program/describe.h"
#include "program/outline.h"
#include "program/words.h"
#include "tool/source.h"
#include "util/defer.h"
#include "util/file.h"
#include "wire/utf8.h"

#define PLAIN_MAX    64 /* bytes of a text that may stand without quotation marks */
#define NORMAL_BYTES (2 * PROGRAM_BYTES_MAX)

/* --- texts --- */

/* Whether a text means the same without quotation marks, to YAML and to people. */
static bool is_plain(struct cbor_span text)
{
        static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        static const char others[] = "0123456789_./ -";
        char copy[PLAIN_MAX + 1];

        if (text.n_bytes == 0 || text.n_bytes > PLAIN_MAX)
                return false;
        memcpy(copy, text.bytes, text.n_bytes);
        copy[text.n_bytes] = '\0';
        for (size_t i = 0; i < text.n_bytes; i++)
                if (!copy[i] || (!strchr(letters, copy[i]) && (i == 0 || !strchr(others, copy[i]))))
                        return false;
        return copy[text.n_bytes - 1] != ' ' && !yaml_is_ambiguous(copy);
}

/* One character between quotation marks; what cannot be shown as an escape of YAML's. */
static void write_character(FILE *file, const uint8_t *bytes, size_t n, uint32_t point)
{
        if (point == '"' || point == '\\')
                (void)fprintf(file, "\\%c", (int)point);
        else if (utf8_printable(bytes, n))
                (void)fprintf(file, "%.*s", (int)n, (const char *)bytes);
        else if (point <= 0xff)
                (void)fprintf(file, "\\x%02" PRIx32, point);
        else if (point <= 0xffff)
                (void)fprintf(file, "\\u%04" PRIx32, point);
        else
                (void)fprintf(file, "\\U%08" PRIx32, point);
}

static void write_text(FILE *file, struct cbor_span text)
{
        uint32_t point = 0;

        if (is_plain(text)) {
                (void)fprintf(file, "%.*s", (int)text.n_bytes, (const char *)text.bytes);
                return;
        }
        (void)fputc('"', file);
        for (size_t i = 0, n; i < text.n_bytes; i += n) {
                n = utf8_take(text.bytes + i, text.n_bytes - i, &point);
                if (n == 0)
                        break; /* a payload that was parsed has valid texts only */
                write_character(file, text.bytes + i, n, point);
        }
        (void)fputc('"', file);
}

static void write_label(FILE *file, const char *label)
{
        write_text(file, (struct cbor_span){(const uint8_t *)label, strlen(label)});
}

/* --- values --- */

static void write_name(FILE *file, enum program_space space, unsigned number)
{
        const char *name = program_number_name(space, number);

        if (name)
                (void)fprintf(file, "%s", name);
        else
                (void)fprintf(file, "%u", number);
}

static void write_bytes(FILE *file, struct cbor_span bytes)
{
        (void)fprintf(file, bytes.n_bytes > 0 ? "!hex " : "!hex \"\"");
        for (size_t i = 0; i < bytes.n_bytes; i++)
                (void)fprintf(file, "%02x", bytes.bytes[i]);
}

static void write_value(FILE *file, const struct value *value)
{
        switch (value->kind) {
        case VALUE_INTEGER:
                (void)fprintf(file, "%" PRId64, value->number);
                break;
        case VALUE_BOOLEAN:
                (void)fprintf(file, value->number ? "yes" : "no");
                break;
        case VALUE_TEXT:
                write_text(file, value->span);
                break;
        case VALUE_BYTES:
                write_bytes(file, value->span);
                break;
        case VALUE_LIST: /* no half and no configuration has one */
        case VALUE_NOTHING:
                break;
        }
}

static void write_operand(FILE *file, const struct program_operand *operand)
{
        if (!operand->is_reference) {
                write_value(file, &operand->value);
                return;
        }
        (void)fputc('$', file);
        write_name(file, PROGRAM_PARAMETER, operand->parameter);
}

/* In the largest unit, up to @max, of which it is a multiple. */
static void write_duration(FILE *file, uint32_t sec, uint32_t max)
{
        static const struct {
                const char *name;
                uint32_t sec;
        } units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}};

        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (units[i].sec <= max && sec % units[i].sec == 0) {
                        (void)fprintf(file, "%" PRIu32 " %s", sec / units[i].sec, units[i].name);
                        return;
                }
}

/* --- what only the hub's half has --- */

static void write_decimal(FILE *file, int64_t mantissa, int exponent)
{
        char digits[PROGRAM_DECIMAL_SIZE];

        program_describe_decimal(mantissa, exponent, digits);
        (void)fprintf(file, "%s", digits);
}

static void write_limits(FILE *file, const struct program_channel *c)
{
        if (c->has_range) {
                (void)fprintf(file, ", range: [");
                write_decimal(file, c->range.low, c->range.exponent);
                (void)fprintf(file, ", ");
                write_decimal(file, c->range.high, c->range.exponent);
                (void)fprintf(file, "]");
        }
        if (c->has_range && c->range.step > 0) {
                (void)fprintf(file, ", step: ");
                write_decimal(file, c->range.step, c->range.exponent);
        }
        for (unsigned i = 0; i < c->n_words; i++) {
                (void)fprintf(file, i == 0 ? ", words: [" : ", ");
                write_text(file, c->words[i]);
        }
        if (c->n_words > 0)
                (void)fprintf(file, "]");
        if (c->type == PROGRAM_CHANNEL_TEXT && c->length != PROGRAM_LENGTH_MAX)
                (void)fprintf(file, ", length: %u", c->length);
        if (c->category != PROGRAM_CATEGORY_NONE)
                (void)fprintf(file, ", category: %s", program_category_name(c->category));
}

static void write_channel(FILE *file, const struct program_step *step)
{
        static const char *const access[] = {[PROGRAM_PUBLISHED] = "",
                                             [PROGRAM_COMMANDED] = ", access: command",
                                             [PROGRAM_BOTH_WAYS] = ", access: both"};
        struct program_channel c;

        if (!program_get_channel(step, &c))
                return;
        (void)fprintf(file, "{number: %u, leaf: ", c.number);
        write_text(file, c.leaf);
        if (c.device_class.n_bytes > 0) {
                (void)fprintf(file, ", class: ");
                write_text(file, c.device_class);
        }
        if (c.unit.n_bytes > 0) {
                (void)fprintf(file, ", unit: ");
                write_text(file, c.unit);
        }
        (void)fprintf(file, "%s", access[c.direction]);
        if (c.type != PROGRAM_CHANNEL_NUMBER)
                (void)fprintf(file, ", type: %s", program_channel_type_name(c.type));
        if (c.period_sec > 0) {
                (void)fprintf(file, ", every: ");
                write_duration(file, c.period_sec, 3600);
        }
        write_limits(file, &c);
        (void)fprintf(file, "}");
}

static void write_presence(FILE *file, const struct program_step *step)
{
        struct program_presence presence;

        if (!program_get_presence(step, &presence))
                return;
        if (presence.sleep_sec == 0) {
                (void)fprintf(file, "mains");
                return;
        }
        (void)fprintf(file, "sleeps ");
        write_duration(file, presence.sleep_sec, PROGRAM_SLEEP_MAX);
}

/* The leaf of a channel of this half. */
static struct cbor_span leaf_of(struct cbor_span half, unsigned number)
{
        struct program_channel channel;
        struct program_run run;

        program_run_init(&run, half);
        while (program_next_channel(&run, &channel))
                if (channel.number == number)
                        return channel.leaf;
        return (struct cbor_span){0};
}

static void write_group(FILE *file, const struct program_step *step, struct cbor_span half)
{
        const struct program_role *role;
        struct program_group group;

        if (!program_get_group(step, &group))
                return;
        (void)fprintf(file, "{kind: %s", program_group_name(group.kind));
        for (size_t i = 0; (role = program_role(group.kind, i)); i++) {
                if (group.channels[i] == 0)
                        continue;
                (void)fprintf(file, ", %s: ", role->name);
                write_text(file, leaf_of(half, group.channels[i]));
        }
        (void)fprintf(file, "}");
}

/* --- steps --- */

static void write_numbers(FILE *file, struct program_step *step)
{
        const char *separator = "";
        unsigned number;

        (void)fprintf(file, "[");
        while (program_next_number(step, &number)) {
                (void)fprintf(file, "%s", separator);
                write_name(file, (enum program_space)step->row->space, number);
                separator = ", ";
        }
        (void)fprintf(file, "]");
}

/* The pairs behind @before, which opens their braces; nothing at all if there are none. */
static void write_pairs(FILE *file, struct program_step *step, const char *before)
{
        struct program_operand operand;
        const char *separator = before;
        unsigned number;

        while (program_next_operand(step, &number, &operand)) {
                (void)fprintf(file, "%s", separator);
                write_name(file, (enum program_space)step->row->space, number);
                (void)fprintf(file, ": ");
                write_operand(file, &operand);
                separator = ", ";
        }
        if (separator != before)
                (void)fprintf(file, "}");
}

static void write_function(FILE *file, struct program_step *step)
{
        (void)fprintf(file, "{function: %u", step->number);
        write_pairs(file, step, ", with: {");
        (void)fprintf(file, "}");
}

/* As the compiler's table of shapes reads them. */
static void write_arguments(FILE *file, struct program_step *step, struct cbor_span half)
{
        unsigned shape = step->row->shape;

        if (shape & PROGRAM_SHAPE_POINT)
                (void)fprintf(file, "%u", step->number);
        else if (shape & PROGRAM_SHAPE_FUNCTION)
                write_function(file, step);
        else if (shape & PROGRAM_SHAPE_FLAGS)
                (void)fprintf(file, "{erase: %s, fuse: %s}",
                              step->number & PROGRAM_FINISH_ERASE ? "yes" : "no",
                              step->number & PROGRAM_FINISH_FUSE ? "yes" : "no");
        else if (shape & PROGRAM_SHAPE_NUMBERS)
                write_numbers(file, step);
        else if (shape & PROGRAM_SHAPE_PAIRS)
                write_pairs(file, step, "{");
        else if (shape & PROGRAM_SHAPE_CHANNEL)
                write_channel(file, step);
        else if (shape & PROGRAM_SHAPE_HALF)
                (void)fprintf(file, "device");
        else if (shape & PROGRAM_SHAPE_PRESENCE)
                write_presence(file, step);
        else if (shape & PROGRAM_SHAPE_GROUP)
                write_group(file, step, half);
}

/* The steps of a half below its name, each behind @indent; nothing for a half that has none. */
static void write_half(FILE *file, const char *name, const char *indent, struct cbor_span half)
{
        struct program_run run;
        struct program_step step;

        program_run_init(&run, half);
        if (run.n_left > 0)
                (void)fprintf(file, "%s", name);
        while (program_run_next(&run, &step)) {
                (void)fprintf(file, "%s- %s: ", indent, program_verb_words(step.verb)->name);
                write_arguments(file, &step, half);
                (void)fputc('\n', file);
        }
}

static void write_applications(FILE *file, const struct payload *p)
{
        const struct application *only = &p->applications[0];

        if (p->n_applications == 1) {
                write_half(file, "\nhub:\n", "  ", only->hub);
                write_half(file, "\ndevice:\n", "  ", only->device);
                return;
        }
        (void)fprintf(file, "\napplications:\n");
        for (size_t i = 0; i < p->n_applications; i++) {
                (void)fprintf(file, "  -\n");
                write_half(file, "    hub:\n", "      ", p->applications[i].hub);
                write_half(file, "    device:\n", "      ", p->applications[i].device);
        }
}

/* --- the head --- */

static void write_ask(FILE *file, unsigned capabilities)
{
        const char *separator = "ask: [";

        for (unsigned i = 1; i <= CAPABILITY_ALL; i <<= 1)
                if (capabilities & i) {
                        (void)fprintf(file, "%s%s", separator, capability_name(i));
                        separator = ", ";
                }
        if (capabilities > 0)
                (void)fprintf(file, "]\n");
}

static void write_configuration(FILE *file, struct cbor_span configuration)
{
        struct value value;

        if (configuration.n_bytes > 0)
                (void)fprintf(file, "\nconfiguration:\n");
        for (unsigned number = 1; number <= PROGRAM_NUMBER_MAX; number++) {
                if (!value_find(configuration, number, &value))
                        continue;
                (void)fprintf(file, "  ");
                write_name(file, PROGRAM_PARAMETER, number);
                (void)fprintf(file, ": ");
                write_value(file, &value);
                (void)fputc('\n', file);
        }
}

int listing_write(const struct payload *p, FILE *file)
{
        (void)fprintf(file, "# The source of a code. What is the device's own is in its card.\n\n");
        (void)fprintf(file, "product: {maker: ");
        write_label(file, p->maker);
        (void)fprintf(file, ", model: ");
        write_label(file, p->model);
        (void)fprintf(file, "}\n");
        if (p->daemon > 0)
                (void)fprintf(file, "daemon: \"%u.%u\"\n", (unsigned)p->daemon >> 8,
                              p->daemon & 0xffu);
        if (p->counter > 0)
                (void)fprintf(file, "counter: %" PRIu32 "\n", p->counter);
        if (!p->serial[0])
                (void)fprintf(file, "serial: no\n");
        write_ask(file, p->capabilities);
        write_configuration(file, p->configuration);
        write_applications(file, p);
        return file_flush(file);
}

/* --- is it the same code? --- */

/* The same limits in their shortest form: 0.50 to 3.00 is 0.5 to 3. */
static void shorten(struct program_range *range)
{
        while (range->low % 10 == 0 && range->high % 10 == 0 && range->step % 10 == 0 &&
               range->exponent < PROGRAM_EXPONENT_MAX) {
                range->low /= 10;
                range->high /= 10;
                range->step /= 10;
                range->exponent++;
        }
}

/*
 * One step as make writes it. A code may have a word as text that has a number, or arguments at the
 * end that could be left out; both are only in channels and groups.
 */
static void put_step(struct cbor_writer *w, const struct program_step *step, struct cbor_span raw)
{
        struct program_channel channel;
        struct program_group group;

        if (step->row->shape & PROGRAM_SHAPE_CHANNEL && program_get_channel(step, &channel)) {
                shorten(&channel.range);
                cbor_put_array(w, 1 + program_count_channel(&channel));
                cbor_put_uint(w, step->verb);
                program_put_channel(w, &channel);
        } else if (step->row->shape & PROGRAM_SHAPE_GROUP && program_get_group(step, &group)) {
                cbor_put_array(w, 1 + program_count_group(&group));
                cbor_put_uint(w, step->verb);
                program_put_group(w, &group);
        } else {
                cbor_put_raw(w, raw.bytes, raw.n_bytes);
        }
}

static size_t put_half(struct cbor_span half, uint8_t ret_bytes[NORMAL_BYTES])
{
        struct program_step step;
        struct program_run run;
        struct cbor_writer w;
        const uint8_t *at;

        cbor_writer_init(&w, ret_bytes, NORMAL_BYTES);
        program_run_init(&run, half);
        for (at = run.at.at; program_run_next(&run, &step); at = run.at.at)
                put_step(&w, &step, (struct cbor_span){at, (size_t)(run.at.at - at)});
        return w.n_written;
}

static bool is_same_half(struct cbor_span a, struct cbor_span b)
{
        uint8_t a_bytes[NORMAL_BYTES], b_bytes[NORMAL_BYTES];
        size_t n_a = put_half(a, a_bytes), n_b = put_half(b, b_bytes);

        return n_a == n_b && n_a <= NORMAL_BYTES && memcmp(a_bytes, b_bytes, n_a) == 0;
}

static bool is_same_configuration(struct cbor_span a, struct cbor_span b)
{
        return a.n_bytes == b.n_bytes &&
               (a.n_bytes == 0 || memcmp(a.bytes, b.bytes, a.n_bytes) == 0);
}

static bool is_same(const struct source *source, const struct payload *p)
{
        const struct payload *made = &source->payload;
        bool same = strcmp(made->maker, p->maker) == 0 && strcmp(made->model, p->model) == 0 &&
                    made->daemon == p->daemon && made->counter == p->counter &&
                    source->wants_serial == (p->serial[0] != '\0') &&
                    made->capabilities == p->capabilities &&
                    made->n_applications == p->n_applications &&
                    is_same_configuration(made->configuration, p->configuration);

        for (size_t i = 0; same && i < p->n_applications; i++)
                same = is_same_half(made->applications[i].hub, p->applications[i].hub) &&
                       is_same_half(made->applications[i].device, p->applications[i].device);
        return same;
}

int listing_check(const struct payload *p, const char *text, size_t n_text,
                  struct errors *ret_errors)
{
        static const struct functions any;
        static struct source source;
        int r;

        r = source_compile(&source, text, n_text, &any);
        *ret_errors = source.errors;
        if (r < 0)
                return LISTING_E_INVALID;
        return is_same(&source, p) ? 0 : LISTING_E_DIFFERS;
}
