/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The two halves of an enrollment application (doc/code.md, section 4): checked as a whole before
 * anything runs, then stepped through by whoever hosts them, the hub its half and the device its.
 *
 * A half is what the code holds: one encoded CBOR array of steps. The host drives:
 *
 *         program_run_init(&run, half);
 *         while (program_run_next(&run, &step))
 *                 switch (step.verb) {
 *                 case PROGRAM_REQUIRE: program_next_number() until false; break;
 *                 case PROGRAM_SET:     program_next_pair() until PROGRAM_END; break;
 *                 case PROGRAM_CALL:    step.number is the function, then as for set; break;
 *                 case PROGRAM_SYNC:    step.number is the point; come back to next() later; break;
 *                 ...
 *
 * A run is a position, so a host can leave between two steps and go on later, as long as the half's
 * bytes stay in place. Everything found wrong while stepping through a half that was verified is
 * wrong with the values only.
 *
 * program.c and utf8.c, cbor.c below it are all a device needs; program-hub.c holds what only a hub
 * checks, program-text.c the words for people.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/cbor.h"

#define PROGRAM_STEPS_MAX     32
#define PROGRAM_BYTES_MAX     1024 /* of one half */
#define PROGRAM_ARGUMENTS_MAX 16   /* of one step, the verb not counted */
#define PROGRAM_STRING_MAX    64   /* bytes of a text or byte string */
#define PROGRAM_LABEL_MAX     32   /* bytes of a serial number, model or version */
#define PROGRAM_LEAF_MAX      16
#define PROGRAM_CLASS_MAX     24
#define PROGRAM_UNIT_MAX      8
#define PROGRAM_LIST_MAX      16 /* functions a device can report */
#define PROGRAM_NUMBER_MAX    127

enum program_side {
        PROGRAM_HUB = 1,
        PROGRAM_DEVICE = 2,
};

enum program_verb {
        PROGRAM_SUPPLY = 1,
        PROGRAM_DELIVER = 2,
        PROGRAM_EXPECT = 3,
        PROGRAM_CHANNEL = 4,
        PROGRAM_FORWARD = 5,
        PROGRAM_SYNC = 6,
        PROGRAM_REQUIRE = 16,
        PROGRAM_SET = 17,
        PROGRAM_CALL = 18,
        PROGRAM_REPORT = 19,
        PROGRAM_FINISH = 20,
};

/* Parameters (section 4.2), items (4.3) and arguments of functions (4.4) are numbered apart. */
enum program_space {
        PROGRAM_PARAMETER = 0,
        PROGRAM_ITEM = 1,
        PROGRAM_ARGUMENT = 2,
};

enum program_parameter {
        PROGRAM_PARAMETER_NAME = 1,
        PROGRAM_PARAMETER_LOCATION,
        PROGRAM_PARAMETER_OWNER,
        PROGRAM_PARAMETER_SYSTEM,
        PROGRAM_PARAMETER_SYSTEM_KEY,
        PROGRAM_PARAMETER_GATEWAY,
        PROGRAM_PARAMETER_GATEWAY_KEY,
        PROGRAM_PARAMETER_TIME,
        PROGRAM_PARAMETER_LATITUDE,
        PROGRAM_PARAMETER_LONGITUDE,
        PROGRAM_PARAMETER_ALTITUDE,
        PROGRAM_PARAMETER_ORGANIZATION,
        PROGRAM_PARAMETER_ROOM,
        PROGRAM_PARAMETER_PURPOSE,
};

enum program_item {
        PROGRAM_ITEM_SERIAL = 1,
        PROGRAM_ITEM_PUBLIC_KEY,
        PROGRAM_ITEM_SOFTWARE,
        PROGRAM_ITEM_FUNCTIONS,
        PROGRAM_ITEM_MODEL,
        PROGRAM_ITEM_IDENTITY,
};

enum program_argument {
        PROGRAM_ARGUMENT_INTERVAL = 1,
        PROGRAM_ARGUMENT_LEVEL,
        PROGRAM_ARGUMENT_MODE,
        PROGRAM_ARGUMENT_TEXT,
        PROGRAM_ARGUMENT_LOW,
        PROGRAM_ARGUMENT_HIGH,
};

/* From here to PROGRAM_NUMBER_MAX each of the three is the maker's own, of any type. */
#define PROGRAM_OWN_MIN 64

/* Flags of finish. */
#define PROGRAM_FINISH_ERASE 1
#define PROGRAM_FINISH_FUSE  2

enum program_type {
        PROGRAM_TYPE_UNKNOWN = 0, /* there is no such number */
        PROGRAM_TYPE_ANY,         /* integer, text, bytes or boolean */
        PROGRAM_TYPE_TEXT,        /* up to PROGRAM_STRING_MAX bytes */
        PROGRAM_TYPE_LABEL,       /* text of 1 to PROGRAM_LABEL_MAX bytes */
        PROGRAM_TYPE_UNSIGNED,
        PROGRAM_TYPE_INTEGER,
        PROGRAM_TYPE_BYTES16,
        PROGRAM_TYPE_BYTES32,
        PROGRAM_TYPE_LIST, /* array of at most PROGRAM_LIST_MAX unsigned integers */
};

enum program_kind {
        PROGRAM_NOTHING = 0,
        PROGRAM_INTEGER,   /* .number */
        PROGRAM_BOOLEAN,   /* .number is 0 or 1 */
        PROGRAM_BYTES,     /* .span is the content */
        PROGRAM_TEXT,      /* .span is the content, valid UTF-8 without a NUL at its end */
        PROGRAM_LIST,      /* .span is the encoded array */
        PROGRAM_REFERENCE, /* .number is a parameter; only before program_next_pair() resolved it */
};

struct program_value {
        enum program_kind kind;
        int64_t number;
        struct cbor_span span;
};

/* What is wrong with a half or a map of values. */
enum program_error {
        PROGRAM_OK = 0,
        PROGRAM_E_ENCODING,     /* not deterministic CBOR, or not of the shape of a half */
        PROGRAM_E_TOO_LARGE,    /* too many bytes, steps or arguments */
        PROGRAM_E_VERB,         /* there is no such verb */
        PROGRAM_E_SIDE,         /* a verb of the other side */
        PROGRAM_E_ARGUMENTS,    /* arguments of another kind, number or range than the verb takes */
        PROGRAM_E_NUMBER,       /* there is no parameter, item or argument with this number */
        PROGRAM_E_TYPE,         /* the value is not of the type its number has */
        PROGRAM_E_NOT_REQUIRED, /* refers to a parameter that no step before it requires */
        PROGRAM_E_ORDER,        /* before or after a step that it must not precede or follow */
        PROGRAM_E_DOUBLE,       /* deliver, a channel's number or its leaf for the second time */
        PROGRAM_E_DELIVER,      /* the hub half never delivers */
        PROGRAM_E_LEAF,         /* leaf, class or unit is not of the allowed characters */
        PROGRAM_E_SYNC,         /* the two halves do not wait for each other at the same points */
        PROGRAM_E_NOT_SUPPLIED, /* required by the device half, but nothing supplies it */
        PROGRAM_E_NOT_REPORTED, /* expected or forwarded by the hub half, but never reported */
        PROGRAM_E_MAX,
};

struct program_fault {
        enum program_error error;
        enum program_side side; /* whose half */
        unsigned step;          /* counted from 0; the number of steps if none in particular */
};

/* One step; its arguments are taken from it with the program_next_ and program_get_ verbs below. */
struct program_step {
        unsigned index; /* counted from 0 */
        enum program_verb verb;
        unsigned timeout_sec;
        unsigned number; /* sync: the point; call: the function; finish: the flags; else 0 */
        struct cbor_reader arguments;
};

/* A position in a half, between two steps. */
struct program_run {
        struct cbor_reader at;
        unsigned index, n_left;
};

struct program_channel {
        unsigned number; /* 1 to 255 */
        struct cbor_span leaf, device_class, unit;
        bool command; /* from the hub to the device; else published by the device */
        uint32_t period_sec;
};

/*
 * Checks a half with everything section 4 says of one side alone, a device half here, a hub half
 * with program_verify_hub(). Returns PROGRAM_OK, or what is wrong with the first bad step, which is
 * then in @ret_fault (may be NULL). A half is one encoded array and nothing after it; an empty
 * array is a half.
 */
enum program_error program_verify_device(struct cbor_span half, struct program_fault *ret_fault);
enum program_error program_verify_hub(struct cbor_span half, struct program_fault *ret_fault);

/*
 * Checks two halves that were found good one by one against each other. @configuration is the
 * code's own map of values, empty (n_bytes 0) if it has none.
 */
enum program_error program_verify_pair(struct cbor_span hub, struct cbor_span device,
                                       struct cbor_span configuration,
                                       struct program_fault *ret_fault);

/* The part of both verifications that looks at each step alone; the two above call it. */
enum program_error program_verify_steps(struct cbor_span half, enum program_side side,
                                        struct program_fault *ret_fault);

/*
 * Checks an encoded map from number to value: of parameters, as STAGE and the code's configuration
 * hold it, or of items, as REPORT does. For a report a hub uses program_verify_report(), which also
 * asks that every text can be shown.
 */
enum program_error program_verify_values(struct cbor_span map, enum program_space space);
enum program_error program_verify_report(struct cbor_span map);

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
                                    unsigned *ret_number, struct program_value *ret_value);

