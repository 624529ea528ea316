/* SPDX-License-Identifier: Apache-2.0 */

/* Everything but the kernel: hosts that speak HCI, controllers, the air, and orders. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <jansson.h>

#include "order/lab.h"
#include "util/defer.h"

#define HUB     0
#define DEVICE  1
#define ANOTHER 2

#define INTERVAL 24  /* 30 ms */
#define TIMEOUT  200 /* 2 s */

#define DISCONNECTION_COMPLETE 0x05
#define COMPLETED_PACKETS      0x13
#define LE_CONNECTION_COMPLETE 0x01
#define LE_ADVERTISING_REPORT  0x02

/* --- what a host does --- */

static void host_begin(struct lab *lab, unsigned host)
{
        static const uint8_t all[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x3f};
        static const uint8_t simple[8] = {0x1f}; /* the LE events of Bluetooth 4.0 */

        lab_command(lab, host, 0x0c03, NULL, 0);
        lab_command(lab, host, 0x0c01, all, sizeof(all));
        lab_command(lab, host, 0x2001, simple, sizeof(simple));
}

static void host_advertise(struct lab *lab, unsigned host)
{
        static const uint8_t parameters[15] = {0xa0, 0x00, 0xa0, 0x00, [13] = 0x07};
        uint8_t data[32] = {4, 3, 0xff, 0xee, (uint8_t)host};

        lab_command(lab, host, 0x2006, parameters, sizeof(parameters));
        lab_command(lab, host, 0x2008, data, sizeof(data));
        lab_command(lab, host, 0x200a, "\x01", 1);
}

/* Without filtering duplicates. */
static void host_scan(struct lab *lab, unsigned host, bool enable)
{
        static const uint8_t parameters[7] = {0x00, 0x10, 0x00, 0x10, 0x00};
        const uint8_t enabled[2] = {enable, 0};

        if (enable)
                lab_command(lab, host, 0x200b, parameters, sizeof(parameters));
        lab_command(lab, host, 0x200c, enabled, sizeof(enabled));
}

static void host_create_connection(struct lab *lab, unsigned host, unsigned peer)
{
        uint8_t parameters[25] = {0x10, 0x00,     0x10, 0x00, 0, 0,      [13] = INTERVAL,
                                  0,    INTERVAL, 0,    0,    0, TIMEOUT};

        room_address(peer, parameters + 6);
        lab_command(lab, host, 0x200d, parameters, sizeof(parameters));
}

/* Waits until it is connected to @peer in @role; the handle. */
static uint16_t host_connected(struct lab *lab, unsigned host, unsigned peer, uint8_t role)
{
        const uint8_t *p = lab_le_event(lab, host, LE_CONNECTION_COMPLETE);
        uint8_t address[6];

        room_address(peer, address);
        assert_int_equal(p[0], 0);
        assert_int_equal(p[3], role);
        assert_memory_equal(p + 5, address, 6);
        assert_int_equal(p[11], INTERVAL);
        assert_int_equal(p[15], TIMEOUT);
        return (uint16_t)(p[1] | p[2] << 8);
}

static void host_disconnected(struct lab *lab, unsigned host, uint16_t handle, uint8_t reason)
{
        const uint8_t *p = lab_event(lab, host, DISCONNECTION_COMPLETE);

        assert_int_equal(p[0], 0);
        assert_int_equal(p[1] | p[2] << 8, handle);
        assert_int_equal(p[3], reason);
}

/* An ATT Write Command of @text to attribute 3, as a whole L2CAP frame. */
static size_t write_command(uint16_t handle, const char *text, uint8_t packet[64])
{
        size_t n = strlen(text);
        const uint8_t start[] = {0x02,
                                 (uint8_t)handle,
                                 (uint8_t)(handle >> 8),
                                 (uint8_t)(n + 7),
                                 0,
                                 (uint8_t)(n + 3),
                                 0,
                                 4,
                                 0,
                                 0x52,
                                 3,
                                 0};

        memcpy(packet, start, sizeof(start));
        memcpy(packet + sizeof(start), text, n);
        return sizeof(start) + n;
}

static void host_write(struct lab *lab, unsigned host, uint16_t handle, const char *text)
{
        uint8_t packet[64];
        size_t n = write_command(handle, text, packet);

        lab_say(lab, host, packet, n);
}

/* Waits for that, letting events pass. */
static void host_is_written(struct lab *lab, unsigned host, uint16_t handle, const char *text)
{
        uint8_t packet[64];
        size_t n = write_command(handle | 0x2000, text, packet);

        do {
                if (!lab_hear(lab, host, 10000))
                        fail_msg("host %u does not get '%s'", host, text);
        } while (lab->packet[0] != 0x02);
        assert_int_equal(lab->n_packet, n);
        assert_memory_equal(lab->packet, packet, n);
}

