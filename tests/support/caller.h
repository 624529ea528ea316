/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's end of Bluetooth LE on the mock's bus (mock-bus.h), and what its owner was told, as in
 * the fields of the fixture: for the tests of ble/central.c.
 */

#include <stdbool.h>
#include <stddef.h>

#include "ble/central.h"
#include "ble/observer.h"
#include "support/link-fixture.h"
#include "support/mock-bus.h"

#define CALLER_OTHER_DEVICE MOCK_ADAPTER "/dev_66_77_88_99_AA_BB"

/* Ends soon, as the timers then run faster, and leaves bluetoothd half a second for each answer. */
extern const struct central_patience caller_short_patience;

/* Long enough that no test ends by it. */
extern const struct central_patience caller_long_patience;

struct caller {
        struct fixture *f;
        struct adapters *adapters;
        struct central *central;
        struct dial *dial;
        struct link_record record; /* of the newest link */
        bool aside;                /* that is not started: it is for another handler */
        struct listening *listening;
        size_t n_heard;
};

/* A new central, and the mock's device to dial. */
void caller_start(struct caller *c, struct fixture *f, enum central_ways ways,
                  const struct central_patience *patience);

/* Frees the link, if there is one, and the central. */
void caller_stop(struct caller *c);

/* As central_dial(), to the mock's device, or to another. */
int caller_dial(struct caller *c);
int caller_dial_to(struct caller *c, const char *device);

/* Dials, and fails unless the owner is told @why: REASON_NONE for a link. */
void caller_expect(struct caller *c, enum reason why);

/* Frees the link, and waits until nothing more comes of it. */
void caller_hang_up(struct caller *c);

/*
 * Hangs up, and begins again: bluetoothd and the adapter are there, the device is as if it had
 * never been met, and no verb of bluetoothd has been called, fails or is silent.
 */
void caller_begin_anew(struct caller *c);

/* Somebody listens beside, and bluetoothd is discovering. */
void caller_listen(struct caller *c);
