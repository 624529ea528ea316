/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How a device goes, and what stays of it. */

#include <stddef.h>
#include <stdint.h>

#include "store/outbox.h"
#include "store/store.h"

/*
 * Removes a device, its ownership, its channels, its groups and what still waits in the outbox for
 * it, and adds @messages (that it is gone) in the same transaction. Of an ownership a tombstone
 * stays with its epoch: the keys of this epoch and of those before it are spent. Then empties the
 * write-ahead log, so that its keys do not linger there. 0; STORE_E_NONE; -errno. Durable.
 */
int store_remove(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                 const struct store_message *messages, size_t n_messages);

/*
 * The same for a device that was not released, at this Unix time: it becomes a stray (stray.h), if
 * it has an ownership.
 */
int store_remove_unreleased(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                            int64_t now, const struct store_message *messages, size_t n_messages);

/* The highest epoch of this device that was given up. 0; STORE_E_NONE; -errno. */
int store_given_up_epoch(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                         uint32_t *ret_epoch);