static void begin(struct lab *lab, unsigned n_hosts)
{
        static const char *const names[] = {"hub", "device", "another", "fourth"};
        char line[32];

        for (unsigned i = 0; i < n_hosts; i++) {
                (void)snprintf(line, sizeof(line), "plug %s", names[i]);
                (void)lab_order(lab, line);
                host_begin(lab, i);
        }
}

struct handles {
        uint16_t central, peripheral;
};

/* The hub to a peer that advertises. */
static struct handles connect_to(struct lab *lab, unsigned peer)
{
        struct handles handles;

        host_create_connection(lab, HUB, peer);
        handles.central = host_connected(lab, HUB, peer, 0);
        handles.peripheral = host_connected(lab, peer, HUB, 1);
        return handles;
}

static struct handles begin_with_link(struct lab *lab)
{
        begin(lab, 2);
        host_advertise(lab, DEVICE);
        return connect_to(lab, DEVICE);
}

static json_int_t counted(struct lab *lab, const char *way, const char *what)
{
        json_t *object = json_loads(lab_order(lab, "counters"), 0, NULL);
        json_t *at = json_object_get(json_object_get(json_object_get(object, "ways"), way), what);
        json_int_t count = json_integer_value(at);

        assert_true(json_is_integer(at));
        json_decref(object);
        return count;
}

/* --- what comes of it --- */

static void test_ether_advertise_scan_connect_write_disconnect(void **state)
{
        struct lab *lab = *state;
        struct handles handles;
        uint8_t address[6];
        const uint8_t *p;

        begin(lab, 2);
        host_advertise(lab, DEVICE);
        (void)lab_order(lab, "signal device>hub -63");
        host_scan(lab, HUB, true);
        p = lab_le_event(lab, HUB, LE_ADVERTISING_REPORT);
        room_address(DEVICE, address);
        assert_int_equal(p[0], 1);
        assert_int_equal(p[1], 0); /* connectable and scannable, undirected */
        assert_memory_equal(p + 3, address, 6);
        assert_int_equal((int8_t)p[10 + p[9]], -63);
        host_scan(lab, HUB, false);

        handles = connect_to(lab, DEVICE);
        assert_non_null(strstr(lab_order(lab, "list"), "hub-device interval=30.00ms latency=0 "
                                                       "timeout=2000ms phy=1M/1M signal=-63\n"));
        host_write(lab, HUB, handles.central, "hello");
        host_is_written(lab, DEVICE, handles.peripheral, "hello");
        p = lab_event(lab, HUB, COMPLETED_PACKETS);
        assert_int_equal(p[1] | p[2] << 8, handles.central);
        assert_int_equal(p[3], 1);
        host_write(lab, DEVICE, handles.peripheral, "hello yourself");
        host_is_written(lab, HUB, handles.central, "hello yourself");
        assert_int_equal(counted(lab, "hub>device", "packets"), 1);
        assert_int_equal(counted(lab, "device>hub", "bytes"), 4 + 3 + 14);

        lab_command(lab, HUB, 0x0406,
                    (uint8_t[]){(uint8_t)handles.central, (uint8_t)(handles.central >> 8), 0x13},
                    3);
        host_disconnected(lab, HUB, handles.central, 0x16);
        host_disconnected(lab, DEVICE, handles.peripheral, 0x13);
}

static void test_ether_links_are_not_crossed(void **state)
{
        struct lab *lab = *state;
        struct handles device, another;

        begin(lab, 3);
        host_advertise(lab, DEVICE);
        host_advertise(lab, ANOTHER);
        device = connect_to(lab, DEVICE);
        another = connect_to(lab, ANOTHER);
        assert_int_not_equal(device.central, another.central);
        host_write(lab, HUB, another.central, "to another");
        host_write(lab, HUB, device.central, "to device");
        host_is_written(lab, DEVICE, device.peripheral, "to device");
        host_is_written(lab, ANOTHER, another.peripheral, "to another");
        host_write(lab, ANOTHER, another.peripheral, "from another");
        host_is_written(lab, HUB, another.central, "from another");
        host_write(lab, DEVICE, device.peripheral, "from device");
        host_is_written(lab, HUB, device.central, "from device");
}

