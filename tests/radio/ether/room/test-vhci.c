/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "room/vhci.h"

static const uint8_t created[] = {0xff, 0x00, 0x02, 0x01};

struct fixture {
        sd_event *event;
        int kernel; /* the driver's side */
        int fd;     /* ours, until vhci_new() has it */
        struct vhci *vhci;

        unsigned n_packets, n_lost;
        size_t n_packet;
        uint8_t packet[VHCI_PACKET_MAX];
        int error;
        bool free_when_told;
};

static void on_packet(void *userdata, const uint8_t *packet, size_t n_packet)
{
        struct fixture *f = userdata;

        f->n_packets++;
        f->n_packet = n_packet;
        memcpy(f->packet, packet, n_packet);
        if (f->free_when_told)
                f->vhci = vhci_free(f->vhci);
}

static void on_lost(void *userdata, int error)
{
        struct fixture *f = userdata;

        f->n_lost++;
        f->error = error;
        if (f->free_when_told)
                f->vhci = vhci_free(f->vhci);
}

static const struct vhci_owner owner = {.on_packet = on_packet, .on_lost = on_lost};

static int setup(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));
        int fds[2];

        assert_non_null(f);
        assert_return_code(sd_event_new(&f->event), 0);
        assert_return_code(
                socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), errno);
        f->kernel = fds[0];
        f->fd = fds[1];
        *state = f;
        return 0;
}

static int teardown(void **state)
{
        struct fixture *f = *state;

        (void)vhci_free(f->vhci);
        vhci_settle();
        (void)close(f->kernel);
        (void)sd_event_unref(f->event);
        free(f);
        return 0;
}

static void settle(struct fixture *f)
{
        while (sd_event_run(f->event, 0) > 0)
                continue;
}

static void kernel_says(struct fixture *f, const void *packet, size_t n_packet)
{
        assert_int_equal(send(f->kernel, packet, n_packet, 0), n_packet);
}

static int plug(struct fixture *f)
{
        return vhci_new(f->event, f->fd, &owner, f, &f->vhci);
}

static void plug_well(struct fixture *f)
{
        uint8_t packet[16];

        kernel_says(f, created, sizeof(created));
        assert_int_equal(plug(f), 0);
        assert_int_equal(recv(f->kernel, packet, sizeof(packet), 0), 2);
        assert_memory_equal(packet, "\xff\x00", 2);
}

static void test_vhci_creates_a_controller_and_learns_its_index(void **state)
{
        plug_well(*state);
        assert_int_equal(vhci_index(((struct fixture *)*state)->vhci), 0x0102);
}

static void test_vhci_packets_pass_whole_both_ways(void **state)
{
        struct fixture *f = *state;
        uint8_t command[259], event[] = {0x04, 0x0e, 0x01, 0x01}, heard[32];

        plug_well(f);
        memset(command, 0x5a, sizeof(command));
        command[0] = 0x01;
        kernel_says(f, command, sizeof(command));
        kernel_says(f, command, 4);
        assert_int_equal(sd_event_run(f->event, 0), 1);
        assert_int_equal(f->n_packet, sizeof(command));
        assert_memory_equal(f->packet, command, sizeof(command));
        settle(f);
        assert_int_equal(f->n_packets, 2);
        assert_int_equal(f->n_packet, 4);

        assert_int_equal(vhci_write(f->vhci, event, sizeof(event)), 0);
        assert_int_equal(vhci_write(f->vhci, event, 3), 0);
        assert_int_equal(recv(f->kernel, heard, sizeof(heard), 0), sizeof(event));
        assert_memory_equal(heard, event, sizeof(event));
        assert_int_equal(recv(f->kernel, heard, sizeof(heard), 0), 3);
}

static void test_vhci_loss_of_the_host_is_told_once(void **state)
{
        struct fixture *f = *state;

        plug_well(f);
        assert_int_equal(shutdown(f->kernel, SHUT_RDWR), 0);
        settle(f);
        assert_int_equal(f->n_lost, 1);
        assert_int_equal(f->error, -ENODEV);
}

static void test_vhci_may_be_freed_when_it_tells(void **state)
{
        struct fixture *f = *state;

        f->free_when_told = true;
        plug_well(f);
        kernel_says(f, "\x01\x03\x0c", 4);
        kernel_says(f, "\x01\x03\x0c", 4);
        settle(f);
        assert_int_equal(f->n_packets, 1);
        assert_null(f->vhci);
}

static void test_vhci_freed_is_closed_for_the_host(void **state)
{
        struct fixture *f = *state;
        uint8_t packet[4];

        plug_well(f);
        f->vhci = vhci_free(f->vhci);
        vhci_settle();
        assert_int_equal(recv(f->kernel, packet, sizeof(packet), 0), 0);
}

static void test_vhci_that_answers_otherwise_is_refused(void **state)
{
        struct fixture *f = *state;

        kernel_says(f, "\xff\x01\x00\x00", 4);
        assert_int_equal(plug(f), -EPROTO);
        assert_null(f->vhci);
}

static void test_vhci_that_answers_nothing_is_refused(void **state)
{
        struct fixture *f = *state;

        assert_int_equal(plug(f), -EPROTO);
        assert_null(f->vhci);
}

static void test_vhci_that_is_not_there_is_refused(void **state)
{
        struct fixture *f = *state;

        (void)close(f->fd);
        assert_int_equal(vhci_open("/nowhere/vhci"), -ENOENT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_vhci_creates_a_controller_and_learns_its_index,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(test_vhci_packets_pass_whole_both_ways, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_vhci_loss_of_the_host_is_told_once, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_vhci_may_be_freed_when_it_tells, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_vhci_freed_is_closed_for_the_host, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_vhci_that_answers_otherwise_is_refused, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_vhci_that_answers_nothing_is_refused, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(test_vhci_that_is_not_there_is_refused, setup,
                                                teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
