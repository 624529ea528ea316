/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The discovery of one adapter: started when it is wanted, stopped when it is not, restarted
 * regularly, and tried again when another program's interferes.
 */

#include <stdbool.h>

#include "ble/bluez.h"

struct discovery;

/*
 * A discovery is restarted after this time, because a device whose advertisement arrives while it
 * is being started can be missed for as long as it runs. One that failed is tried again.
 */
#define DISCOVERY_PERIOD_MS 10000

struct discovery_handler {
        /* It has stopped or failed. The discovery may be freed here. */
        void (*on_stopped)(void *userdata);
        /* It has been stopped, as it should be; one that does not really run cannot be. */
        void (*on_works)(void *userdata);
        /* It has run for DISCOVERY_PERIOD_MS, and is being restarted. */
        void (*on_period)(void *userdata);
};

/* @path: of the adapter. Nothing is started before it is wanted. */
int discovery_new(struct bluez *bluez, const char *path, const struct discovery_handler *handler,
                  void *userdata, struct discovery **ret_discovery);

/* Stops it without waiting. Takes NULL, returns NULL. */
struct discovery *discovery_free(struct discovery *discovery);

/* Sets whether it should run. A call under way is completed first. Calls no handler. */
void discovery_want(struct discovery *discovery, bool wanted);

/* True if it is not running and no call is under way. */
bool discovery_is_idle(const struct discovery *discovery);

/*
 * Why it does not run although it is wanted: REASON_NONE while no obstacle is known, or on_stopped
 * has still to report it; else REASON_ADAPTER_MISSING, _ADAPTER_OFF, _ADAPTER_BLOCKED,
 * _ADAPTER_BUSY (refused, not answered, or not stopped) or _BLUETOOTH_DOWN. It is tried again after
 * DISCOVERY_PERIOD_MS, or at once after discovery_retry().
 */
enum reason discovery_reason(const struct discovery *discovery);
void discovery_retry(struct discovery *discovery);

/* The same, but stops it first, although it is not known to run. Only after it has failed. */
void discovery_restart(struct discovery *discovery);

DEFINE_DEFER(struct discovery *, discovery_free);
