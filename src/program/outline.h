/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the halves of a code amount to, for everybody who checks or shows it: the numbers that they
 * name, the channels that the hub carries and their groups, when the device can be reached, and how
 * it ends. Firmware does not link this.
 */

#include "program/group.h"
#include "program/presence.h"

/* Adds the numbers that the steps of this verb name. */
void program_numbers(struct cbor_span half, enum program_verb verb,
                     bool named[PROGRAM_NUMBER_MAX + 1]);

/*
 * Goes on to the next channel of a hub half, and true; false after the last. The step is the one
 * before run->index.
 */
bool program_next_channel(struct program_run *run, struct program_channel *ret_channel);

/* The same for the groups of channels. */
bool program_next_group(struct program_run *run, struct program_group *ret_group);

/* What a hub half says of when the device can be reached, and true; false if nothing. */
bool program_presence(struct cbor_span hub, struct program_presence *ret_presence);

/* The flags of a device half's finish step; 0 if it has none. */
unsigned program_finish_flags(struct cbor_span device);
