/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The sentence that refuses a request. */

#include "reason/reason.h"

/*
 * The reason's sentence, and what exactly stands in the way if @detail, a phrase, is not "": "The
 * request is not valid: 'code' is missing." To be freed; NULL if memory is short.
 */
char *refusal_text(enum reason reason, const char *detail);
