/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The parameters, items and arguments of a source by their names, and the values they get. */

#include "program/program.h"
#include "tool/yaml.h"

/* The number of a name, or of a maker's own, 64 to 127; 0 after an error. */
unsigned operand_number(struct yaml *yaml, const yaml_node_t *node, const char *what,
                        enum program_space space, const char *name);

/*
 * An integer, yes or no, text, `!hex 00ff`, or `$parameter`; VALUE_NOTHING after an error. A
 * value's span points into the document or @scratch. @what names the field in the error.
 */
struct program_operand operand_read(struct yaml *yaml, const yaml_node_t *node, const char *what,
                                    uint8_t scratch[VALUE_STRING_MAX]);

/* Adds an error if an operand cannot be the value of this number. */
void operand_check(struct yaml *yaml, const yaml_node_t *node, const char *what,
                   enum program_space space, unsigned number,
                   const struct program_operand *operand);
