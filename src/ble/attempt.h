/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From a device to the two packet sockets of its characteristics: connects, waits until the
 * services are resolved, subscribes to the one characteristic and takes the other.
 *
 * While another bearer of the connection is in use (ble/coc.h), the attempt is held: it keeps an
 * eye on bluetoothd's discovery, but neither connects again nor subscribes.
 */

#include <stdbool.h>
#include <stdint.h>

#include "ble/adapter.h"
#include "reason/reason.h"
#include "util/defer.h"

struct attempt;

/* How long each stage may take, in milliseconds. */
struct central_patience {
        /*
         * For each attempt to connect; else REASON_CONNECT_FAILED. There are three attempts, and
         * two more if some failed and others were not answered.
         */
        unsigned connect_ms;
        unsigned services_ms; /* until services are resolved; else REASON_SERVICE_MISSING */
        unsigned grace_ms;    /* until they are there when BlueZ says they are; the same */
        unsigned acquire_ms;  /* for each characteristic; else REASON_LINK_TIMEOUT */
};

/* How long an attempt takes at most, in ms. */
unsigned attempt_limit_ms(const struct central_patience *patience);

struct attempt_handler {
        /* bluetoothd is asked to connect, for the first time or once more. */
        void (*on_connecting)(void *userdata);
        /* Connected. Both sockets are the callee's; @mtu is that of ATT. */
        void (*on_open)(void *userdata, int in_take, int out_take, unsigned mtu);
        /* As on_failed of struct dial_handler (ble/central.h). */
        void (*on_failed)(void *userdata, enum reason why);
};

/*
 * Begins to connect to the device at the path @device, on the adapter at the path @adapter; all
 * arguments stay in place. One of the callbacks is called, once, from the loop; the attempt may be
 * freed there and must be freed afterwards.
 */
struct attempt_target {
        const char *device, *adapter;
        const struct central_patience *patience;
};
int attempt_new(struct adapters *adapters, const struct attempt_target *target,
                const struct attempt_handler *handler, void *userdata,
                struct attempt **ret_attempt);

/* Does not disconnect. Takes NULL, returns NULL. */
struct attempt *attempt_free(struct attempt *attempt);

/* Stops where it is, until attempt_go_on(); false if it has gone on to subscribe, or is over. */
bool attempt_hold(struct attempt *attempt);
void attempt_go_on(struct attempt *attempt);

/* True if bluetoothd has been asked to connect: there is something to disconnect. */
bool attempt_has_dialled(const struct attempt *attempt);

/* True if a connection was lost before it was of use; it may have been made again. */
bool attempt_has_broken(const struct attempt *attempt);

/* True while there is a connection, as far as is known, and the attempt goes on or is held. */
bool attempt_is_connected(const struct attempt *attempt);

DEFINE_DEFER(struct attempt *, attempt_free);
