/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Writing rows as part of a larger transaction, which the caller holds. Inside src/store only.
 *
 * Every function returns 0 or -errno, and what its comment says besides.
 */

#include <stddef.h>
#include <stdint.h>

#include "store/channel.h"
#include "store/counter.h"
#include "store/device.h"
#include "store/group.h"
#include "store/outbox.h"
#include "store/store.h"

/* A row with its id must not be there; @known_as takes the place of what @device says. */
int device_put(struct store *store, const struct store_device *device,
               const uint8_t known_as[STORE_DEVICE_ID_BYTES]);
int ownership_put(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                  const struct store_ownership *ownership);

/* STORE_E_NONE if there is no such device. */
int device_known_as(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                    uint8_t ret_known_as[STORE_DEVICE_ID_BYTES]);

/* With its ownership, channels and groups; query_n_changed() says whether it was there. */
int device_delete(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/*
 * Removes a device with all that is its own, and what waits for it in the outbox; of an ownership
 * it puts a tombstone there. STORE_E_NONE if there is no such device.
 */
int device_give_up(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/*
 * A device that is about to be given up becomes a stray; nothing, if it has no ownership. The
 * oldest one leaves if there are too many.
 */
int stray_put(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
              int64_t given_up_at);

/* Nothing, if it is not a stray. */
int stray_drop(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/* As store_mend_enrolled_at(), for the times at which strays were given up. */
int stray_mend_time(struct store *store, const struct store_mending *mending);

int channel_put(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                const struct store_channel *channel);

/* @place: its place among the members of its device, from 0. */
int member_put(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], size_t place,
               const struct store_member *member);

int outbox_put(struct store *store, const struct store_message *message);
int outbox_put_all(struct store *store, const struct store_message *messages, size_t n_messages);

int forwarded_put(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                  const struct store_message *message);

/* As transaction_end(), and what was removed leaves the files: its keys were among it. */
int removal_end(struct store *store, int r);

/* STORE_E_SUPERSEDED if a higher one has been seen. */
int counter_raise(struct store *store, const struct store_counter *counter);
