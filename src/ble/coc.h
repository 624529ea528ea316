/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A link over one of the kernel's LE credit-based channels: an SDU a message, nothing around it
 * (doc/protocol.md section 2.4). Its name is "ble-coc". It is lost when the channel is closed, or
 * when an empty message or one above MESSAGE_MAX bytes arrives.
 */

#include <systemd/sd-event.h>

#include "link/link.h"

/* Makes a link of an open channel (ble/l2cap.h); takes @fd_take, also if it fails. 0 or -errno. */
int coc_new(sd_event *event, int fd_take, struct link **ret_link);
