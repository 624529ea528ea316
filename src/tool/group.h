/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A group step of a source: `group: {kind: light, state: LEAF, brightness: LEAF}`. */

#include "program/group.h"
#include "tool/step.h"

/* What a step says, as far as it is right. Its channels stand before it, in the same half. */
void group_read(struct scope *scope, const yaml_node_t *node, struct program_group *ret_group);
