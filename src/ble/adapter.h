/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The Bluetooth adapter in use, and why there is none if so.
 *
 * Follows every adapter that bluetoothd has and picks one: the one that is asked for by name, or
 * the best that can play the role. Not having one is a state like another, with a reason; so are
 * its removal and return, and a restart of bluetoothd.
 */

#include <stdbool.h>

#include "ble/bluez.h"
#include "reason/reason.h"

struct adapter;

enum adapter_role {
        ADAPTER_CENTRAL,    /* finds and connects: the hub */
        ADAPTER_PERIPHERAL, /* advertises and serves: the device */
};

/*
 * The state has changed, or another adapter has come into use, or the state is known for the first
 * time: REASON_NONE means usable, else
 * REASON_BLUETOOTH_DOWN, _ADAPTER_MISSING, _ADAPTER_OFF or _ADAPTER_BLOCKED. May free the adapter.
 */
typedef void (*adapter_on_state_t)(void *userdata, enum reason why);

/*
 * @name: "hci0", or NULL for the best one. @power: switch an adapter on that is found off, once
 * each time it appears; without it, off stays off.
 */
int adapter_new(struct bluez *bluez, const char *name, enum adapter_role role, bool power,
                adapter_on_state_t on_state, void *userdata, struct adapter **ret_adapter);
struct adapter *adapter_free(struct adapter *adapter);

/* The state of now; rfkill is asked afresh, so it may differ from what on_state last told. */
enum reason adapter_reason(const struct adapter *adapter);

/* The object path of the adapter in use or, if none is, of the one that is off; NULL if there is
 * none. Valid until the next turn of the loop. */
const char *adapter_path(const struct adapter *adapter);

/* Reads rfkill switches below @directory instead of the kernel's: for tests. */
void adapter_set_rfkill(struct adapter *adapter, const char *directory);

DEFINE_DEFER(struct adapter *, adapter_free);