/* The same without looking references up: false after the last. For showing a half. */
bool program_next_raw_pair(struct program_step *step, unsigned *ret_number,
                           struct program_value *ret_value);

/*
 * channel: all of its arguments, words by number looked up; false if they are not right, which a
 * verified half's are. In program-hub.c.
 */
bool program_get_channel(const struct program_step *step, struct program_channel *ret_channel);

/* The value with this number in an encoded map, and true; false if it is not there. */
bool program_find_value(struct cbor_span map, unsigned number, struct program_value *ret_value);

/* Takes a literal, or a list, from where a map holds a value; PROGRAM_NOTHING and r's error else.
 */
void program_get_value(struct cbor_reader *r, struct program_value *ret_value);

/* Writes a value as a map or a step holds it; a reference as such. */
void program_put_value(struct cbor_writer *w, const struct program_value *value);

/* The type of this parameter, item or argument. */
enum program_type program_type_of(enum program_space space, uint32_t number);

/* True if a value is of a type. */
bool program_value_fits(const struct program_value *value, enum program_type type);

/* Which side a verb belongs to, as a sum of enum program_side; 0 if there is no such verb. */
unsigned program_verb_sides(unsigned verb);
unsigned program_verb_timeout_sec(enum program_verb verb);

/* Words, all for people and for the tool's source files; NULL if there is none. */
const char *program_verb_name(unsigned verb);
const char *program_verb_text(enum program_verb verb); /* what it does: "finds a value for ..." */
const char *program_verb_undo(enum program_verb verb); /* what undoes it */
const char *program_number_name(enum program_space space, unsigned number);
const char *program_error_text(enum program_error error);

/* The other way round; 0 if no verb or number has this name. */
unsigned program_verb_from_name(const char *name);
unsigned program_number_from_name(enum program_space space, const char *name);

/*
 * The words that stand in a channel as numbers (section 4.5): NULL if there is none with this
 * number, 0 if there is no number for this text.
 */
const char *program_word(unsigned number);
unsigned program_word_from_text(const char *text);

/*
 * A step in words, with all its arguments: "supply name, location, owner", "set name to $name",
 * "channel 1: publish temperature in °C every 60 s". Texts from the code are shown as they are if
 * they can be, else as "?". Always ends with a NUL, cut if @size is too small.
 */
void program_describe_step(const struct program_step *step, char *ret_text, size_t size);

/* A value in words: 60, "text", 0x00ff, yes, $name. */
void program_describe_value(const struct program_value *value, char *ret_text, size_t size);
