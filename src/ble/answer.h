/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What bluetoothd answers to a central. */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

/* Takes the socket out of an answer "hq" to AcquireNotify or AcquireWrite. 0 or -errno. */
int answer_take_socket(sd_bus_message *m, int *ret_fd, uint16_t *ret_mtu);

/*
 * True if BlueZ, or the kernel below it, has not finished an earlier attempt or connection. Since
 * BlueZ 5.62, the text shows this if the error came from the kernel.
 */
bool answer_is_busy(const sd_bus_error *error);
