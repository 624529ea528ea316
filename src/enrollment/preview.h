/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a person learns of a code before its device is touched: who signed it, what it asks for,
 * which channels the hub would carry, what the device would know of the home, and what cannot be
 * undone.
 */

#include <stddef.h>

#include "code/code.h"
#include "event/event.h"
#include "policy/values.h"
#include "policy/verdict.h"

/* The texts belong to @code, which must have been found good. */
void preview_make(const struct code *code, const struct verdict *verdict,
                  const struct values *values, struct event_preview *ret_preview);

/* The same in sentences; of many channels it names the first ones and counts the rest. */
void preview_text(const struct event_preview *preview, const char *model, char *ret_text,
                  size_t size);
