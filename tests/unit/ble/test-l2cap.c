/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ble/l2cap.h"

static const struct l2cap_end own = {"00:11:22:33:44:5F", false};
static const struct l2cap_end peer = {"66:77:88:99:AA:BB", true};

/* A kernel that does what it is asked, or not, whatever the machine has. */
static struct {
        int socket_error, bind_error, mtu_error, connect_error, listen_error;
        int domain, type;
        uint8_t address[32], peer[32]; /* as given to bind(), and to connect() */
        socklen_t n_address, n_peer;
        uint16_t mtu;      /* that this side takes, */
        uint16_t far_mtu;  /* and the other one */
        int pending_error; /* SO_ERROR */
        unsigned n_listens;
        const uint8_t *caller; /* whom accept4() accepts; NULL: there is nobody */
        int fd;                /* the newest socket */
} kernel;

/* What the linker calls them, see ld(1), --wrap. */
int __wrap_socket(int domain, int type, int protocol);
int __wrap_bind(int fd, const struct sockaddr *address, socklen_t n_address);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t n_value);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *n_value);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t n_address);
int __wrap_listen(int fd, int backlog);
int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *n_address, int flags);
int __real_socket(int domain, int type, int protocol);

/* 0, or -1 and errno. */
static int done(int error)
{
        errno = error;
        return error ? -1 : 0;
}

int __wrap_socket(int domain, int type, int protocol)
{
        kernel.domain = domain;
        kernel.type = type;
        assert_int_equal(protocol, 0);
        kernel.fd = done(kernel.socket_error) ? -1 : __real_socket(AF_UNIX, type, 0);
        return kernel.fd;
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t n_address)
{
        assert_int_equal(fd, kernel.fd);
        assert_true(n_address <= sizeof(kernel.address));
        memcpy(kernel.address, address, n_address);
        kernel.n_address = n_address;
        return done(kernel.bind_error);
}

/* Both are about the MTU, which the kernel reads and writes as 16 bits. */
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t n_value)
{
        assert_int_equal(fd, kernel.fd);
        assert_int_equal(level, 274); /* SOL_BLUETOOTH */
        assert_int_equal(name, 13);   /* BT_RCVMTU */
        assert_int_equal(n_value, sizeof(kernel.mtu));
        memcpy(&kernel.mtu, value, sizeof(kernel.mtu));
        return done(kernel.mtu_error);
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *n_value)
{
        if (fd < 0)
                return done(EBADF);
        if (level == SOL_SOCKET && name == SO_ERROR) {
                assert_int_equal(*n_value, sizeof(int));
                memcpy(value, &kernel.pending_error, sizeof(int));
                return 0;
        }
        assert_int_equal(level, 274);
        assert_int_equal(name, 12); /* BT_SNDMTU */
        assert_int_equal(*n_value, sizeof(kernel.far_mtu));
        memcpy(value, &kernel.far_mtu, sizeof(kernel.far_mtu));
        return done(kernel.mtu_error);
}

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t n_address)
{
        assert_int_equal(fd, kernel.fd);
        assert_true(n_address <= sizeof(kernel.peer));
        memcpy(kernel.peer, address, n_address);
        kernel.n_peer = n_address;
        return done(kernel.connect_error);
}

int __wrap_listen(int fd, int backlog)
{
        assert_int_equal(fd, kernel.fd);
        assert_true(backlog > 0);
        kernel.n_listens++;
        return done(kernel.listen_error);
}

int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *n_address, int flags)
{
        if (fd < 0)
                return done(EBADF);
        if (!kernel.caller)
                return done(EAGAIN);
        assert_int_equal(*n_address, 14);
        assert_int_equal(flags, SOCK_NONBLOCK | SOCK_CLOEXEC);
        memcpy(address, kernel.caller, 14);
        return 1000;
}

static int setup(void **state)
{
        (void)state;
        memset(&kernel, 0, sizeof(kernel));
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
        assert_int_equal(l2cap_listen(&own, &fd), 0);
        assert_int_equal(fd, kernel.fd);
        assert_int_equal(kernel.n_listens, 1);
        assert_int_equal(kernel.mtu, 2048);
        assert_int_equal(kernel.n_address, 14);
        memcpy(&family, kernel.address, sizeof(family));
        assert_int_equal(family, AF_BLUETOOTH);
        assert_memory_equal(kernel.address + 2, psm_and_address, sizeof(psm_and_address));
        assert_int_equal(kernel.address[12], 1); /* public */
        assert_int_equal(close(fd), 0);
}

