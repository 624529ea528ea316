/* SPDX-License-Identifier: Apache-2.0 */

#include "wire/program.h"

/* What a verb's arguments look like. */
enum shape {
        SHAPE_NONE,
        SHAPE_NUMBER,     /* one, up to 255 */
        SHAPE_FLAGS,      /* one, of finish */
        SHAPE_PARAMETERS, /* one or more */
        SHAPE_ITEMS,      /* one or more */
        SHAPE_PAIRS,      /* parameter, value: one or more pairs */
        SHAPE_CALL,       /* function, then argument, value: any number of pairs */
        SHAPE_CHANNEL,
};

/* clang-format off */
static const struct verb {
        uint8_t verb, sides, shape, timeout_sec;
} verbs[] = {
        { PROGRAM_SUPPLY,  PROGRAM_HUB,                  SHAPE_PARAMETERS,  5 },
        { PROGRAM_DELIVER, PROGRAM_HUB,                  SHAPE_NONE,       30 },
        { PROGRAM_EXPECT,  PROGRAM_HUB,                  SHAPE_ITEMS,       5 },
        { PROGRAM_CHANNEL, PROGRAM_HUB,                  SHAPE_CHANNEL,     5 },
        { PROGRAM_FORWARD, PROGRAM_HUB,                  SHAPE_ITEMS,       5 },
        { PROGRAM_SYNC,    PROGRAM_HUB | PROGRAM_DEVICE, SHAPE_NUMBER,     15 },
        { PROGRAM_REQUIRE, PROGRAM_DEVICE,               SHAPE_PARAMETERS,  1 },
        { PROGRAM_SET,     PROGRAM_DEVICE,               SHAPE_PAIRS,       5 },
        { PROGRAM_CALL,    PROGRAM_DEVICE,               SHAPE_CALL,       10 },
        { PROGRAM_REPORT,  PROGRAM_DEVICE,               SHAPE_ITEMS,       5 },
        { PROGRAM_FINISH,  PROGRAM_DEVICE,               SHAPE_FLAGS,       5 },
};

/* The types of sections 4.2, 4.3 and 4.4, from number 1 on. */
static const uint8_t parameter_types[] = {
        PROGRAM_TYPE_TEXT,     /* name */
        PROGRAM_TYPE_TEXT,     /* location */
        PROGRAM_TYPE_TEXT,     /* owner */
        PROGRAM_TYPE_TEXT,     /* system */
        PROGRAM_TYPE_BYTES32,  /* system_key */
        PROGRAM_TYPE_TEXT,     /* gateway */
        PROGRAM_TYPE_BYTES32,  /* gateway_key */
        PROGRAM_TYPE_UNSIGNED, /* time */
        PROGRAM_TYPE_INTEGER,  /* latitude */
        PROGRAM_TYPE_INTEGER,  /* longitude */
        PROGRAM_TYPE_INTEGER,  /* altitude */
        PROGRAM_TYPE_TEXT,     /* organization */
        PROGRAM_TYPE_TEXT,     /* room */
        PROGRAM_TYPE_TEXT,     /* purpose */
};
static const uint8_t item_types[] = {
        PROGRAM_TYPE_LABEL,    /* serial */
        PROGRAM_TYPE_BYTES32,  /* public_key */
        PROGRAM_TYPE_LABEL,    /* software */
        PROGRAM_TYPE_LIST,     /* functions */
        PROGRAM_TYPE_LABEL,    /* model */
        PROGRAM_TYPE_BYTES16,  /* identity */
};
static const uint8_t argument_types[] = {
        PROGRAM_TYPE_UNSIGNED, /* interval */
        PROGRAM_TYPE_INTEGER,  /* level */
        PROGRAM_TYPE_UNSIGNED, /* mode */
        PROGRAM_TYPE_TEXT,     /* text */
        PROGRAM_TYPE_INTEGER,  /* low */
        PROGRAM_TYPE_INTEGER,  /* high */
};
static const struct {
        const uint8_t *types;
        uint8_t n_types;
} spaces[] = {
        [PROGRAM_PARAMETER] = { parameter_types, sizeof(parameter_types) },
        [PROGRAM_ITEM]      = { item_types,      sizeof(item_types) },
        [PROGRAM_ARGUMENT]  = { argument_types,  sizeof(argument_types) },
};
/* clang-format on */

