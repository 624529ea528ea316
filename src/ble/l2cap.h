/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The kernel's LE credit-based channels (Bluetooth Core Specification 5.3, volume 3, part A, 4.22):
 * SOCK_SEQPACKET sockets, an SDU a packet. They need neither capabilities nor bluetoothd, which
 * keeps the connection when the channel is closed.
 *
 * Every descriptor is non-blocking and has to stay so: Linux 6.1 does the adapter's receiving in a
 * recv() that waits.
 */

#include <stdbool.h>
#include <string.h>

#include "ble/object.h"

#define L2CAP_PSM 0x00e7 /* doc/protocol.md section 2.4 */

/* One side of a channel: an adapter of this machine, or a device. */
struct l2cap_end {
        char address[BLUEZ_ADDRESS_SIZE]; /* "00:11:22:33:44:55" */
        bool random;                      /* a random address, not a public one */
};

/* The end that an object of bluetoothd is, an adapter or a device; false if it does not say. */
static inline bool l2cap_end_of(const struct bluez_object *object, struct l2cap_end *ret_end)
{
        const unsigned needed = BLUEZ_HAS_ADDRESS | BLUEZ_HAS_ADDRESS_TYPE;

        if ((object->has & needed) != needed)
                return false;
        memcpy(ret_end->address, object->address, sizeof(ret_end->address));
        ret_end->random = object->random_address;
        return true;
}

/*
 * Begins to open a channel to @peer's L2CAP_PSM, over the connection that there is or the next one.
 * *ret_fd becomes writable when it is open, or has failed; l2cap_opened() tells. 0 or -errno, as
 * where the kernel has no Bluetooth (-EAFNOSUPPORT).
 */
int l2cap_open(const struct l2cap_end *own, const struct l2cap_end *peer, int *ret_fd);

/*
 * 0 if the channel of l2cap_open() or l2cap_accept() is open and takes whole messages; else -errno:
 * what it failed with, -EMSGSIZE if the peer takes shorter ones only.
 */
int l2cap_opened(int fd);

/* Listens on L2CAP_PSM of this adapter. 0 or -errno: -EADDRINUSE if another program does. */
int l2cap_listen(const struct l2cap_end *own, int *ret_fd);

/* Takes a channel that has come. 0; -EAGAIN if there is none; or -errno. */
int l2cap_accept(int fd, struct l2cap_end *ret_peer, int *ret_fd);

static inline bool l2cap_end_equal(const struct l2cap_end *a, const struct l2cap_end *b)
{
        return strcmp(a->address, b->address) == 0 && a->random == b->random;
}
