/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's end of Bluetooth LE: from an advertising device to a link.
 *
 * A dial connects, and goes two ways at once: it asks the device for an L2CAP channel, and waits
 * until the services are resolved and the two characteristics are there, subscribes to the one and
 * takes the other (AcquireNotify, AcquireWrite; no attribute is read). It ends by handing over a
 * link, over the way that is open first, or a reason. A link over the channel can retreat to GATT.
 * No pairing. Meanwhile discovery is paused on the adapter (ble/observer.h). Several devices may be
 * dialled at the same time.
 *
 * Freeing the link, or the dial before it has ended, disconnects and makes BlueZ remove the device,
 * so that no stale data remains; bluetoothd may finish discovering the services before that,
 * because 5.66 can die of a connection that ends meanwhile. It takes BlueZ more than two seconds; a
 * dial to the same device waits for it.
 */

#include <stdbool.h>

#include "ble/adapter.h"
#include "ble/attempt.h"
#include "link/link.h"
#include "reason/reason.h"

struct central;
struct dial;

/* 4 s, 10 s, 2 s and 5 s. */
extern const struct central_patience central_patience_default;

struct dial_handler {
        /* The link belongs to the callee. */
        void (*on_link)(void *userdata, struct link *link);
        /*
         * REASON_CONNECT_FAILED, _SERVICE_MISSING, _LINK_TIMEOUT, _LINK_LOST (the connection was
         * lost before it could be used), _ADAPTER_OFF, _ADAPTER_BLOCKED, _ADAPTER_MISSING,
         * _BLUETOOTH_DOWN or _INTERNAL.
         */
        void (*on_failed)(void *userdata, enum reason why);
};

/* Which ways a central goes. */
enum central_ways {
        CENTRAL_GATT,         /* the one that every device has */
        CENTRAL_GATT_AND_COC, /* and the channel */
};

int central_new(struct adapters *adapters, enum central_ways ways,
                const struct central_patience *patience, struct central **ret_central);

/* Which ways the next dials go. */
void central_set_ways(struct central *central, enum central_ways ways);

/* All dials and links must have been freed; disconnections under way are left to bluetoothd. */
struct central *central_free(struct central *central);

/*
 * Starts to connect to the device at this object path. Exactly one of the handler's callbacks is
 * called, from the loop; the dial is gone when it is. -EBUSY if there is already a dial or a link
 * to the device.
 */
int central_dial(struct central *central, const char *device, const struct dial_handler *handler,
                 void *userdata, struct dial **ret_dial);

/* How long a dial takes at most, in s. */
unsigned central_limit_sec(const struct central *central);

/* Whether another program of this machine holds a connection to a device with our service. */
bool central_sees_foreign(struct central *central);

/* Cancels a dial that has not ended. Takes NULL, returns NULL. */
struct dial *dial_free(struct dial *dial);

DEFINE_DEFER(struct central *, central_free);