enum program_type program_type_of(enum program_space space, uint32_t number)
{
        if (number >= PROGRAM_OWN_MIN && number <= PROGRAM_NUMBER_MAX)
                return PROGRAM_TYPE_ANY;
        if (number == 0 || number > spaces[space].n_types)
                return PROGRAM_TYPE_UNKNOWN;
        return (enum program_type)spaces[space].types[number - 1];
}

static const struct verb *verb_find(uint32_t verb)
{
        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
                if (verbs[i].verb == verb)
                        return &verbs[i];
        return NULL;
}

unsigned program_verb_sides(unsigned verb)
{
        const struct verb *v = verb_find(verb);

        return v ? v->sides : 0;
}

unsigned program_verb_timeout_sec(enum program_verb verb)
{
        const struct verb *v = verb_find(verb);

        return v ? v->timeout_sec : 0;
}

/* --- values --- */

static void value_take_list(struct cbor_reader *r, struct program_value *value)
{
        uint32_t n_items;

        value->kind = PROGRAM_LIST;
        value->span.bytes = r->at;
        n_items = cbor_get_array(r);
        if (n_items > PROGRAM_LIST_MAX)
                cbor_fail(r, CBOR_UNEXPECTED);
        while (n_items-- > 0)
                (void)cbor_get_uint_max(r, UINT32_MAX);
        value->span.n_bytes = (size_t)(r->at - value->span.bytes);
}

static void value_take_reference(struct cbor_reader *r, struct program_value *value)
{
        value->kind = PROGRAM_REFERENCE;
        if (cbor_get_array(r) != 1)
                cbor_fail(r, CBOR_UNEXPECTED);
        value->number = cbor_get_uint_max(r, PROGRAM_NUMBER_MAX);
}

/* An array is a list where values are stored, and a reference where steps name them. */
static struct program_value value_take(struct cbor_reader *r,
                                       void (*take_array)(struct cbor_reader *r,
                                                          struct program_value *value))
{
        struct program_value value = {PROGRAM_NOTHING, 0, {NULL, 0}};

        switch (cbor_peek(r)) {
        case CBOR_UINT:
        case CBOR_NEGATIVE:
                value.kind = PROGRAM_INTEGER;
                value.number = cbor_get_int(r);
                break;
        case CBOR_SIMPLE:
                value.kind = PROGRAM_BOOLEAN;
                value.number = cbor_get_bool(r);
                break;
        case CBOR_BYTES:
                value.kind = PROGRAM_BYTES;
                value.span = cbor_get_bytes(r);
                break;
        case CBOR_TEXT:
                value.kind = PROGRAM_TEXT;
                value.span = cbor_get_text(r);
                break;
        case CBOR_ARRAY:
                take_array(r, &value);
                break;
        case CBOR_MAP:
        case CBOR_TAG:
        case CBOR_NONE:
                cbor_fail(r, CBOR_UNEXPECTED);
                break;
        }
        if (value.kind != PROGRAM_LIST && value.span.n_bytes > PROGRAM_STRING_MAX)
                cbor_fail(r, CBOR_UNEXPECTED);
        if (cbor_error(r))
                value.kind = PROGRAM_NOTHING;
        return value;
}

struct program_value program_get_value(struct cbor_reader *r)
{
        return value_take(r, value_take_list);
}

void program_put_value(struct cbor_writer *w, const struct program_value *value)
{
        switch (value->kind) {
        case PROGRAM_INTEGER:
                cbor_put_int(w, value->number);
                break;
        case PROGRAM_BOOLEAN:
                cbor_put_bool(w, value->number != 0);
                break;
        case PROGRAM_BYTES:
                cbor_put_bytes(w, value->span.bytes, value->span.n_bytes);
                break;
        case PROGRAM_TEXT:
                cbor_put_text(w, (const char *)value->span.bytes, value->span.n_bytes);
                break;
        case PROGRAM_LIST:
                cbor_put_raw(w, value->span.bytes, value->span.n_bytes);
                break;
        case PROGRAM_REFERENCE:
                cbor_put_array(w, 1);
                cbor_put_int(w, value->number);
                break;
        case PROGRAM_NOTHING:
                break;
        }
}

