/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/l2cap.h"

#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "util/free.h"
#include "wire/fragment.h"

/* What the kernel's interface is made of; it has no header for programs. */
enum {
        L2CAP_PROTOCOL = 0,
        L2CAP_OPTION_SEND_MTU = 12,
        L2CAP_OPTION_RECEIVE_MTU = 13,
        L2CAP_TYPE_PUBLIC = 1,
        L2CAP_TYPE_RANDOM = 2,
        L2CAP_OPTIONS = 274, /* the level of the options */
        L2CAP_ADDRESS_BYTES = 6,
};

struct l2cap_address {
        sa_family_t family;
        uint16_t psm;                         /* little-endian */
        uint8_t address[L2CAP_ADDRESS_BYTES]; /* the last byte first */
        uint16_t channel;
        uint8_t type;
};

static int l2cap_address_make(const struct l2cap_end *end, unsigned psm,
                              struct l2cap_address *ret_address)
{
        struct l2cap_address a = {
                .family = AF_BLUETOOTH,
                .psm = htole16((uint16_t)psm),
                .type = end->random ? L2CAP_TYPE_RANDOM : L2CAP_TYPE_PUBLIC,
        };
        uint8_t *b = a.address;

        if (sscanf(end->address, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &b[5], &b[4], &b[3], &b[2],
                   &b[1], &b[0]) != L2CAP_ADDRESS_BYTES)
                return -EADDRNOTAVAIL;
        *ret_address = a;
        return 0;
}

/* As BlueZ writes it. */
static void l2cap_end_make(const struct l2cap_address *address, struct l2cap_end *ret_end)
{
        const uint8_t *b = address->address;

        (void)snprintf(ret_end->address, sizeof(ret_end->address), "%02X:%02X:%02X:%02X:%02X:%02X",
                       b[5], b[4], b[3], b[2], b[1], b[0]);
        ret_end->random = address->type == L2CAP_TYPE_RANDOM;
}

/* A socket of this adapter, which has no PSM unless it is to listen. */
static int l2cap_socket(const struct l2cap_end *own, unsigned psm, int *ret_fd)
{
        const uint16_t mtu = MESSAGE_MAX;
        struct l2cap_address address;
        _defer_(fd_close) int fd = -1;
        int r;

        r = l2cap_address_make(own, psm, &address);
        if (r < 0)
                return r;
        fd = socket(AF_BLUETOOTH, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, L2CAP_PROTOCOL);
        if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
            setsockopt(fd, L2CAP_OPTIONS, L2CAP_OPTION_RECEIVE_MTU, &mtu, sizeof(mtu)) < 0)
                return -errno;
        *ret_fd = fd_take(&fd);
        return 0;
}

int l2cap_open(const struct l2cap_end *own, const struct l2cap_end *peer, int *ret_fd)
{
        _defer_(fd_close) int fd = -1;
        struct l2cap_address address;
        int r;

        r = l2cap_address_make(peer, L2CAP_PSM, &address);
        if (r < 0)
                return r;
        r = l2cap_socket(own, 0, &fd);
        if (r < 0)
                return r;
        if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 &&
            errno != EINPROGRESS)
                return -errno;
        *ret_fd = fd_take(&fd);
        return 0;
}

int l2cap_opened(int fd)
{
        int error = 0;
        uint16_t mtu = 0;
        socklen_t n = sizeof(error);

        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
                return -errno;
        if (error)
                return -error;
        n = sizeof(mtu);
        if (getsockopt(fd, L2CAP_OPTIONS, L2CAP_OPTION_SEND_MTU, &mtu, &n) < 0)
                return -errno;
        return mtu < MESSAGE_MAX ? -EMSGSIZE : 0;
}

int l2cap_listen(const struct l2cap_end *own, int *ret_fd)
{
        _defer_(fd_close) int fd = -1;
        int r;

        r = l2cap_socket(own, L2CAP_PSM, &fd);
        if (r < 0)
                return r;
        if (listen(fd, 1) < 0)
                return -errno;
        *ret_fd = fd_take(&fd);
        return 0;
}

int l2cap_accept(int fd, struct l2cap_end *ret_peer, int *ret_fd)
{
        struct l2cap_address address = {0};
        socklen_t n = sizeof(address);
        int accepted;

        accepted = accept4(fd, (struct sockaddr *)&address, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted < 0)
                return -errno;
        l2cap_end_make(&address, ret_peer);
        *ret_fd = accepted;
        return 0;
}