static void test_ether_link_is_dropped_at_the_nth_packet(void **state)
{
        struct lab *lab = *state;
        struct handles handles = begin_with_link(lab);

        (void)lab_order(lab, "drop hub>device 3");
        for (unsigned i = 0; i < 5; i++)
                host_write(lab, HUB, handles.central, "again");
        host_is_written(lab, DEVICE, handles.peripheral, "again");
        host_is_written(lab, DEVICE, handles.peripheral, "again");
        host_disconnected(lab, DEVICE, handles.peripheral, 0x08);
        host_disconnected(lab, HUB, handles.central, 0x08);
        assert_int_equal(counted(lab, "hub>device", "packets"), 2);
        host_advertise(lab, DEVICE);
        (void)connect_to(lab, DEVICE);
}

/* The device's host still says what it has to say, and nobody hears that. */
static void test_ether_order_is_done_at_the_nth_message(void **state)
{
        struct lab *lab = *state;
        struct handles handles = begin_with_link(lab);

        (void)lab_order(lab, "at hub>device 3 mute device");
        for (unsigned i = 0; i < 5; i++)
                host_write(lab, HUB, handles.central, "again");
        host_is_written(lab, DEVICE, handles.peripheral, "again");
        host_is_written(lab, DEVICE, handles.peripheral, "again");
        host_disconnected(lab, DEVICE, handles.peripheral, 0x08);
        host_disconnected(lab, HUB, handles.central, 0x08);
        assert_int_equal(counted(lab, "hub>device", "packets"), 2);
        assert_int_equal(counted(lab, "hub>device", "stops"), 1);
}

static void test_ether_another_order_takes_the_place_of_one_that_waits(void **state)
{
        struct lab *lab = *state;
        struct handles handles = begin_with_link(lab);

        (void)lab_order(lab, "at hub>device 1 mute device");
        (void)lab_order(lab, "at device>hub 2 unplug hub");
        host_write(lab, HUB, handles.central, "there");
        host_is_written(lab, DEVICE, handles.peripheral, "there");
        host_write(lab, DEVICE, handles.peripheral, "and back");
        host_is_written(lab, HUB, handles.central, "and back");
        host_write(lab, DEVICE, handles.peripheral, "once more");
        host_disconnected(lab, DEVICE, handles.peripheral, 0x08);
        assert_int_equal(counted(lab, "device>hub", "packets"), 1);
}

static void test_ether_link_that_is_cut_tells_both(void **state)
{
        struct lab *lab = *state;
        struct handles handles = begin_with_link(lab);

        (void)lab_order(lab, "cut device-hub 0x3d");
        host_disconnected(lab, DEVICE, handles.peripheral, 0x3d);
        host_disconnected(lab, HUB, handles.central, 0x3d);
        (void)lab_refused(lab, "cut device-hub", "no_link");
}

static void test_ether_data_is_held_and_released(void **state)
{
        struct lab *lab = *state;
        struct handles handles = begin_with_link(lab);

        (void)lab_order(lab, "hold hub>device");
        host_write(lab, HUB, handles.central, "late");
        assert_false(lab_hear(lab, DEVICE, 50)); /* 5 s, more than the link's timeout */
        host_write(lab, DEVICE, handles.peripheral, "meanwhile");
        host_is_written(lab, HUB, handles.central, "meanwhile");
        (void)lab_order(lab, "release hub>device");
        host_is_written(lab, DEVICE, handles.peripheral, "late");
}

static void test_ether_connection_request_is_refused_once(void **state)
{
        struct lab *lab = *state;
        uint16_t handle;

        begin(lab, 2);
        (void)lab_order(lab, "refuse hub>device");
        host_advertise(lab, DEVICE);
        host_create_connection(lab, HUB, DEVICE);
        handle = host_connected(lab, HUB, DEVICE, 0);
        host_disconnected(lab, HUB, handle, 0x3e);
        (void)connect_to(lab, DEVICE);
}

static void test_ether_unplugged_is_a_link_lost_and_can_be_plugged_again(void **state)
{
        struct lab *lab = *state;
        struct handles handles = begin_with_link(lab);

        (void)lab_order(lab, "unplug device");
        host_disconnected(lab, HUB, handles.central, 0x08);
        assert_string_equal(lab_order(lab, "plug device"), "device hci2 00:AA:01:00:00:01\n");
        host_begin(lab, 2);
        host_advertise(lab, 2);
        host_create_connection(lab, HUB, DEVICE);
        handles.central = host_connected(lab, HUB, DEVICE, 0);
        handles.peripheral = host_connected(lab, 2, HUB, 1);
        host_write(lab, HUB, handles.central, "welcome back");
        host_is_written(lab, 2, handles.peripheral, "welcome back");
}

static void test_ether_muted_link_is_lost_by_both(void **state)
{
        struct lab *lab = *state;
        struct handles handles = begin_with_link(lab);

        (void)lab_order(lab, "after 100ms mute device");
        host_disconnected(lab, HUB, handles.central, 0x08);
        host_disconnected(lab, DEVICE, handles.peripheral, 0x08);
}

