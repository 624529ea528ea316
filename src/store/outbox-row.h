/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Adding to the outbox as part of a larger transaction. Inside src/store only. */

#include "store/outbox.h"

/* 0 or -errno; the caller holds the transaction. */
int outbox_put(struct store *store, const struct store_message *message);
