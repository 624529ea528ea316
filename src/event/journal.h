/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The same story in the journal: one line for each step, with fields to filter by. See
 * conf/enrolld.catalog. */

#include "event/event.h"

/* Fixed ids of the kinds of lines, for journalctl -x and MESSAGE_ID= filters. */
#define JOURNAL_STARTED    "b5a1c36a0f0e4f8f9d0f6f2d8f0d1c01"
#define JOURNAL_PREVIEW    "b5a1c36a0f0e4f8f9d0f6f2d8f0d1c02"
#define JOURNAL_STEP       "b5a1c36a0f0e4f8f9d0f6f2d8f0d1c03"
#define JOURNAL_SUCCESSFUL "b5a1c36a0f0e4f8f9d0f6f2d8f0d1c04"
#define JOURNAL_FAILED     "b5a1c36a0f0e4f8f9d0f6f2d8f0d1c05"
#define JOURNAL_DROPPED    "b5a1c36a0f0e4f8f9d0f6f2d8f0d1c06"
#define JOURNAL_CONDITION  "b5a1c36a0f0e4f8f9d0f6f2d8f0d1c07"

void journal_event(const struct event *event);

/* A condition of the hub begins or ends: the adapter, the broker, the store. */
void journal_condition(const char *what, enum reason reason);
