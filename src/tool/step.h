/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One step of a source, `- verb: arguments`, and the values in it, compiled to CBOR. */

#include "program/program.h"
#include "tool/yaml.h"

/* Writes a step; what is wrong is the document's error. */
void step_compile(struct yaml *yaml, const yaml_node_t *node, enum program_side side,
                  struct cbor_writer *w);

/* The number of a parameter, item or argument: its name, or 64 to 127. 1 after an error. */
unsigned step_number(struct yaml *yaml, const yaml_node_t *node, enum program_space space,
                     const char *name);

/*
 * An integer, yes or no, text, `!hex 00ff`, or `$parameter`. A value's span points into the
 * document or @scratch.
 */
struct program_operand step_operand(struct yaml *yaml, const yaml_node_t *node,
                                    uint8_t scratch[VALUE_STRING_MAX]);

/* Fails if a value is not of the type that this number has. */
void step_check(struct yaml *yaml, const yaml_node_t *node, enum program_space space,
                unsigned number, const struct program_operand *operand);