static void test_ether_frozen_host_misses_nothing(void **state)
{
        struct lab *lab = *state;
        struct handles handles = begin_with_link(lab);

        (void)lab_order(lab, "freeze device");
        host_write(lab, HUB, handles.central, "one");
        host_write(lab, HUB, handles.central, "two");
        host_write(lab, DEVICE, handles.peripheral, "from the cold");
        assert_false(lab_hear(lab, DEVICE, 50));
        (void)lab_order(lab, "thaw device");
        host_is_written(lab, DEVICE, handles.peripheral, "one");
        host_is_written(lab, DEVICE, handles.peripheral, "two");
        host_is_written(lab, HUB, handles.central, "from the cold");
}

static void test_ether_loss_delays_and_loses_nothing(void **state)
{
        struct lab *lab = *state;
        struct handles handles = begin_with_link(lab);
        char text[16];

        (void)lab_order(lab, "loss hub-device 0.2");
        for (unsigned i = 0; i < 100; i++) {
                (void)snprintf(text, sizeof(text), "message %u", i);
                host_write(lab, HUB, handles.central, text);
                host_is_written(lab, DEVICE, handles.peripheral, text);
        }
        assert_int_equal(counted(lab, "hub>device", "packets"), 100);
        assert_true(counted(lab, "hub>device", "lost") > 0);
}

static void test_ether_record_has_the_conversation(void **state)
{
        struct lab *lab = *state;
        char path[] = "/tmp/test-ether-XXXXXX", line[64];
        uint8_t bytes[4096];
        FILE *file;
        size_t n;

        assert_return_code(close(mkstemp(path)), errno);
        (void)lab_order(lab, "plug hub");
        (void)snprintf(line, sizeof(line), "record hub %s", path);
        (void)lab_order(lab, line);
        host_begin(lab, HUB);
        (void)lab_order(lab, "record hub off");
        file = fopen(path, "re");
        assert_non_null(file);
        n = fread(bytes, 1, sizeof(bytes), file);
        (void)fclose(file);
        assert_return_code(unlink(path), errno);
        /* Three commands with 0, 8 and 8 bytes of parameters, and three events that complete them.
         */
        assert_int_equal(n, 16 + 6 * 24 + (4 + 12 + 12) + 3 * 7);
        assert_memory_equal(bytes + 40, "\x01\x03\x0c\x00", 4);
}

/* Reports of a flood through a lossy air, as the hub's host hears them from the beginning. */
static void reports_of(uint64_t seed, uint8_t *reports, size_t n_reports)
{
        struct lab *lab = lab_new(seed, 100);

        begin(lab, 2);
        host_advertise(lab, DEVICE);
        host_scan(lab, HUB, true);
        (void)lab_order(lab, "loss device>hub 0.5");
        (void)lab_order(lab, "after 500ms flood 3 20 -80");
        (void)lab_order(lab, "after 2s flood 0");
        assert_return_code(room_start(lab->room), 0);
        for (size_t i = 0; i < n_reports; i++) {
                (void)lab_le_event(lab, HUB, LE_ADVERTISING_REPORT);
                memcpy(reports + i * 16, lab->packet, 16);
        }
        (void)lab_free(lab);
}

static void test_ether_same_seed_and_orders_have_the_same_luck(void **state)
{
        uint8_t once[60 * 16], again[60 * 16], otherwise[60 * 16];

        (void)state;
        reports_of(7, once, 60);
        reports_of(7, again, 60);
        reports_of(8, otherwise, 60);
        assert_memory_equal(once, again, sizeof(once));
        assert_memory_not_equal(once, otherwise, sizeof(once));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, lab_setup, lab_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_ether_advertise_scan_connect_write_disconnect),
                TEST(test_ether_links_are_not_crossed),
                TEST(test_ether_link_is_dropped_at_the_nth_packet),
                TEST(test_ether_order_is_done_at_the_nth_message),
                TEST(test_ether_another_order_takes_the_place_of_one_that_waits),
                TEST(test_ether_link_that_is_cut_tells_both),
                TEST(test_ether_data_is_held_and_released),
                TEST(test_ether_connection_request_is_refused_once),
                TEST(test_ether_unplugged_is_a_link_lost_and_can_be_plugged_again),
                TEST(test_ether_muted_link_is_lost_by_both),
                TEST(test_ether_frozen_host_misses_nothing),
                TEST(test_ether_loss_delays_and_loses_nothing),
                TEST(test_ether_record_has_the_conversation),
                cmocka_unit_test(test_ether_same_seed_and_orders_have_the_same_luck),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
