/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/passed.h"

/* Puts a socket of this type at a descriptor. */
static void put(int type, int at)
{
        int fd = socket(AF_UNIX, type, 0);

        assert_true(fd >= 0);
        if (fd == at)
                return;
        assert_int_equal(dup2(fd, at), at);
        (void)close(fd);
}

/* As systemd says it to a process. */
static void pass(const char *n)
{
        char pid[16];

        (void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
        assert_int_equal(setenv("LISTEN_PID", pid, 1), 0);
        assert_int_equal(setenv("LISTEN_FDS", n, 1), 0);
}

static void test_passed_one_socket_is_the_connection(void **state)
{
        (void)state;
        put(SOCK_SEQPACKET, 3);
        pass("1");
        assert_int_equal(passed_connection(), 3);
        assert_null(getenv("LISTEN_FDS"));
}

static void test_passed_another_socket_or_several_are_none(void **state)
{
        (void)state;
        put(SOCK_SEQPACKET, STDIN_FILENO);
        put(SOCK_STREAM, 3);
        pass("1");
        assert_int_equal(passed_connection(), -1);
        put(SOCK_SEQPACKET, 3);
        put(SOCK_SEQPACKET, 4);
        pass("2");
        assert_int_equal(passed_connection(), -1);
}

static void test_passed_without_one_standard_input_may_be_it(void **state)
{
        (void)state;
        put(SOCK_SEQPACKET, STDIN_FILENO);
        assert_int_equal(passed_connection(), STDIN_FILENO);
        put(SOCK_STREAM, STDIN_FILENO);
        assert_int_equal(passed_connection(), -1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_passed_one_socket_is_the_connection),
                cmocka_unit_test(test_passed_another_socket_or_several_are_none),
                cmocka_unit_test(test_passed_without_one_standard_input_may_be_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
