/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The open problems of the hub: which of a closed table of reasons stand, and since when.
 *
 * They are conditions of the hub, not failures of one enrollment. Reasons that are not in the table
 * are ignored by every verb, so a caller need not know which are in it. A condition stands or does
 * not: where several parts can cause the same one, the caller decides for all of them.
 */

#include <stdbool.h>
#include <stdint.h>

#include "reason/reason.h"

/* Nothing stands when all is zero. */
struct conditions {
        struct {
                bool open;
                uint64_t since; /* usec, of the clock that nobody sets (util/time.h) */
        } of[REASON_MAX];
};

/* Whether @reason is in the table. */
bool condition_known(enum reason reason);

/* @reason stands (@on) or is over; @now is time_now_usec(). Returns whether that changed anything.
 */
bool condition_set(struct conditions *conditions, enum reason reason, bool on, uint64_t now);

/*
 * For conditions that exclude each other, as the states of an adapter do: @reason takes the place
 * of *@state, which may be REASON_NONE or not in the table, like @reason. Returns whether @reason
 * is another one.
 */
bool condition_replace(struct conditions *conditions, enum reason *state, enum reason reason,
                       uint64_t now);

bool condition_is_open(const struct conditions *conditions, enum reason reason);

/*
 * Since when it stands, Unix time as the clock says it by now: a hub may start in 1970, and its
 * clock is set later. 0 if it does not stand.
 */
int64_t condition_since(const struct conditions *conditions, enum reason reason);

/* Walks over the table and over what stands: the first after REASON_NONE; REASON_NONE at the end.
 */
enum reason condition_next_known(enum reason before);
enum reason condition_next_open(const struct conditions *conditions, enum reason before);