/* It is under way when it has begun, and may be there at once. */
static void test_l2cap_opens_from_an_adapter_without_a_psm(void **state)
{
        static const uint8_t from[] = {0x00, 0x00, 0x5f, 0x44, 0x33, 0x22, 0x11, 0x00};
        static const uint8_t to[] = {0xe7, 0x00, 0xbb, 0xaa, 0x99, 0x88, 0x77, 0x66};
        static const int errors[] = {EINPROGRESS, 0};

        (void)state;
        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
                int fd = -1;

                kernel.connect_error = errors[i];
                assert_int_equal(l2cap_open(&own, &peer, &fd), 0);
                assert_int_equal(fd, kernel.fd);
                assert_int_equal(kernel.mtu, 2048);
                assert_memory_equal(kernel.address + 2, from, sizeof(from));
                assert_int_equal(kernel.address[12], 1); /* public */
                assert_int_equal(kernel.n_peer, 14);
                assert_memory_equal(kernel.peer + 2, to, sizeof(to));
                assert_int_equal(kernel.peer[12], 2); /* random */
                assert_int_equal(close(fd), 0);
        }
        assert_int_equal(kernel.n_listens, 0);
}

static void test_l2cap_what_fails_leaves_no_socket(void **state)
{
        static int *const errors[] = {&kernel.bind_error, &kernel.mtu_error, &kernel.connect_error,
                                      &kernel.listen_error};

        (void)state;
        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
                int fd = -1;

                *errors[i] = EACCES;
                if (errors[i] != &kernel.listen_error) {
                        assert_int_equal(l2cap_open(&own, &peer, &fd), -EACCES);
                        expect_no_socket();
                }
                if (errors[i] != &kernel.connect_error) {
                        assert_int_equal(l2cap_listen(&own, &fd), -EACCES);
                        expect_no_socket();
                }
                assert_int_equal(fd, -1);
                *errors[i] = 0;
        }
}

/* Open, with a peer that takes whole messages; else with what keeps it from being that. */
static void test_l2cap_opened_tells_what_came_of_it(void **state)
{
        static const struct {
                int pending_error, mtu_error;
                uint16_t far_mtu;
                int expected;
        } cases[] = {
                {.far_mtu = 2048, .expected = 0},
                {.far_mtu = 65535, .expected = 0},
                {.far_mtu = 2047, .expected = -EMSGSIZE},
                {.far_mtu = 23, .expected = -EMSGSIZE},
                {.pending_error = ECONNREFUSED, .far_mtu = 2048, .expected = -ECONNREFUSED},
                {.mtu_error = ENOTCONN, .far_mtu = 2048, .expected = -ENOTCONN},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                kernel.pending_error = cases[i].pending_error;
                kernel.mtu_error = cases[i].mtu_error;
                kernel.far_mtu = cases[i].far_mtu;
                assert_int_equal(l2cap_opened(0), cases[i].expected);
        }
        assert_int_equal(l2cap_opened(-1), -EBADF);
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

static void test_l2cap_accepts_who_has_come(void **state)
{
        static const uint8_t callers[][14] = {
                {0, 0, 0xe7, 0x00, 0x5f, 0x44, 0x33, 0x22, 0x11, 0x00, 0, 0, 1},
                {0, 0, 0xe7, 0x00, 0xbb, 0xaa, 0x99, 0x88, 0x77, 0x66, 0, 0, 2},
        };
        const struct l2cap_end *const ends[] = {&own, &peer};
        struct l2cap_end end;
        int fd = -1;

        (void)state;
        assert_int_equal(l2cap_accept(-1, &end, &fd), -EBADF);
        assert_int_equal(l2cap_accept(0, &end, &fd), -EAGAIN);
        assert_int_equal(fd, -1);
        for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
                kernel.caller = callers[i];
                assert_int_equal(l2cap_accept(0, &end, &fd), 0);
                assert_int_equal(fd, 1000);
                assert_true(l2cap_end_equal(&end, ends[i]));
        }
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
                cmocka_unit_test_setup(test_l2cap_what_fails_leaves_no_socket, setup),
                cmocka_unit_test_setup(test_l2cap_opened_tells_what_came_of_it, setup),
                cmocka_unit_test_setup(test_l2cap_accepts_who_has_come, setup),
                cmocka_unit_test_setup(test_l2cap_end_of_an_object_needs_address_and_type, setup),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
