/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a code may ask for: a closed list (doc/code.md, section 3.1). Sets of capabilities are sums.
 */

#include <stddef.h>

enum capability {
        CAPABILITY_CHANNEL_PUBLISH = 1,
        CAPABILITY_CHANNEL_COMMAND = 2,
        CAPABILITY_KEY_FORWARD = 4,
        CAPABILITY_ALL = 7,
};

/* "channel.publish" for CAPABILITY_CHANNEL_PUBLISH, and back; NULL and 0 if there is none. */
const char *capability_name(unsigned capability);
unsigned capability_from_name(const char *name, size_t n_name);

/* What a channel needs; @direction is a sum of enum program_direction. */
unsigned capability_of_channel(unsigned direction);
