/* SPDX-License-Identifier: Apache-2.0 */

#include "program/program.h"

#include <string.h>

#define SHAPE_ONE (PROGRAM_SHAPE_POINT | PROGRAM_SHAPE_FUNCTION | PROGRAM_SHAPE_FLAGS)

/* What program_verify_hub() takes apart, because only a hub reads it. */
#define SHAPE_OF_HUB (PROGRAM_SHAPE_CHANNEL | PROGRAM_SHAPE_PRESENCE | PROGRAM_SHAPE_GROUP)

#define VERB_ROW(verb, number, sides, shape, space, timeout_sec, ...)                              \
        {verb, sides, shape, space, timeout_sec},
static const struct program_row verbs[] = {PROGRAM_VERBS(VERB_ROW)};

#define KIND_ROW(name, type, kind, least, most, ...) [type] = {kind, least, most},
static const struct {
        uint8_t kind, least, most;
} kinds[] = {PROGRAM_TYPES(KIND_ROW)};

/* A number that is not there is PROGRAM_TYPE_UNKNOWN. */
#define TYPE_ROW(name, number, type, ...) [number] = type,
static const uint8_t types[][PROGRAM_NAMED_MAX + 1] = {
        [PROGRAM_PARAMETER] = {PROGRAM_PARAMETERS(TYPE_ROW)},
        [PROGRAM_ITEM] = {PROGRAM_ITEMS(TYPE_ROW)},
        [PROGRAM_ARGUMENT] = {PROGRAM_ARGUMENTS(TYPE_ROW)},
};

const struct program_row *program_verb_row(unsigned verb)
{
        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
                if (verbs[i].verb == verb)
                        return &verbs[i];
        return NULL;
}

const struct program_row *program_verb_next(const struct program_row *row)
{
        row = row ? row + 1 : verbs;
        return row < verbs + sizeof(verbs) / sizeof(verbs[0]) ? row : NULL;
}

/* --- values --- */

enum program_type program_type_of(enum program_space space, uint32_t number)
{
        if (space >= sizeof(types) / sizeof(types[0]) || number > PROGRAM_NUMBER_MAX)
                return PROGRAM_TYPE_UNKNOWN;
        if (number >= PROGRAM_OWN_MIN)
                return PROGRAM_TYPE_ANY;
        if (number > PROGRAM_NAMED_MAX)
                return PROGRAM_TYPE_UNKNOWN;
        return (enum program_type)types[space][number];
}

