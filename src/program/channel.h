/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A channel, as a step of a hub half names it. Firmware does not link this. */

#include <stdbool.h>
#include <stdint.h>

#include "program/program.h"

#define PROGRAM_LEAF_MAX   16 /* bytes, as the next two */
#define PROGRAM_CLASS_MAX  24
#define PROGRAM_UNIT_MAX   8
#define PROGRAM_PERIOD_MAX 86400 /* s */

struct program_channel {
        unsigned number; /* 1 to 255 */
        struct cbor_span leaf, device_class, unit;
        bool command;        /* from the hub to the device; else published by the device */
        uint32_t period_sec; /* 0: on change */
};

/* Whether a text can be a channel's leaf, class or unit. */
bool program_is_leaf(struct cbor_span text);
bool program_is_class(struct cbor_span text);
bool program_is_unit(struct cbor_span text);

/*
 * All arguments of a channel step, words by number looked up; false if they are not right, which a
 * verified half's are.
 */
bool program_get_channel(const struct program_step *step, struct program_channel *ret_channel);
