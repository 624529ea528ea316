/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/packet.h"

#define FDS_MAX 8

static int ends[2];

static int setup(void **state)
{
        (void)state;
        return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int teardown(void **state)
{
        (void)state;
        (void)close(ends[0]);
        (void)close(ends[1]);
        return 0;
}

/* Sends "hello" with so many descriptors of the same pipe, and closes its own of the writing end.
 * The reading end says when all others are closed, too. */
static int send_with(size_t n_fds)
{
        char control[CMSG_SPACE(FDS_MAX * sizeof(int))] __attribute__((aligned(8))) = {0};
        struct iovec data = {(char[]){"hello"}, 5};
        struct msghdr message = {.msg_iov = &data,
                                 .msg_iovlen = 1,
                                 .msg_control = control,
                                 .msg_controllen = CMSG_SPACE(n_fds * sizeof(int))};
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        int fds[2];

        assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
        for (size_t i = 0; i < n_fds; i++)
                memcpy(CMSG_DATA(c) + i * sizeof(int), &fds[1], sizeof(int));
        assert_int_equal(sendmsg(ends[0], &message, MSG_NOSIGNAL), 5);
        (void)close(fds[1]);
        return fds[0];
}

static int receive(size_t size, size_t *ret_n, int *ret_fd)
{
        char packet[16] = "";
        int r = packet_receive(ends[1], packet, size, ret_n, ret_fd);

        if (r == 0)
                assert_memory_equal(packet, "hello", 5);
        return r;
}

static void test_packet_comes_alone_or_with_a_descriptor(void **state)
{
        int fd = -2, reading;
        size_t n = 0;
        char byte;

        (void)state;
        assert_int_equal(send(ends[0], "hello", 5, 0), 5);
        assert_int_equal(receive(5, &n, &fd), 0);
        assert_int_equal(n, 5);
        assert_int_equal(fd, -1);
        reading = send_with(1);
        assert_int_equal(receive(16, &n, &fd), 0);
        assert_int_equal(n, 5);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        assert_int_equal(write(fd, "x", 1), 1);
        assert_int_equal(read(reading, &byte, 1), 1);
        (void)close(fd);
        (void)close(reading);
}

/* A pipe of which nobody holds the writing end is at its end; otherwise it would be empty. */
static void test_packet_that_is_refused_leaves_no_descriptor(void **state)
{
        int fd = -2, reading;
        size_t n = 7;
        char byte;

        (void)state;
        for (size_t n_fds = 2; n_fds <= FDS_MAX; n_fds++) {
                reading = send_with(n_fds);
                assert_int_equal(receive(16, &n, &fd), -EBADMSG);
                assert_int_equal(read(reading, &byte, 1), 0);
                (void)close(reading);
        }
        reading = send_with(1);
        assert_int_equal(receive(4, &n, &fd), -EBADMSG); /* it is longer */
        assert_int_equal(read(reading, &byte, 1), 0);
        (void)close(reading);
        assert_int_equal(fd, -2);
        assert_int_equal(n, 7);
}

static void test_packet_is_sent_alone_or_with_a_descriptor(void **state)
{
        int fd = -2;
        size_t n = 0;

        (void)state;
        assert_int_equal(packet_send(ends[0], "hello", 5, -1), 0);
        assert_int_equal(receive(16, &n, &fd), 0);
        assert_int_equal(fd, -1);
        assert_int_equal(packet_send(ends[0], "hello", 5, ends[0]), 0);
        assert_int_equal(receive(16, &n, &fd), 0);
        assert_int_equal(packet_send(fd, "hello", 5, -1), 0);
        (void)close(fd);
        assert_int_equal(receive(16, &n, &fd), 0);
        assert_int_equal(fd, -1);
        (void)close(ends[1]);
        assert_int_equal(packet_send(ends[0], "hello", 5, -1), -EPIPE);
        ends[1] = -1;
}

static void test_packet_connect_reaches_who_listens(void **state)
{
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        int listening = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), fd = -2;

        (void)state;
        (void)snprintf(address.sun_path, sizeof(address.sun_path), "packet-%d.sock", (int)getpid());
        assert_int_equal(packet_connect(&address, &fd), PACKET_E_UNREACHABLE);
        assert_int_equal(errno, ENOENT);
        assert_int_equal(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(packet_connect(&address, &fd), PACKET_E_UNREACHABLE);
        assert_int_equal(errno, ECONNREFUSED);
        assert_int_equal(fd, -2);
        assert_int_equal(listen(listening, 1), 0);
        assert_int_equal(packet_connect(&address, &fd), 0);
        assert_int_equal(unlink(address.sun_path), 0);
        assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
        assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
        (void)close(fd);
        (void)close(listening);
}

static void test_packet_end_and_errors_are_told(void **state)
{
        size_t n;
        int fd;

        (void)state;
        assert_int_equal(shutdown(ends[0], SHUT_WR), 0);
        assert_int_equal(receive(16, &n, &fd), -ECONNRESET);
        assert_int_equal(packet_receive(-1, &(char){0}, 1, &n, &fd), -EBADF);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_packet_comes_alone_or_with_a_descriptor),
                TEST(test_packet_that_is_refused_leaves_no_descriptor),
                TEST(test_packet_is_sent_alone_or_with_a_descriptor),
                TEST(test_packet_connect_reaches_who_listens),
                TEST(test_packet_end_and_errors_are_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
