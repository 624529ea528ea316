/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What every test on the private bus needs: a loop, the code's side of the bus, the mock's side. */

#include <stdbool.h>
#include <stddef.h>

#include "ble/bluez.h"
#include "support/mock-bluez.h"
#include "reason/reason.h"

struct fixture {
        sd_event *event;
        sd_bus *bus;
        struct bluez *bluez;
        struct mock_bluez mock;

        /* what the code told its owner last, and how often */
        enum reason why;
        size_t n_told;
};

/* One bus for all tests of a program. */
int fixture_group_start(void **state);
int fixture_group_stop(void **state);

/* bluetoothd is up, and known to be, when a test begins. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* bluetoothd begins anew, with what the mock's fields say there is. */
void fixture_restart(struct fixture *f);

/* Turns the loop until the owner has been told something, then forgets that it was; fails if it is
 * not @why, or does not come. */
void fixture_until_told(struct fixture *f, enum reason why);

/* Turns the loop until @flag is set; fails if that does not come. */
void fixture_until(struct fixture *f, const bool *flag);

/* Turns the loop until @count is at least @wanted; fails if that does not come. */
void fixture_until_called(struct fixture *f, const unsigned *count, unsigned wanted);

/* Turns the loop until both sides have nothing left to say. */
void fixture_settle(struct fixture *f);

#define fixture_test(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
