/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Owns one of each part of the daemon and is the only file that knows the whole chain: who is asked
 * for what, and who is told what came of it.
 */

#include <systemd/sd-event.h>

#include "site/settings.h"
#include "util/defer.h"

/* Where things are; all but @bus are paths. Kept by reference. */
struct manager_places {
        const char *state;         /* directory of the store and the master key */
        const char *issuers;       /* directory of the issuers' files */
        const char *reader;        /* socket of enroll-read */
        const char *bus;           /* D-Bus address for our own interface, NULL: the system bus */
        const char *bluetooth_bus; /* where bluetoothd is, NULL: the system bus */
};

struct manager;

/* Everything that can be missing at this point and come later is a state; what cannot is logged and
 * returned. */
int manager_new(sd_event *event, const struct settings *settings,
                const struct manager_places *places, struct manager **ret_manager);
struct manager *manager_free(struct manager *m);

DEFINE_DEFER(struct manager *, manager_free);
