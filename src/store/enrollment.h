/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Everything that one enrollment writes, in one transaction. */

#include <stddef.h>

#include "store/channel.h"
#include "store/counter.h"
#include "store/device.h"
#include "store/group.h"
#include "store/outbox.h"
#include "store/store.h"

struct store_enrollment {
        const struct store_device *device;
        const struct store_channel *channels;
        size_t n_channels;
        const struct store_member *members; /* of the groups, one group after the other */
        size_t n_members;
        const struct store_message *messages; /* for the outbox, in this order; that of the device
                                                 which is not informational is kept as forwarded */
        size_t n_messages;
        const struct store_counter *counter; /* NULL: the code has none */
        const uint8_t *replaces; /* the id of the device whose place it takes; NULL: of none */
};

/*
 * Writes the device, its channels and groups, its messages and its issuer's counter: all of it or
 * nothing, in one transaction that waits for the disk once. A row with the same device id is
 * replaced. The ownership of a kind that has none is not looked at.
 *
 * With .replaces it removes that device in the same transaction, as store_remove_unreleased() does,
 * and the new one inherits what it was known as. The device itself is no stray any more. .messages
 * are added after what waited for it has gone.
 *
 * 0: it will be there after a power cut; STORE_E_NAME_TAKEN: choose another name; STORE_E_NONE:
 * there is no device to be replaced; STORE_E_SUPERSEDED; -errno. Anything but 0 has changed nothing
 * that this store shows; only where the disk failed in the very act of syncing may the rows be
 * found when it is opened again.
 */
int store_enroll(struct store *store, const struct store_enrollment *enrollment);
