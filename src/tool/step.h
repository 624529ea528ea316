/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One step of a source, `- verb: arguments`, compiled to CBOR. */

#include "code/capability.h"
#include "program/channel.h"
#include "tool/functions.h"
#include "tool/yaml.h"

#define STEP_CHANNELS_MAX 128 /* as many as four halves have steps */

/* A channel of a half before, whose spans are in the source, and where it stands. */
struct scope_channel {
        struct program_channel channel;
        const yaml_node_t *node;  /* of its number */
        const yaml_node_t *group; /* of the group that it is in; NULL while it is in none */
};

/* The channels of all halves of a code, whose numbers and leaves differ. */
struct channels {
        struct scope_channel list[STEP_CHANNELS_MAX];
        size_t n;
};

/* What a step is compiled in: its half, and what the steps before it have named. */
struct scope {
        struct yaml *yaml;
        enum program_side side;
        struct channels *channels;
        size_t first_channel; /* of this half */
        const struct functions *functions;
        unsigned capabilities; /* that the code asks for, or whose lack has been reported */

        /* Where the steps of each verb name this number; NULL where none does. */
        const yaml_node_t *named[PROGRAM_FINISH + 1][PROGRAM_NUMBER_MAX + 1];
        /* Verbs, as bits, of which a step or a number could not be read, so that it may be meant.
         */
        uint32_t unclear;
};

/* Writes a step, and returns its verb's row; NULL if there is no such verb in this half. */
const struct program_row *step_compile(struct scope *scope, const yaml_node_t *node,
                                       struct cbor_writer *w);

/* Whether the steps of a verb may name a number, as far as they could be read. */
bool step_names(const struct scope *scope, enum program_verb verb, unsigned number);
