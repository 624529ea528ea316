/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How much the daemon logs, where a person has set that while it ran: a restart does not undo it.
 */

#include "store/store.h"

/* @level: LOG_ERR to LOG_DEBUG, from now on. 0; -errno, which is logged, and nothing has changed.
 */
int verbosity_set(struct store *store, int level);

/*
 * At the start: as it was set last. What a person said for this start, --verbose, goes before that.
 */
void verbosity_recall(struct store *store);
