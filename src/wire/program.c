/* SPDX-License-Identifier: Apache-2.0 */

#include "wire/program.h"

#include <string.h>

/* What a verb's arguments look like: a sum. */
enum shape {
        SHAPE_NUMBER = 1,  /* first of all one, up to 255 */
        SHAPE_NUMBERS = 2, /* then numbers */
        SHAPE_PAIRS = 4,   /* then numbers with a value behind each */
        SHAPE_SOME = 8,    /* of which there is at least one */
        SHAPE_CHANNEL = 16,
};

/* clang-format off */
static const struct verb {
        uint8_t verb, sides, timeout_sec, shape, space;
} verbs[] = {
        { PROGRAM_SUPPLY,  PROGRAM_HUB,                   5, SHAPE_SOME | SHAPE_NUMBERS, PROGRAM_PARAMETER },
        { PROGRAM_DELIVER, PROGRAM_HUB,                  30, 0, 0 },
        { PROGRAM_EXPECT,  PROGRAM_HUB,                   5, SHAPE_SOME | SHAPE_NUMBERS, PROGRAM_ITEM },
        { PROGRAM_CHANNEL, PROGRAM_HUB,                   5, SHAPE_CHANNEL, 0 },
        { PROGRAM_FORWARD, PROGRAM_HUB,                   5, SHAPE_SOME | SHAPE_NUMBERS, PROGRAM_ITEM },
        { PROGRAM_SYNC,    PROGRAM_HUB | PROGRAM_DEVICE, 15, SHAPE_NUMBER, 0 },
        { PROGRAM_REQUIRE, PROGRAM_DEVICE,                1, SHAPE_SOME | SHAPE_NUMBERS, PROGRAM_PARAMETER },
        { PROGRAM_SET,     PROGRAM_DEVICE,                5, SHAPE_SOME | SHAPE_PAIRS, PROGRAM_PARAMETER },
        { PROGRAM_CALL,    PROGRAM_DEVICE,               10, SHAPE_NUMBER | SHAPE_PAIRS, PROGRAM_ARGUMENT },
        { PROGRAM_REPORT,  PROGRAM_DEVICE,                5, SHAPE_SOME | SHAPE_NUMBERS, PROGRAM_ITEM },
        { PROGRAM_FINISH,  PROGRAM_DEVICE,                5, SHAPE_NUMBER, 0 },
};

/* The types of sections 4.2, 4.3 and 4.4; a number that is not there is UNKNOWN. */
static const uint8_t types[][PROGRAM_PARAMETER_PURPOSE + 1] = {
        [PROGRAM_PARAMETER] = {
                [PROGRAM_PARAMETER_NAME]         = PROGRAM_TYPE_TEXT,
                [PROGRAM_PARAMETER_LOCATION]     = PROGRAM_TYPE_TEXT,
                [PROGRAM_PARAMETER_OWNER]        = PROGRAM_TYPE_TEXT,
                [PROGRAM_PARAMETER_SYSTEM]       = PROGRAM_TYPE_TEXT,
                [PROGRAM_PARAMETER_SYSTEM_KEY]   = PROGRAM_TYPE_BYTES32,
                [PROGRAM_PARAMETER_GATEWAY]      = PROGRAM_TYPE_TEXT,
                [PROGRAM_PARAMETER_GATEWAY_KEY]  = PROGRAM_TYPE_BYTES32,
                [PROGRAM_PARAMETER_TIME]         = PROGRAM_TYPE_UNSIGNED,
                [PROGRAM_PARAMETER_LATITUDE]     = PROGRAM_TYPE_INTEGER,
                [PROGRAM_PARAMETER_LONGITUDE]    = PROGRAM_TYPE_INTEGER,
                [PROGRAM_PARAMETER_ALTITUDE]     = PROGRAM_TYPE_INTEGER,
                [PROGRAM_PARAMETER_ORGANIZATION] = PROGRAM_TYPE_TEXT,
                [PROGRAM_PARAMETER_ROOM]         = PROGRAM_TYPE_TEXT,
                [PROGRAM_PARAMETER_PURPOSE]      = PROGRAM_TYPE_TEXT,
        },
        [PROGRAM_ITEM] = {
                [PROGRAM_ITEM_SERIAL]            = PROGRAM_TYPE_LABEL,
                [PROGRAM_ITEM_PUBLIC_KEY]        = PROGRAM_TYPE_BYTES32,
                [PROGRAM_ITEM_SOFTWARE]          = PROGRAM_TYPE_LABEL,
                [PROGRAM_ITEM_FUNCTIONS]         = PROGRAM_TYPE_LIST,
                [PROGRAM_ITEM_MODEL]             = PROGRAM_TYPE_LABEL,
                [PROGRAM_ITEM_IDENTITY]          = PROGRAM_TYPE_BYTES16,
        },
        [PROGRAM_ARGUMENT] = {
                [PROGRAM_ARGUMENT_INTERVAL]      = PROGRAM_TYPE_UNSIGNED,
                [PROGRAM_ARGUMENT_LEVEL]         = PROGRAM_TYPE_INTEGER,
                [PROGRAM_ARGUMENT_MODE]          = PROGRAM_TYPE_UNSIGNED,
                [PROGRAM_ARGUMENT_TEXT]          = PROGRAM_TYPE_TEXT,
                [PROGRAM_ARGUMENT_LOW]           = PROGRAM_TYPE_INTEGER,
                [PROGRAM_ARGUMENT_HIGH]          = PROGRAM_TYPE_INTEGER,
        },
};
/* clang-format on */

