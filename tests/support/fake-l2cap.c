/* SPDX-License-Identifier: Apache-2.0 */

#include "support/fake-l2cap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "util/defer.h"
#include "util/free.h"

#define PACKETS (SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC)

#define CALLS_MAX   8
#define SMALL_BYTES 1 /* of a socket's buffer: the kernel makes it as small as it can */

struct fake_l2cap fake_l2cap = {.far_fd = -1};

/* The address that is listened on, and who has called there and was not accepted yet. */
static struct {
        struct sockaddr_un address;
        socklen_t n_address;
        struct l2cap_end calls[CALLS_MAX];
        size_t n_calls;
} listening;

void fake_l2cap_reset(void)
{
        (void)fd_close(fake_l2cap.far_fd);
        fake_l2cap = (struct fake_l2cap){.far_fd = -1};
        memset(&listening, 0, sizeof(listening));
}

/* --- the code opens --- */

/* Until what fills it is read, the socket is not writable. */
static void socket_fill(int fd)
{
        const int size = SMALL_BYTES;

        assert_return_code(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), errno);
        while (send(fd, "", 1, MSG_NOSIGNAL) > 0)
                ;
        assert_int_equal(errno, EAGAIN);
}

static void socket_drain(int fd)
{
        char byte;

        while (recv(fd, &byte, sizeof(byte), 0) > 0)
                ;
        assert_int_equal(errno, EAGAIN);
}

static void settle_open(void)
{
        if (fake_l2cap.opened_error)
                fake_l2cap.far_fd = fd_close(fake_l2cap.far_fd);
}

int l2cap_open(const struct l2cap_end *own, const struct l2cap_end *peer, int *ret_fd)
{
        int fds[2];

        fake_l2cap.n_opens++;
        fake_l2cap.own = *own;
        fake_l2cap.peer = *peer;
        if (fake_l2cap.open_error)
                return fake_l2cap.open_error;
        assert_return_code(socketpair(AF_UNIX, PACKETS, 0, fds), errno);
        (void)fd_close(fake_l2cap.far_fd);
        fake_l2cap.far_fd = fds[1];
        if (fake_l2cap.hangs)
                socket_fill(fds[0]);
        else
                settle_open();
        *ret_fd = fds[0];
        return 0;
}

void fake_l2cap_go_on(void)
{
        fake_l2cap.hangs = false;
        socket_drain(fake_l2cap.far_fd);
        settle_open();
}

int l2cap_opened(int fd)
{
        assert_true(fd >= 0);
        return fake_l2cap.opened_error;
}

/* --- the code listens --- */

int l2cap_listen(const struct l2cap_end *own, int *ret_fd)
{
        const struct sockaddr_un any = {.sun_family = AF_UNIX};
        int fd;

        fake_l2cap.n_listens++;
        fake_l2cap.own = *own;
        if (fake_l2cap.listen_error)
                return fake_l2cap.listen_error;
        fd = socket(AF_UNIX, PACKETS, 0);
        assert_return_code(fd, errno);
        /* The kernel chooses a name if none is given. */
        assert_return_code(bind(fd, (const struct sockaddr *)&any, sizeof(any.sun_family)), errno);
        assert_return_code(listen(fd, CALLS_MAX), errno);
        listening.n_address = sizeof(listening.address);
        assert_return_code(
                getsockname(fd, (struct sockaddr *)&listening.address, &listening.n_address),
                errno);
        listening.n_calls = 0;
        *ret_fd = fd;
        return 0;
}

/* One who has called and is gone is accepted all the same, as the kernel's is. */
int l2cap_accept(int fd, struct l2cap_end *ret_peer, int *ret_fd)
{
        int accepted, error = fake_l2cap.accept_error;

        fake_l2cap.accept_error = 0;
        if (error)
                return error;
        accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted < 0)
                return -errno;
        assert_true(listening.n_calls > 0);
        *ret_peer = listening.calls[0];
        listening.n_calls--;
        memmove(listening.calls, listening.calls + 1,
                listening.n_calls * sizeof(listening.calls[0]));
        *ret_fd = accepted;
        return 0;
}

/* The name that is listened on is taken for as long as somebody does. */
bool fake_l2cap_listens(void)
{
        _defer_(fd_close) int probe = -1;

        if (listening.n_address == 0)
                return false;
        probe = socket(AF_UNIX, PACKETS, 0);
        assert_return_code(probe, errno);
        if (bind(probe, (const struct sockaddr *)&listening.address, listening.n_address) == 0)
                return false;
        assert_int_equal(errno, EADDRINUSE);
        return true;
}

int fake_l2cap_call(const struct l2cap_end *central)
{
        int fd;

        if (!fake_l2cap_listens())
                return -ECONNREFUSED;
        fd = socket(AF_UNIX, PACKETS, 0);
        assert_return_code(fd, errno);
        assert_return_code(
                connect(fd, (const struct sockaddr *)&listening.address, listening.n_address),
                errno);
        assert_true(listening.n_calls < CALLS_MAX);
        listening.calls[listening.n_calls++] = *central;
        return fd;
}