bool program_value_fits(const struct program_value *value, enum program_type type)
{
        size_t n = value->span.n_bytes;

        switch (type) {
        case PROGRAM_TYPE_ANY:
                return value->kind >= PROGRAM_INTEGER && value->kind <= PROGRAM_TEXT;
        case PROGRAM_TYPE_TEXT:
                return value->kind == PROGRAM_TEXT;
        case PROGRAM_TYPE_LABEL:
                return value->kind == PROGRAM_TEXT && n >= 1 && n <= PROGRAM_LABEL_MAX;
        case PROGRAM_TYPE_UNSIGNED:
                return value->kind == PROGRAM_INTEGER && value->number >= 0;
        case PROGRAM_TYPE_INTEGER:
                return value->kind == PROGRAM_INTEGER;
        case PROGRAM_TYPE_BYTES16:
                return value->kind == PROGRAM_BYTES && n == 16;
        case PROGRAM_TYPE_BYTES32:
                return value->kind == PROGRAM_BYTES && n == 32;
        case PROGRAM_TYPE_LIST:
                return value->kind == PROGRAM_LIST;
        case PROGRAM_TYPE_UNKNOWN:
                break;
        }
        return false;
}

bool program_find_value(struct cbor_span map, unsigned number, struct program_value *ret_value)
{
        struct cbor_reader r;
        struct cbor_map at;
        uint32_t key;

        cbor_reader_init(&r, map.bytes, map.n_bytes);
        cbor_get_map(&r, &at);
        while (cbor_map_next(&r, &at, &key)) {
                struct program_value value = program_get_value(&r);

                if (key == number && value.kind != PROGRAM_NOTHING) {
                        *ret_value = value;
                        return true;
                }
        }
        return false;
}

enum program_error program_verify_values(struct cbor_span map, enum program_space space)
{
        enum program_error error = PROGRAM_OK;
        struct cbor_reader r;
        struct cbor_map at;
        uint32_t key;

        cbor_reader_init(&r, map.bytes, map.n_bytes);
        cbor_get_map(&r, &at);
        while (cbor_map_next(&r, &at, &key)) {
                enum program_type type = program_type_of(space, key);
                struct program_value value = program_get_value(&r);

                if (error == PROGRAM_OK && type == PROGRAM_TYPE_UNKNOWN)
                        error = PROGRAM_E_NUMBER;
                if (error == PROGRAM_OK && !program_value_fits(&value, type))
                        error = PROGRAM_E_TYPE;
        }
        return cbor_finish(&r) ? PROGRAM_E_ENCODING : error;
}

/* --- stepping --- */

void program_run_init(struct program_run *run, struct cbor_span half)
{
        cbor_reader_init(&run->at, half.bytes, half.n_bytes);
        run->n_left = cbor_get_array(&run->at);
        run->index = 0;
}

/* The arguments' reader covers the step's bytes only, so that its end is theirs. */
static const struct verb *step_take(struct cbor_reader *r, struct program_step *ret_step)
{
        struct cbor_span item = cbor_get_item(r);
        const struct verb *verb;

        cbor_reader_init(&ret_step->arguments, item.bytes, item.n_bytes);
        (void)cbor_get_array(&ret_step->arguments);
        verb = verb_find(cbor_get_uint_max(&ret_step->arguments, UINT8_MAX));
        if (!verb)
                return NULL;

        ret_step->verb = (enum program_verb)verb->verb;
        ret_step->timeout_sec = verb->timeout_sec;
        ret_step->number = 0;
        if (verb->shape == SHAPE_NUMBER || verb->shape == SHAPE_CALL || verb->shape == SHAPE_FLAGS)
                ret_step->number = cbor_get_uint_max(&ret_step->arguments, UINT8_MAX);
        return verb;
}

bool program_run_next(struct program_run *run, struct program_step *ret_step)
{
        if (run->n_left == 0 || !step_take(&run->at, ret_step))
                return false;
        run->n_left--;
        ret_step->index = run->index++;
        return true;
}

