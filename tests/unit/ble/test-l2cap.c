/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>

#include "ble/l2cap.h"

static const struct l2cap_end own = {"00:11:22:33:44:5F", false};
static const struct l2cap_end peer = {"66:77:88:99:AA:BB", true};

/* A kernel that does not do what it is asked, whatever the machine has. */
static struct {
        int socket_error, bind_error;
        int domain, type;
        uint8_t address[32];
        socklen_t n_address;
        int fd; /* the newest socket */
} kernel;

/* What the linker calls them, see ld(1), --wrap. */
int __wrap_socket(int domain, int type, int protocol);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t n_address);
int __real_socket(int domain, int type, int protocol);

int __wrap_socket(int domain, int type, int protocol)
{
        kernel.domain = domain;
        kernel.type = type;
        assert_int_equal(protocol, 0);
        errno = kernel.socket_error;
        kernel.fd = kernel.socket_error ? -1 : __real_socket(AF_UNIX, type, 0);
        return kernel.fd;
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t n_address)
{
        assert_int_equal(fd, kernel.fd);
        assert_true(n_address <= sizeof(kernel.address));
        memcpy(kernel.address, address, n_address);
        kernel.n_address = n_address;
        errno = kernel.bind_error;
        return -1;
}

static int setup(void **state)
{
        (void)state;
        memset(&kernel, 0, sizeof(kernel));
        kernel.bind_error = EACCES;
        return 0;
}

static void expect_no_socket(void)
{
        assert_int_equal(recv(kernel.fd, NULL, 0, MSG_DONTWAIT), -1);
        assert_int_equal(errno, EBADF);
}

static void test_l2cap_kernel_without_bluetooth_is_told(void **state)
{
        int fd = -1;

        (void)state;
        kernel.socket_error = EAFNOSUPPORT;
        assert_int_equal(l2cap_open(&own, &peer, &fd), -EAFNOSUPPORT);
        assert_int_equal(l2cap_listen(&own, &fd), -EAFNOSUPPORT);
        assert_int_equal(fd, -1);
        assert_int_equal(kernel.domain, AF_BLUETOOTH);
        assert_int_equal(kernel.type, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static void test_l2cap_psm_in_use_is_told(void **state)
{
        int fd = -1;

        (void)state;
        kernel.bind_error = EADDRINUSE;
        assert_int_equal(l2cap_listen(&own, &fd), -EADDRINUSE);
        assert_int_equal(fd, -1);
        expect_no_socket();
}

/* The address with its last byte first, and the PSM in little-endian, on any machine. */
static void test_l2cap_listens_on_the_psm_of_its_adapter(void **state)
{
        static const uint8_t psm_and_address[] = {0xe7, 0x00, 0x5f, 0x44, 0x33, 0x22, 0x11, 0x00};
        sa_family_t family;
        int fd = -1;

        (void)state;
        assert_int_equal(l2cap_listen(&own, &fd), -EACCES);
        assert_int_equal(kernel.n_address, 14);
        memcpy(&family, kernel.address, sizeof(family));
        assert_int_equal(family, AF_BLUETOOTH);
        assert_memory_equal(kernel.address + 2, psm_and_address, sizeof(psm_and_address));
        assert_int_equal(kernel.address[12], 1); /* public */
}

static void test_l2cap_opens_from_an_adapter_without_a_psm(void **state)
{
        static const uint8_t psm_and_address[] = {0x00, 0x00, 0xbb, 0xaa, 0x99, 0x88, 0x77, 0x66};
        int fd = -1;

        (void)state;
        assert_int_equal(l2cap_open(&peer, &own, &fd), -EACCES);
        assert_memory_equal(kernel.address + 2, psm_and_address, sizeof(psm_and_address));
        assert_int_equal(kernel.address[12], 2); /* random */
        expect_no_socket();
}

static void test_l2cap_what_is_no_address_is_refused(void **state)
{
        static const struct l2cap_end none = {"", false}, half = {"00:11:22", true};
        int fd = -1;

        (void)state;
        assert_int_equal(l2cap_listen(&none, &fd), -EADDRNOTAVAIL);
        assert_int_equal(l2cap_open(&half, &peer, &fd), -EADDRNOTAVAIL);
        assert_int_equal(l2cap_open(&own, &half, &fd), -EADDRNOTAVAIL);
        assert_int_equal(fd, -1);
}

static void test_l2cap_nothing_to_accept_is_told(void **state)
{
        struct l2cap_end end;
        int fd = -1;

        (void)state;
        assert_int_equal(l2cap_accept(-1, &end, &fd), -EBADF);
        assert_int_equal(l2cap_opened(-1), -EBADF);
        assert_int_equal(fd, -1);
}

static void test_l2cap_end_of_an_object_needs_address_and_type(void **state)
{
        struct bluez_object object = {.address = "66:77:88:99:AA:BB", .random_address = true};
        struct l2cap_end end;

        (void)state;
        assert_false(l2cap_end_of(&object, &end));
        object.has = BLUEZ_HAS_ADDRESS;
        assert_false(l2cap_end_of(&object, &end));
        object.has = BLUEZ_HAS_ADDRESS_TYPE;
        assert_false(l2cap_end_of(&object, &end));
        object.has = BLUEZ_HAS_ADDRESS | BLUEZ_HAS_ADDRESS_TYPE;
        assert_true(l2cap_end_of(&object, &end));
        assert_true(l2cap_end_equal(&end, &peer));
        end.random = false;
        assert_false(l2cap_end_equal(&end, &peer));
        assert_false(l2cap_end_equal(&own, &peer));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_l2cap_kernel_without_bluetooth_is_told, setup),
                cmocka_unit_test_setup(test_l2cap_psm_in_use_is_told, setup),
                cmocka_unit_test_setup(test_l2cap_listens_on_the_psm_of_its_adapter, setup),
                cmocka_unit_test_setup(test_l2cap_opens_from_an_adapter_without_a_psm, setup),
                cmocka_unit_test_setup(test_l2cap_what_is_no_address_is_refused, setup),
                cmocka_unit_test_setup(test_l2cap_nothing_to_accept_is_told, setup),
                cmocka_unit_test_setup(test_l2cap_end_of_an_object_needs_address_and_type, setup),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
