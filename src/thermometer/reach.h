/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How hubs reach the device: over Bluetooth LE, or over a stream that stands for a cable. */

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "thermometer/host.h"

/* Whether an address has one of the forms that reach_serve() takes. */
bool reach_knows(const char *address);

/*
 * Offers @host to hubs and runs the loop until it ends.
 * @address: "ble:hciN", or "ble:" for the best adapter; "unix:PATH" to listen on
 *   a socket
 * @bus: where bluetoothd is; NULL for the system bus
 * @coc: over Bluetooth, take an L2CAP channel, too, and not GATT alone
 *
 * Logs what fails. Return: 0 or more when the loop has ended, or -errno.
 */
int reach_serve(sd_event *event, const char *address, const char *bus, bool coc, struct host *host);