bool program_step_at(struct cbor_span half, unsigned index, struct program_step *ret_step)
{
        struct program_run run;

        program_run_init(&run, half);
        while (program_run_next(&run, ret_step))
                if (ret_step->index == index)
                        return true;
        return false;
}

unsigned program_run_patience(const struct program_run *run)
{
        struct program_run ahead = *run;
        struct program_step step;
        unsigned sec = 0;

        while (program_run_next(&ahead, &step) && step.verb != PROGRAM_SYNC)
                if (step.verb != PROGRAM_FINISH)
                        sec += step.timeout_sec;
        return sec;
}

static bool step_has_more(const struct program_step *step)
{
        return step->arguments.error == CBOR_OK && step->arguments.at != step->arguments.end;
}

bool program_next_number(struct program_step *step, unsigned *ret_number)
{
        if (!step_has_more(step))
                return false;
        *ret_number = cbor_get_uint_max(&step->arguments, PROGRAM_NUMBER_MAX);
        return cbor_error(&step->arguments) == CBOR_OK;
}

bool program_next_raw_pair(struct program_step *step, unsigned *ret_number,
                           struct program_value *ret_value)
{
        if (!program_next_number(step, ret_number))
                return false;
        *ret_value = value_take(&step->arguments, value_take_reference);
        return ret_value->kind != PROGRAM_NOTHING;
}

static enum program_space step_space(const struct program_step *step)
{
        return step->verb == PROGRAM_CALL ? PROGRAM_ARGUMENT : PROGRAM_PARAMETER;
}

enum program_next program_next_pair(struct program_step *step, struct cbor_span values,
                                    unsigned *ret_number, struct program_value *ret_value)
{
        if (!program_next_raw_pair(step, ret_number, ret_value))
                return PROGRAM_END;
        if (ret_value->kind == PROGRAM_REFERENCE) {
                unsigned parameter = (unsigned)ret_value->number;

                if (!program_find_value(values, parameter, ret_value)) {
                        *ret_number = parameter;
                        return PROGRAM_MISSING;
                }
        }
        if (!program_value_fits(ret_value, program_type_of(step_space(step), *ret_number)))
                return PROGRAM_MISFIT;
        return PROGRAM_PAIR;
}

/* --- verifying --- */

static enum program_error check_numbers(struct program_step *step, enum program_space space)
{
        unsigned number;

        while (program_next_number(step, &number))
                if (program_type_of(space, number) == PROGRAM_TYPE_UNKNOWN)
                        return PROGRAM_E_NUMBER;
        return PROGRAM_OK;
}

/* A reference can stand where a value of the parameter's type can; the maker's own may be any. */
static bool reference_fits(enum program_type from, enum program_type to)
{
        return from == to || from == PROGRAM_TYPE_ANY || to == PROGRAM_TYPE_ANY ||
               (from == PROGRAM_TYPE_UNSIGNED && to == PROGRAM_TYPE_INTEGER);
}

static enum program_error check_pairs(struct program_step *step, enum program_space space)
{
        struct program_value value;
        unsigned number;

        while (program_next_raw_pair(step, &number, &value)) {
                enum program_type type = program_type_of(space, number), from;
                bool fits;

                if (type == PROGRAM_TYPE_UNKNOWN)
                        return PROGRAM_E_NUMBER;
                if (value.kind == PROGRAM_REFERENCE) {
                        from = program_type_of(PROGRAM_PARAMETER, (uint32_t)value.number);
                        if (from == PROGRAM_TYPE_UNKNOWN)
                                return PROGRAM_E_NUMBER;
                        fits = reference_fits(from, type);
                } else
                        fits = program_value_fits(&value, type);
                if (!fits)
                        return PROGRAM_E_TYPE;
        }
        return PROGRAM_OK;
}

static enum program_error check_arguments(struct program_step *step, enum shape shape)
{
        enum program_error error = PROGRAM_OK;

