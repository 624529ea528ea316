/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The two halves of an enrollment application (doc/code.md, section 4), as a device needs them:
 * checked as a whole before anything runs, then stepped through by the host, the hub its half and
 * the device its own.
 *
 * A half is what the code holds: one encoded CBOR array of steps. The host drives:
 *
 *         program_run_init(&run, half);
 *         while (program_run_next(&run, &step))
 *                 find the handler of step.verb in the host's table, and call it:
 *                         require: program_next_number() until false
 *                         set:     program_next_pair() until PROGRAM_END
 *                         call:    step.number is the function, then as for set
 *                         sync:    step.number is the point; come back to next() later
 *                         ...
 *
 * A run is a position, so a host can leave between two steps and go on later, as long as the half's
 * bytes stay in place. Everything found wrong while stepping through a half that was verified is
 * wrong with the values only.
 *
 * The language itself is program/table.h. Firmware compiles program.c and what it includes of
 * src/wire; only hubs and tools have program/verify.h, program/channel.h, program/presence.h,
 * program/group.h and program/outline.h, which check and read halves, and program/words.h and
 * program/describe.h, which have the words for people.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "program/table.h"
#include "wire/cbor.h"
#include "wire/value.h"

#define PROGRAM_STEPS_MAX     32
#define PROGRAM_BYTES_MAX     1024 /* of one half */
#define PROGRAM_ARGUMENTS_MAX 16   /* of one step, the verb not counted */
#define PROGRAM_LABEL_MAX     32   /* bytes of a serial number, model or version */
#define PROGRAM_NAMED_MAX     15   /* the highest number that the table may give a name */
#define PROGRAM_OWN_MIN       64   /* from here on numbers are the maker's own, of any type */
#define PROGRAM_NUMBER_MAX    127

enum program_side {
        PROGRAM_HUB = 1,
        PROGRAM_DEVICE = 2,
        PROGRAM_BOTH = PROGRAM_HUB | PROGRAM_DEVICE,
};

/*
 * What a verb's arguments look like: a sum, in the order in which they come. Of the first three
 * there is one at most, and it is in program_step.number.
 */
enum program_shape {
        PROGRAM_SHAPE_POINT = 1,      /* a number up to 255 */
        PROGRAM_SHAPE_FUNCTION = 2,   /* a number of 1 to 255 */
        PROGRAM_SHAPE_FLAGS = 4,      /* a sum of the flags of finish */
        PROGRAM_SHAPE_NUMBERS = 8,    /* numbers of the verb's space */
        PROGRAM_SHAPE_PAIRS = 16,     /* numbers of the verb's space with a value behind each */
        PROGRAM_SHAPE_SOME = 32,      /* there is at least one of these numbers */
        PROGRAM_SHAPE_CHANNEL = 64,   /* a channel: program/channel.h */
        PROGRAM_SHAPE_HALF = 128,     /* the device's half, which no bytes stand for */
        PROGRAM_SHAPE_PRESENCE = 256, /* a time: program/presence.h */
        PROGRAM_SHAPE_GROUP = 512,    /* a group: program/group.h */
};

#define PROGRAM_ENUM(name, number, ...) name = number,
enum program_verb { PROGRAM_VERBS(PROGRAM_ENUM) };
enum program_parameter { PROGRAM_PARAMETERS(PROGRAM_ENUM) };
enum program_item { PROGRAM_ITEMS(PROGRAM_ENUM) };
enum program_argument { PROGRAM_ARGUMENTS(PROGRAM_ENUM) };
enum program_space { PROGRAM_SPACES(PROGRAM_ENUM) PROGRAM_NO_SPACE };
enum program_type { PROGRAM_TYPES(PROGRAM_ENUM) };
enum program_error { PROGRAM_ERRORS(PROGRAM_ENUM) };
#undef PROGRAM_ENUM

/* Flags of finish. */
#define PROGRAM_FINISH_ERASE 1
#define PROGRAM_FINISH_FUSE  2

/* The function that no half can call, since it is what runs the half. */
#define PROGRAM_FUNCTION_ENROLL 3

