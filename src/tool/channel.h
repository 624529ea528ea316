/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A channel step of a source: `channel: {number: 1, leaf: temperature, ...}`. */

#include "tool/step.h"

/*
 * What a step says, as far as it is right, also added to the channels of @scope; whose number or
 * leaf is another one's is an error. Returns its direction.
 */
unsigned channel_read(struct scope *scope, const yaml_node_t *node,
                      struct program_channel *ret_channel);