        switch (shape) {
        case SHAPE_NONE:
        case SHAPE_NUMBER:
                break;
        case SHAPE_FLAGS:
                if (step->number > (PROGRAM_FINISH_ERASE | PROGRAM_FINISH_FUSE))
                        return PROGRAM_E_ARGUMENTS;
                break;
        case SHAPE_PARAMETERS:
        case SHAPE_ITEMS:
        case SHAPE_PAIRS:
                if (!step_has_more(step))
                        return PROGRAM_E_ARGUMENTS;
                if (shape == SHAPE_PAIRS)
                        error = check_pairs(step, PROGRAM_PARAMETER);
                else
                        error = check_numbers(step, shape == SHAPE_ITEMS ? PROGRAM_ITEM
                                                                         : PROGRAM_PARAMETER);
                break;
        case SHAPE_CALL:
                if (step->number == 0)
                        return PROGRAM_E_ARGUMENTS;
                error = check_pairs(step, PROGRAM_ARGUMENT);
                break;
        case SHAPE_CHANNEL:
                return PROGRAM_OK; /* program_verify_hub() takes them apart */
        }
        if (error)
                return error;
        return cbor_finish(&step->arguments) ? PROGRAM_E_ARGUMENTS : PROGRAM_OK;
}

/* Checks the step at @r without regard to the others. */
static enum program_error check_step(struct cbor_reader *r, enum program_side side)
{
        struct cbor_reader peek = *r;
        struct program_step step;
        const struct verb *verb;
        uint32_t n_items = cbor_get_array(&peek);

        verb = step_take(r, &step);
        if (cbor_error(r) || cbor_error(&peek) || n_items == 0)
                return PROGRAM_E_ENCODING;
        if (n_items > 1 + PROGRAM_ARGUMENTS_MAX)
                return PROGRAM_E_TOO_LARGE;
        if (!verb)
                return PROGRAM_E_VERB;
        if (!(verb->sides & side))
                return PROGRAM_E_SIDE;
        return check_arguments(&step, (enum shape)verb->shape);
}

enum program_error program_verify_steps(struct cbor_span half, enum program_side side,
                                        struct program_fault *ret_fault)
{
        struct program_fault fault = {PROGRAM_OK, side, 0};
        struct cbor_reader r;
        uint32_t n_steps;

        cbor_reader_init(&r, half.bytes, half.n_bytes);
        n_steps = cbor_get_array(&r);
        if (half.n_bytes > PROGRAM_BYTES_MAX || n_steps > PROGRAM_STEPS_MAX) {
                fault.error = PROGRAM_E_TOO_LARGE;
                n_steps = 0;
        }
        for (; fault.step < n_steps; fault.step++) {
                fault.error = check_step(&r, side);
                if (fault.error)
                        break;
        }
        if (!fault.error && cbor_finish(&r))
                fault.error = PROGRAM_E_ENCODING;
        if (ret_fault)
                *ret_fault = fault;
        return fault.error;
}

/* Parameters by number, 8 in a byte. */
struct numbers {
        uint8_t bits[(PROGRAM_NUMBER_MAX + 8) / 8];
};

/* Notes what a step requires, or finds that it refers to what was not. */
static enum program_error check_required(struct program_step *step, struct numbers *required)
{
        struct program_value value;
        unsigned number;

        if (step->verb == PROGRAM_REQUIRE)
                while (program_next_number(step, &number))
                        required->bits[number / 8] |= (uint8_t)(1 << number % 8);
        if (step->verb == PROGRAM_SET || step->verb == PROGRAM_CALL)
                while (program_next_raw_pair(step, &number, &value))
                        if (value.kind == PROGRAM_REFERENCE &&
                            !(required->bits[value.number / 8] >> value.number % 8 & 1))
                                return PROGRAM_E_NOT_REQUIRED;
        return PROGRAM_OK;
}

enum program_error program_verify_device(struct cbor_span half, struct program_fault *ret_fault)
{
        struct numbers required = {{0}};
        struct program_run run;
        struct program_step step;
        enum program_error error = program_verify_steps(half, PROGRAM_DEVICE, ret_fault);

        program_run_init(&run, half);
        while (!error && program_run_next(&run, &step)) {
                if (step.verb == PROGRAM_FINISH && run.n_left > 0)
                        error = PROGRAM_E_ORDER;
                else
                        error = check_required(&step, &required);
                if (error && ret_fault)
                        *ret_fault = (struct program_fault){error, PROGRAM_DEVICE, step.index};
        }
        return error;
}
