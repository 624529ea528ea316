/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Events and conditions in the journal: a line for each, with fields to filter by; explained in
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

/* A part of the hub, for instance "Bluetooth", has this condition now; REASON_NONE: it is ready. */
void journal_condition(const char *what, enum reason reason);

/* A device was removed, because another hub has taken it. */
void journal_dropped(const char *device, const char *device_id);
