/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A value that a person gives for an enrollment, as text: which parameter it is for, and what the
 * device receives of it. A position is given in degrees and metres, a maker's own parameter by its
 * number.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reason/reason.h"
#include "wire/value.h"

#define GIVEN_DETAIL_SIZE 160

struct given {
        const char *parameter, *value; /* the parameter's name or number, and its value as text */
};

/* The parameter's number; 0 if there is none of this name. */
unsigned given_number(const struct given *given);

/*
 * The value that parameter @number has; false if the text is not of its kind. The value refers to
 * the text or to @bytes.
 */
bool given_value(const struct given *given, unsigned number, uint8_t bytes[VALUE_STRING_MAX],
                 struct value *ret_value);

/*
 * REASON_NONE; or REASON_PARAMETER_UNKNOWN or REASON_PARAMETER_INVALID, with a phrase that says
 * what exactly is wrong and does not repeat the value, which may be a password.
 */
enum reason given_check(const struct given *given, char ret_detail[GIVEN_DETAIL_SIZE]);
