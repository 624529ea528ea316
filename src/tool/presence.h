/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A presence step of a source: `presence: mains`, or `presence: sleeps 6 h`. */

#include <stdint.h>

#include "tool/yaml.h"

/* The seconds for which the device sleeps at most; 0 if it is on the mains, and after an error. */
uint32_t presence_read(struct yaml *yaml, const yaml_node_t *node);