enum program_type program_type_of(enum program_space space, uint32_t number)
{
        if (number >= PROGRAM_OWN_MIN && number <= PROGRAM_NUMBER_MAX)
                return PROGRAM_TYPE_ANY;
        return number < sizeof(types[0]) ? (enum program_type)types[space][number]
                                         : PROGRAM_TYPE_UNKNOWN;
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
static void value_take(struct cbor_reader *r,
                       void (*take_array)(struct cbor_reader *r, struct program_value *value),
                       struct program_value *ret_value)
{
        *ret_value = (struct program_value){PROGRAM_NOTHING, 0, {NULL, 0}};
        switch (cbor_peek(r)) {
        case CBOR_UINT:
        case CBOR_NEGATIVE:
                ret_value->kind = PROGRAM_INTEGER;
                ret_value->number = cbor_get_int(r);
                break;
        case CBOR_SIMPLE:
                ret_value->kind = PROGRAM_BOOLEAN;
                ret_value->number = cbor_get_bool(r);
                break;
        case CBOR_BYTES:
                ret_value->kind = PROGRAM_BYTES;
                ret_value->span = cbor_get_bytes(r);
                break;
        case CBOR_TEXT:
                ret_value->kind = PROGRAM_TEXT;
                ret_value->span = cbor_get_text(r);
                break;
        case CBOR_ARRAY:
                take_array(r, ret_value);
                break;
        case CBOR_MAP:
        case CBOR_TAG:
        case CBOR_NONE:
                cbor_fail(r, CBOR_UNEXPECTED);
                break;
        }
        if (ret_value->kind != PROGRAM_LIST && ret_value->span.n_bytes > PROGRAM_STRING_MAX)
                cbor_fail(r, CBOR_UNEXPECTED);
        if (cbor_error(r))
                ret_value->kind = PROGRAM_NOTHING;
}

void program_get_value(struct cbor_reader *r, struct program_value *ret_value)
{
        value_take(r, value_take_list, ret_value);
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
        struct program_value value;
        struct cbor_reader r;
        struct cbor_map at;
        uint32_t key;

        cbor_reader_init(&r, map.bytes, map.n_bytes);
        cbor_get_map(&r, &at);
        while (cbor_map_next(&r, &at, &key)) {
                program_get_value(&r, &value);
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
                struct program_value value;

                program_get_value(&r, &value);
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
        if (verb->shape & SHAPE_NUMBER)
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
        value_take(&step->arguments, value_take_reference, ret_value);
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

/* A reference can stand where a value of the parameter's type can; the maker's own may be any. */
static bool reference_fits(enum program_type from, enum program_type to)
{
        return from == to || from == PROGRAM_TYPE_ANY || to == PROGRAM_TYPE_ANY ||
               (from == PROGRAM_TYPE_UNSIGNED && to == PROGRAM_TYPE_INTEGER);
}

static enum program_error check_value(const struct program_value *value, enum program_type type)
{
        enum program_type from;

        if (value->kind != PROGRAM_REFERENCE)
                return program_value_fits(value, type) ? PROGRAM_OK : PROGRAM_E_TYPE;
        from = program_type_of(PROGRAM_PARAMETER, (uint32_t)value->number);
        if (from == PROGRAM_TYPE_UNKNOWN)
                return PROGRAM_E_NUMBER;
        return reference_fits(from, type) ? PROGRAM_OK : PROGRAM_E_TYPE;
}

/* The numbers of a step that has some, and the values behind them. */
static enum program_error check_list(struct program_step *step, const struct verb *verb)
{
        bool pairs = verb->shape & SHAPE_PAIRS;
        enum program_error error;
        struct program_value value;
        enum program_type type;
        unsigned number;

        while (pairs ? program_next_raw_pair(step, &number, &value)
                     : program_next_number(step, &number)) {
                type = program_type_of((enum program_space)verb->space, number);
                if (type == PROGRAM_TYPE_UNKNOWN)
                        return PROGRAM_E_NUMBER;
                error = pairs ? check_value(&value, type) : PROGRAM_OK;
                if (error)
                        return error;
        }
        return PROGRAM_OK;
}

static enum program_error check_arguments(struct program_step *step, const struct verb *verb)
{
        enum program_error error;

        if (verb->shape == SHAPE_CHANNEL)
                return PROGRAM_OK; /* program_verify_hub() takes them apart */
        if (step->verb == PROGRAM_CALL && step->number == 0)
                return PROGRAM_E_ARGUMENTS;
        if (step->verb == PROGRAM_FINISH &&
            step->number > (PROGRAM_FINISH_ERASE | PROGRAM_FINISH_FUSE))
                return PROGRAM_E_ARGUMENTS;
        if (verb->shape & SHAPE_SOME && !step_has_more(step))
                return PROGRAM_E_ARGUMENTS;
        if (verb->shape & (SHAPE_NUMBERS | SHAPE_PAIRS)) {
                error = check_list(step, verb);
                if (error)
                        return error;
        }
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
        return check_arguments(&step, verb);
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
                while (program_next_raw_pair(step, &number, &value)) {
                        number = (unsigned)value.number;
                        if (value.kind == PROGRAM_REFERENCE &&
                            !(required->bits[number / 8] >> number % 8 & 1))
                                return PROGRAM_E_NOT_REQUIRED;
                }
        return PROGRAM_OK;
}

enum program_error program_verify_device(struct cbor_span half, struct program_fault *ret_fault)
{
        struct numbers required;
        struct program_run run;
        struct program_step step;
        enum program_error error = program_verify_steps(half, PROGRAM_DEVICE, ret_fault);

        memset(&required, 0, sizeof(required));
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
