/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The words of the language, for people and for the tool's source files. Firmware does not link
 * this.
 */

#include "program/program.h"

/* A verb's row of the table: its words. */
struct program_words {
        uint8_t verb;     /* enum program_verb */
        const char *name; /* in a source file */
        const char *text; /* what it does: "find the values the device needs" */
        const char *undo; /* what undoes it */
};

/* The words of a verb; NULL if there is no such verb. */
const struct program_words *program_verb_words(unsigned verb);

/* The row of the verb with this name; NULL if there is none. */
const struct program_row *program_verb_from_name(const char *name);

/* The name of a parameter, item or argument; NULL if it has none. */
const char *program_number_name(enum program_space space, unsigned number);

/* The other way round; 0 if none has this name. */
unsigned program_number_from_name(enum program_space space, const char *name);

/* Whether a parameter says where or whose the home is. */
bool program_is_personal(unsigned parameter);

/* "hub" or "device". */
const char *program_side_name(enum program_side side);

/* "parameter", "item", "argument"; what a value of this type is; what is wrong. NULL if unknown. */
const char *program_space_name(enum program_space space);
const char *program_type_text(enum program_type type);
const char *program_error_text(enum program_error error);

/* "switch"; "config". NULL if unknown. */
const char *program_channel_type_name(unsigned type);
const char *program_category_name(unsigned category);

/*
 * The words that stand in a channel as numbers (section 4.5): NULL if there is none with this
 * number, 0 if there is no number for this text.
 */
const char *program_word(unsigned number);
unsigned program_word_from_text(const char *text);
