/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Channels that make up one thing, a light or a lock, as a step of a hub half says it (doc/code.md,
 * section 4.7). Firmware does not link this.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "program/channel.h"

#define PROGRAM_ROLES_MAX 3 /* of one kind */

#define PROGRAM_ENUM(name, number, ...) name = number,
enum program_group_kind { PROGRAM_GROUPS(PROGRAM_ENUM) };
#undef PROGRAM_ENUM

/* What the channel of a role may be: a sum. */
enum program_fits {
        PROGRAM_FITS_SWITCH = 1,
        PROGRAM_FITS_NUMBER = 2, /* with or without a range */
        PROGRAM_FITS_RANGE = 4,  /* a number with a range */
        PROGRAM_FITS_WORDS = 8,  /* an enumeration */
};

struct program_role {
        uint8_t kind; /* enum program_group_kind */
        const char *name;
        bool is_required;
        uint8_t direction; /* what its channel has at least: a sum of enum program_direction */
        uint8_t fits;      /* a sum of enum program_fits */
        const char *words; /* that an enumeration has at least, with blanks between them */
        const char *needs; /* all of this for people: "a switch that takes commands" */
};

struct program_group {
        enum program_group_kind kind;
        unsigned channels[PROGRAM_ROLES_MAX]; /* their numbers, by role; 0: there is none */
};

/* The role with this index of a kind; NULL after the last, or if there is no such kind. */
const struct program_role *program_role(unsigned kind, size_t index);

/* Whether a channel can have a role. */
bool program_role_fits(const struct program_role *role, const struct program_channel *channel);

/* "light"; NULL if there is no such kind. The other way round, 0 if none has this name. */
const char *program_group_name(unsigned kind);
unsigned program_group_from_name(const char *name);

/* "a light"; NULL if there is no such kind. */
const char *program_group_text(unsigned kind);

/* All arguments of a group step; false if they are not right, which a verified half's are. */
bool program_get_group(const struct program_step *step, struct program_group *ret_group);

/* Writes them behind the head; program_count_group() says how many they are. */
void program_put_group(struct cbor_writer *w, const struct program_group *group);
size_t program_count_group(const struct program_group *group);

/*
 * Whether a group is complete and its channels, all of them in @channels, fit their roles:
 * PROGRAM_OK or what is wrong. That no channel is in another group is for the caller to check.
 */
enum program_error program_check_group(const struct program_group *group,
                                       const struct program_channel *channels, size_t n_channels);
