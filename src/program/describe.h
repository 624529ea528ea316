/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Steps and values in words, for people. Always ends with a NUL, cut if @size is too small. Texts
 * from the code are shown as they are if they can be, else as "?". Firmware does not link this.
 */

#include <stddef.h>

#include "program/program.h"

/*
 * A step with all its arguments: "supply name, location, owner", "set name to $name", "channel 1:
 * publish temperature in °C every 60 s".
 */
void program_describe_step(const struct program_step *step, char *ret_text, size_t size);

/*
 * @mantissa * 10^@exponent as digits, "21.5"; @exponent is of PROGRAM_EXPONENT_MAX at most, either
 * way.
 */
#define PROGRAM_DECIMAL_SIZE 48
void program_describe_decimal(int64_t mantissa, int exponent, char ret_text[PROGRAM_DECIMAL_SIZE]);

/* A value: 60, "text", 0x00ff, yes. */
void program_describe_value(const struct value *value, char *ret_text, size_t size);
