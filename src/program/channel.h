/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A channel, as a step of a hub half names it (doc/code.md, section 4.6). Firmware does not link
 * this. */

#include <stdbool.h>
#include <stdint.h>

#include "program/program.h"

#define PROGRAM_LEAF_MAX     16 /* bytes, as the next two; a word of a channel is as long */
#define PROGRAM_CLASS_MAX    24
#define PROGRAM_UNIT_MAX     8
#define PROGRAM_PERIOD_MAX   86400 /* s */
#define PROGRAM_EXPONENT_MAX 18    /* of a decimal, either way */
#define PROGRAM_WORDS_MAX    12    /* of a channel */
#define PROGRAM_WORDS_MIN    2     /* of an enumeration; an event has at least one */
#define PROGRAM_LENGTH_MAX   64    /* bytes of a channel's text */

#define PROGRAM_ENUM(name, number, ...) name = number,
enum program_channel_type { PROGRAM_CHANNEL_TYPES(PROGRAM_ENUM) };
enum program_category { PROGRAM_CATEGORIES(PROGRAM_ENUM) };
#undef PROGRAM_ENUM

/* Which way the values of a channel go. */
enum program_direction {
        PROGRAM_PUBLISHED = 1, /* from the device to the hub */
        PROGRAM_COMMANDED = 2, /* from the hub to the device */
        PROGRAM_BOTH_WAYS = PROGRAM_PUBLISHED | PROGRAM_COMMANDED,
};

/* What a number is limited to: low to high, in steps counted from low, all times 10^exponent. */
struct program_range {
        int64_t low, high, step; /* step 0: any */
        int exponent;
};

struct program_channel {
        unsigned number; /* 1 to 255 */
        struct cbor_span leaf, device_class, unit;
        unsigned direction;  /* a sum of enum program_direction */
        uint32_t period_sec; /* 0: on change */
        enum program_channel_type type;
        enum program_category category;
        bool has_range;
        struct program_range range; /* of a number that has one */
        unsigned length;            /* of a text: bytes it has at most */
        unsigned n_words;           /* of an enumeration or an event */
        struct cbor_span words[PROGRAM_WORDS_MAX];
};

/* Whether a text can be a channel's leaf, class or unit. */
bool program_is_leaf(struct cbor_span text);
bool program_is_class(struct cbor_span text);
bool program_is_unit(struct cbor_span text);

/*
 * All arguments of a channel step, words by number looked up and defaults filled in; false if they
 * are not right, which a verified half's are.
 */
bool program_get_channel(const struct program_step *step, struct program_channel *ret_channel);

/*
 * Writes all arguments of a channel step behind its head, those at the end left out that are
 * written as nothing. program_count_channel() says how many they are.
 */
void program_put_channel(struct cbor_writer *w, const struct program_channel *channel);
size_t program_count_channel(const struct program_channel *channel);

/* Whether what a channel says goes together: PROGRAM_OK, or what is wrong. */
enum program_error program_check_channel(const struct program_channel *channel);

/* Whether a channel has this word. */
bool program_channel_has_word(const struct program_channel *channel, const char *word,
                              size_t n_word);