/* A verb's row of the table, without its words. */
struct program_row {
        uint8_t verb;   /* enum program_verb */
        uint8_t sides;  /* a sum of enum program_side */
        uint16_t shape; /* a sum of enum program_shape */
        uint8_t space;  /* enum program_space: of its numbers */
        uint8_t timeout_sec;
};

/* What a pair of a step names: a value, or a parameter that has to be looked up for it. */
struct program_operand {
        bool is_reference;
        unsigned parameter; /* of a reference */
        struct value value; /* of anything else */
};

struct program_fault {
        enum program_error error;
        enum program_side side; /* whose half */
        unsigned step;          /* counted from 0; the number of steps if none in particular */
};

/* One step; its arguments are taken from it with the program_next_ verbs below. */
struct program_step {
        unsigned index; /* counted from 0 */
        enum program_verb verb;
        const struct program_row *row; /* the verb's */
        unsigned number; /* sync: the point; call: the function; finish: the flags; else 0 */
        struct cbor_reader arguments;
};

/* A position in a half, between two steps. */
struct program_run {
        struct cbor_reader at;
        unsigned index, n_left;
};

/* The row of a verb; NULL if there is no such verb. */
const struct program_row *program_verb_row(unsigned verb);

/* All rows, one after the other: the first one after NULL, NULL after the last. */
const struct program_row *program_verb_next(const struct program_row *row);

/*
 * Checks a device half with everything section 4 says of one side alone; a hub half is checked with
 * program_verify_hub(). Returns PROGRAM_OK, or what is wrong with the first bad step, which is then
 * in @ret_fault (may be NULL). A half is one encoded array and nothing after it; an empty array is
 * a half.
 */
enum program_error program_verify_device(struct cbor_span half, struct program_fault *ret_fault);

/* The part of both verifications that looks at each step alone. */
enum program_error program_verify_steps(struct cbor_span half, enum program_side side,
                                        struct program_fault *ret_fault);

/*
 * Checks an encoded map from number to value: of parameters, as STAGE and the code's configuration
 * hold it, or of items, as REPORT does. For a report a hub uses program_verify_report(), which also
 * asks that every text can be shown.
 */
enum program_error program_verify_values(struct cbor_span map, enum program_space space);

void program_run_init(struct program_run *run, struct cbor_span half);

/* Takes the next step, and true; false at the end of the half. */
bool program_run_next(struct program_run *run, struct program_step *ret_step);

/* The step with this index, for undoing from the last to the first; false if there is none. */
bool program_step_at(struct cbor_span half, unsigned index, struct program_step *ret_step);

/*
 * How long the steps still to come may take, in s, up to the next sync or the end, without the two
 * steps that wait for somebody else: sync itself, and finish, which runs after the commit.
 */
unsigned program_run_patience(const struct program_run *run);

/* supply, require, expect, forward, report: the next number, and true; false after the last. */
bool program_next_number(struct program_step *step, unsigned *ret_number);

enum program_next {
        PROGRAM_END = 0, /* there was no further pair */
        PROGRAM_PAIR,    /* taken */
        PROGRAM_MISSING, /* refers to a parameter that @values does not hold: *ret_number is it */
        PROGRAM_MISFIT,  /* the supplied value is not of the type that is stored or passed */
};

/*
 * set: the next parameter and what to set it to; call: the next argument and its value. References
 * are looked up in @values, an encoded map from parameter to value, so that @ret_value never is
 * one.
 */
enum program_next program_next_pair(struct program_step *step, struct cbor_span values,
                                    unsigned *ret_number, struct value *ret_value);

/* The same without looking references up: false after the last. */
bool program_next_operand(struct program_step *step, unsigned *ret_number,
                          struct program_operand *ret_operand);

/* Writes an operand as a step holds it. */
void program_put_operand(struct cbor_writer *w, const struct program_operand *operand);

/* The type of this parameter, item or argument. */
enum program_type program_type_of(enum program_space space, uint32_t number);

/* True if a value is of a type. */
bool program_value_fits(const struct value *value, enum program_type type);

/* Whether an operand can stand where a value of a type is stored or passed, as far as is known
 * before it runs: PROGRAM_OK, or what is wrong with it. */
enum program_error program_verify_operand(const struct program_operand *operand,
                                          enum program_type type);
