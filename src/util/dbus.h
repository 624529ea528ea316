/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A connection to a D-Bus: the system's, or another by address. */

#include <systemd/sd-bus.h>

#include "util/defer.h"

/*
 * Connects to the bus at @address, NULL for the system bus. 0; -EINVAL: that is not an address;
 * -errno.
 */
int dbus_open(const char *address, sd_bus **ret_bus);

DEFINE_DEFER(sd_bus *, sd_bus_flush_close_unref);
