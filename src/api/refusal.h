/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What to tell somebody whose request is refused. */

#include "reason/reason.h"

/*
 * The reason's sentence; with @wrong, a phrase, what exactly is wrong: "The request is not valid:
 * 'code' is missing." To be freed; NULL if memory is short.
 */
char *refusal_text(enum reason reason, const char *wrong);
