/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's end of Bluetooth LE where it asks for a channel beside GATT: caller.h with the kernel's
 * channels of fake-l2cap.h.
 */

#include <stdbool.h>

#include "support/caller.h"

#define COC_CALLER_SOON 120 /* of the long patience, in haste: half a second */

/* For cmocka: the fixture, and no channel of an earlier test. */
int coc_caller_set_up(void **state);
int coc_caller_tear_down(void **state);

/* As caller_start(), with both ways and a long patience. */
void coc_caller_start(struct caller *c, struct fixture *f);

/* The same, and a link over the channel; if bluetoothd is @slow, it still has to resolve the
 * services. */
void coc_caller_start_over_channel(struct caller *c, struct fixture *f, bool slow);

/* The channel is open and nothing is in it; it is closed, whatever else was in it. */
void coc_caller_expect_open(void);
void coc_caller_expect_closed(void);

/* The link is over GATT, and carries messages both ways. */
void coc_caller_expect_gatt(struct caller *c);
