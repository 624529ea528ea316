/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The interval between the connection events of the hub's connections, as far as it is known.
 *
 * Neither bluetoothd nor the kernel tells a program what two controllers have agreed upon. What the
 * hub asks for is the kernel's, 30 to 50 ms, unless the section [LE] of bluetoothd's configuration
 * has other limits.
 */

#include <stdbool.h>

#define INTERVAL_CONFIG "/etc/bluetooth/main.conf"

struct interval {
        double min_ms, max_ms; /* 7.5 to 4000 */
};

/* True if the configuration at @path has both limits, and they are ones that Bluetooth knows. */
bool interval_read(const char *path, struct interval *ret_interval);