bool program_value_fits(const struct value *value, enum program_type type)
{
        size_t n = value->span.n_bytes;

        if (value->kind == VALUE_NOTHING || type >= sizeof(kinds) / sizeof(kinds[0]))
                return false;
        if (type == PROGRAM_TYPE_ANY)
                return value->kind != VALUE_LIST;
        if (type == PROGRAM_TYPE_UNSIGNED && value->number < 0)
                return false;
        return value->kind == kinds[type].kind && n >= kinds[type].least && n <= kinds[type].most;
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
                struct value value;

                value_get(&r, &value);
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
static bool step_take(struct cbor_reader *r, struct program_step *ret_step)
{
        struct cbor_span item = cbor_get_item(r);
        const struct program_row *row;

        cbor_reader_init(&ret_step->arguments, item.bytes, item.n_bytes);
        (void)cbor_get_array(&ret_step->arguments);
        row = program_verb_row(cbor_get_uint_max(&ret_step->arguments, UINT8_MAX));
        if (!row)
                return false;

        ret_step->verb = (enum program_verb)row->verb;
        ret_step->row = row;
        ret_step->number = 0;
        if (row->shape & SHAPE_ONE)
                ret_step->number = cbor_get_uint_max(&ret_step->arguments, UINT8_MAX);
        return true;
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
                        sec += step.row->timeout_sec;
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

/* Where a map holds a list a step has a reference, so an array is never a value here. */
bool program_next_operand(struct program_step *step, unsigned *ret_number,
                          struct program_operand *ret_operand)
{
        struct cbor_reader *r = &step->arguments;

        if (!program_next_number(step, ret_number))
                return false;
        ret_operand->is_reference = cbor_peek(r) == CBOR_ARRAY;
        if (!ret_operand->is_reference) {
                value_get(r, &ret_operand->value);
        } else {
                if (cbor_get_array(r) != 1)
                        cbor_fail(r, CBOR_UNEXPECTED);
                ret_operand->parameter = cbor_get_uint_max(r, PROGRAM_NUMBER_MAX);
        }
        return cbor_error(r) == CBOR_OK;
}

void program_put_operand(struct cbor_writer *w, const struct program_operand *operand)
{
        if (!operand->is_reference) {
                value_put(w, &operand->value);
        } else {
                cbor_put_array(w, 1);
                cbor_put_uint(w, operand->parameter);
        }
}

enum program_next program_next_pair(struct program_step *step, struct cbor_span values,
                                    unsigned *ret_number, struct value *ret_value)
{
        struct program_operand operand;

        if (!program_next_operand(step, ret_number, &operand))
                return PROGRAM_END;
        if (!operand.is_reference) {
                *ret_value = operand.value;
        } else if (!value_find(values, operand.parameter, ret_value)) {
                *ret_number = operand.parameter;
                return PROGRAM_MISSING;
        }
        if (!program_value_fits(ret_value,
                                program_type_of((enum program_space)step->row->space, *ret_number)))
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

enum program_error program_verify_operand(const struct program_operand *operand,
                                          enum program_type type)
{
        enum program_type from;

        if (!operand->is_reference)
                return program_value_fits(&operand->value, type) ? PROGRAM_OK : PROGRAM_E_TYPE;
        from = program_type_of(PROGRAM_PARAMETER, operand->parameter);
        if (from == PROGRAM_TYPE_UNKNOWN)
                return PROGRAM_E_NUMBER;
        return reference_fits(from, type) ? PROGRAM_OK : PROGRAM_E_TYPE;
}

/* Numbers of a space, 8 in a byte. */
struct numbers {
        uint8_t bits[(PROGRAM_NUMBER_MAX + 8) / 8];
};

static bool numbers_have(const struct numbers *numbers, unsigned number)
{
        return numbers->bits[number / 8] >> number % 8 & 1;
}

static void numbers_add(struct numbers *numbers, unsigned number)
{
        numbers->bits[number / 8] |= (uint8_t)(1 << number % 8);
}

/* The numbers of a step that has some, and the operands behind them. */
static enum program_error check_list(struct program_step *step)
{
        bool pairs = step->row->shape & PROGRAM_SHAPE_PAIRS;
        struct program_operand operand;
        struct numbers seen;
        enum program_error error;
        enum program_type type;
        unsigned number;

        memset(&seen, 0, sizeof(seen));
        while (pairs ? program_next_operand(step, &number, &operand)
                     : program_next_number(step, &number)) {
                type = program_type_of((enum program_space)step->row->space, number);
                if (type == PROGRAM_TYPE_UNKNOWN)
                        return PROGRAM_E_NUMBER;
                if (numbers_have(&seen, number))
                        return PROGRAM_E_DOUBLE;
                numbers_add(&seen, number);
                error = pairs ? program_verify_operand(&operand, type) : PROGRAM_OK;
                if (error)
                        return error;
        }
        return PROGRAM_OK;
}

static enum program_error check_arguments(struct program_step *step)
{
        unsigned shape = step->row->shape;
        enum program_error error;

        if (shape & SHAPE_OF_HUB)
                return PROGRAM_OK;
        if (shape & PROGRAM_SHAPE_FUNCTION &&
            (step->number == 0 || step->number == PROGRAM_FUNCTION_ENROLL))
                return PROGRAM_E_ARGUMENTS;
        if (shape & PROGRAM_SHAPE_FLAGS &&
            step->number > (PROGRAM_FINISH_ERASE | PROGRAM_FINISH_FUSE))
                return PROGRAM_E_ARGUMENTS;
        if (shape & PROGRAM_SHAPE_SOME && !step_has_more(step))
                return PROGRAM_E_ARGUMENTS;
        if (shape & (PROGRAM_SHAPE_NUMBERS | PROGRAM_SHAPE_PAIRS)) {
                error = check_list(step);
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
        uint32_t n_items = cbor_get_array(&peek);
        bool known = step_take(r, &step);

        if (cbor_error(r) || cbor_error(&peek) || n_items == 0)
                return PROGRAM_E_ENCODING;
        if (n_items > 1 + PROGRAM_ARGUMENTS_MAX)
                return PROGRAM_E_TOO_LARGE;
        if (!known)
                return PROGRAM_E_VERB;
        if (!(step.row->sides & side))
                return PROGRAM_E_SIDE;
        return check_arguments(&step);
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

/* Notes what a step requires, or finds that it refers to what was not. */
static enum program_error check_required(struct program_step *step, struct numbers *required)
{
        struct program_operand operand;
        unsigned number;

        if (step->verb == PROGRAM_REQUIRE)
                while (program_next_number(step, &number))
                        numbers_add(required, number);
        if (step->row->shape & PROGRAM_SHAPE_PAIRS)
                while (program_next_operand(step, &number, &operand))
                        if (operand.is_reference && !numbers_have(required, operand.parameter))
                                return PROGRAM_E_NOT_REQUIRED;
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
