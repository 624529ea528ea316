/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keeps what the devices have reported through a restart of the hub: their last values, and which
 * of their DATA were taken.
 *
 * What has changed goes to the store in one transaction, some time after the first change and when
 * the hub ends in order; it does not wait for the disk. So a hub that is killed loses what is not
 * older than that time, and a flood of readings wears out no card.
 */

#include <systemd/sd-event.h>

#include "event/state.h"
#include "store/store.h"
#include "util/defer.h"

struct keeper;

/* @store and @state outlive it; @seconds: from a change until it is saved, at most. 0 or -errno. */
int keeper_new(sd_event *event, struct store *store, struct state *state, unsigned seconds,
               struct keeper **ret_keeper);

/* Saves what is not saved. Takes NULL, returns NULL. */
struct keeper *keeper_free(struct keeper *keeper);

/* Adds what is kept of a device to the state, which knows the device and nothing about it. */
void keeper_restore(struct keeper *keeper, const uint8_t device_id[KDF_DEVICE_ID_BYTES]);

/* A device has reported. */
void keeper_note(struct keeper *keeper);

DEFINE_DEFER(struct keeper *, keeper_free);
