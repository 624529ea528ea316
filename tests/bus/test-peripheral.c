/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/haste.h"
#include "support/server.h"
#include "util/free.h"

static void linked(struct server *s, struct fixture *f)
{
        server_up(s, f);
        assert_string_equal(server_subscribe(s, MOCK_DEVICE), "");
        assert_int_equal(s->n_links, 1);
        assert_int_equal(s->record.n_messages, 0);
        assert_string_equal(server_write(s, MOCK_DEVICE, "\xc0hello"), "");
        assert_int_equal(s->n_links, 1);
}

static void test_peripheral_advertises_what_it_is_told(void **state)
{
        struct fixture *f = *state;
        struct server s;

        server_up(&s, f);
        server_expect(&s, server_first, true);
        peripheral_advertise(s.peripheral, server_second);
        fixture_until_called(f, &f->mock.register_advertisement.n_calls, 2);
        fixture_settle(f);
        server_expect(&s, server_second, true);
        peripheral_stop(s.peripheral);
        fixture_settle(f);
        server_expect_silence(&s);
        server_stop(&s);
}

static void test_peripheral_last_word_counts(void **state)
{
        struct fixture *f = *state;
        struct server s;

        server_up(&s, f);
        peripheral_stop(s.peripheral);
        peripheral_advertise(s.peripheral, server_second);
        fixture_settle(f);
        server_expect(&s, server_second, true);
        peripheral_advertise(s.peripheral, server_first);
        peripheral_stop(s.peripheral);
        fixture_settle(f);
        server_expect_silence(&s);
        server_stop(&s);
}

static void test_peripheral_without_intervals_advertises_plainly(void **state)
{
        struct fixture *f = *state;
        struct server s;

        f->mock.register_advertisement =
                (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.InvalidArguments"};
        server_up(&s, f);
        server_expect(&s, server_first, false);
        server_stop(&s);
}

static void test_peripheral_link_carries_messages_both_ways(void **state)
{
        struct fixture *f = *state;
        struct server s;
        uint8_t packet[300];

        linked(&s, f);
        server_expect_silence(&s);
        assert_int_equal(s.record.n_messages, 1);
        assert_memory_equal(s.record.message, "hello", 5);
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\x81wor"), "");
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\x42ld"), "");
        assert_int_equal(s.record.n_messages, 2);
        assert_memory_equal(s.record.message, "world", 5);

        assert_int_equal(link_send(s.record.link, (const uint8_t *)"yes", 3), 0);
        assert_int_equal(recv(s.notify_fd, packet, sizeof(packet), 0), 4);
        assert_memory_equal(packet, "\xc0yes", 4);
        server_stop(&s);
        assert_int_equal(f->mock.disconnect.n_calls, 1);
        assert_string_equal(f->mock.advertisement, "");
}

/* Writes a message as a hub does whose packets have this size. */
static void write_message(struct server *s, const uint8_t *message, size_t n_message, size_t size)
{
        struct fragment_writer writer;
        uint8_t packet[600];

        fragment_writer_init(&writer);
        fragment_writer_start(&writer, message, n_message);
        while (fragment_writer_pending(&writer)) {
                size_t n = fragment_writer_next(&writer, packet, size);

                mock_write(&s->f->mock, MOCK_DEVICE, 247, packet, n, s->error);
                assert_string_equal(s->error, "");
        }
}

/*
 * A notification has two bytes less than ATT allows, so that BlueZ can send it as one of several; a
 * write may have all of them.
 */
static void test_peripheral_every_mtu_carries_full_packets_both_ways(void **state)
{
        struct fixture *f = *state;
        uint8_t message[MESSAGE_MAX], received[MESSAGE_MAX];
        struct server s;

        server_up(&s, f);
        for (unsigned mtu = 23; mtu <= 517; mtu++) {
                size_t n, largest, n_written = mtu < 100 ? 100 : 600;

                mock_subscribe(&f->mock, MOCK_DEVICE, (uint16_t)mtu, s.error, &s.notify_fd);
                assert_string_equal(s.error, "");
                fixture_settle(f);
                assert_int_equal(s.n_links, mtu - 22);

                pattern_fill(message, MESSAGE_MAX, mtu);
                assert_int_equal(link_send(s.record.link, message, MESSAGE_MAX), 0);
                largest = packets_receive(s.notify_fd, received, &n);
                assert_int_equal(n, MESSAGE_MAX);
                assert_memory_equal(received, message, MESSAGE_MAX);
                assert_in_range(largest, mtu < 249 ? mtu - 5 : 244, mtu - 5);

                write_message(&s, message, n_written, mtu - 3);
                fixture_settle(f);
                assert_int_equal(s.record.n_messages, 1);
                assert_int_equal(s.record.n_message, n_written);
                assert_memory_equal(s.record.message, message, n_written);

                s.notify_fd = fd_close(s.notify_fd);
                loop_until(f->event, &s.record.n_lost, 1);
                s.record.link = link_free(s.record.link);
                fixture_settle(f);
        }
        server_stop(&s);
}

static void test_peripheral_writer_must_have_subscribed(void **state)
{
        struct fixture *f = *state;
        struct server s;

        server_up(&s, f);
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc0hello"),
                            "org.bluez.Error.NotPermitted");
        assert_int_equal(s.n_links, 0);
        assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
        assert_string_equal(server_write(&s, SERVER_STRANGER, "\xc0hello"),
                            "org.bluez.Error.NotPermitted");
        assert_int_equal(s.n_links, 1);
        assert_int_equal(s.record.n_messages, 0);
        s.notify_fd = fd_close(s.notify_fd);
        loop_until(f->event, &s.record.n_lost, 1);
        server_stop(&s);
}

/* It would otherwise keep the device from advertising for as long as it likes. */
static void test_peripheral_central_that_does_not_subscribe_is_disconnected(void **state)
{
        struct fixture *f = *state;
        struct server s;

        haste = 100;
        server_up(&s, f);
        mock_device_added(&f->mock);
        mock_device_connected(&f->mock, true);
        fixture_until_called(f, &f->mock.disconnect.n_calls, 1);
        mock_device_connected(&f->mock, false);
        fixture_settle(f);
        server_expect(&s, server_first, true);
        server_stop(&s);
        haste = 1;
}

static void test_peripheral_stranger_cannot_join_a_link(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd = -1;

        linked(&s, f);
        assert_string_equal(server_write(&s, SERVER_STRANGER, "\xc1x"),
                            "org.bluez.Error.NotPermitted");
        mock_subscribe(&f->mock, SERVER_STRANGER, 247, s.error, &fd);
        assert_string_equal(s.error, "org.bluez.Error.NotPermitted");
        assert_int_equal(s.record.n_messages, 1);
        assert_int_equal(s.record.n_lost, 0);
        server_stop(&s);
}

/* Only bluetoothd may call the objects, whoever else is on the bus. */
static void test_peripheral_caller_other_than_bluetoothd_is_denied(void **state)
{
        struct fixture *f = *state;
        struct mock_bluez impostor = f->mock;
        struct server s;

        server_up(&s, f);
        impostor = f->mock;
        impostor.bus = private_bus_connect(f->mock.private_bus, f->event);
        mock_subscribe(&impostor, MOCK_DEVICE, 247, s.error, &s.notify_fd);
        assert_string_equal(s.error, SD_BUS_ERROR_ACCESS_DENIED);
        mock_write(&impostor, MOCK_DEVICE, 247, "\xc0x", 2, s.error);
        assert_string_equal(s.error, SD_BUS_ERROR_ACCESS_DENIED);
        (void)sd_bus_close_unref(impostor.bus);
        server_stop(&s);
}

static void test_peripheral_bad_packets_lose_the_link(void **state)
{
        static const char *const packets[] = {"", "\x01middle", "\xe0x"};
        struct fixture *f = *state;

        for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
                struct server s;

                f->mock.register_advertisement.n_calls = 0;
                linked(&s, f);
                assert_string_equal(server_write(&s, MOCK_DEVICE, packets[i]), "");
                loop_until(f->event, &s.record.n_lost, 1);
                assert_int_equal(s.record.why, REASON_LINK_LOST);
                server_stop(&s);
        }
}

static void vanish_connection(struct mock_bluez *m)
{
        mock_device_connected(m, false);
}

static void test_peripheral_link_is_lost_once_and_another_can_come(void **state)
{
        static void (*const vanish[])(struct mock_bluez * m) = {NULL, vanish_connection,
                                                                mock_device_removed, mock_down};
        struct fixture *f = *state;
        struct server s;

        linked(&s, f);
        for (size_t i = 0; i < sizeof(vanish) / sizeof(vanish[0]); i++) {
                if (vanish[i])
                        vanish[i](&f->mock);
                else
                        s.notify_fd = fd_close(s.notify_fd);
                loop_until(f->event, &s.record.n_lost, 1);
                fixture_settle(f);
                assert_int_equal(s.record.n_lost, 1);
                s.record.link = link_free(s.record.link);
                s.notify_fd = fd_close(s.notify_fd);
                if (!f->mock.bus)
                        break;
                peripheral_advertise(s.peripheral, server_second);
                fixture_settle(f);
                server_expect(&s, server_second, true);
                assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
                assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc0hello"), "");
                assert_int_equal(s.n_links, i + 2);
        }
        server_stop(&s);
}

static void test_peripheral_advertises_only_when_the_connection_has_ended(void **state)
{
        struct fixture *f = *state;
        struct server s;

        linked(&s, f);
        f->mock.disconnect.silent = true;
        s.record.link = link_free(s.record.link);
        peripheral_advertise(s.peripheral, server_second);
        fixture_until_called(f, &f->mock.disconnect.n_calls, 1);
        fixture_settle(f);
        server_expect_silence(&s);
        mock_device_connected(&f->mock, false);
        fixture_settle(f);
        server_expect(&s, server_second, true);
        server_stop(&s);
}

static void test_peripheral_registers_again_when_bluetoothd_returns(void **state)
{
        struct fixture *f = *state;
        struct server s;

        server_up(&s, f);
        for (unsigned round = 0; round < 3; round++) {
                mock_down(&f->mock);
                fixture_until_told(f, REASON_BLUETOOTH_DOWN);
                mock_up(&f->mock);
                fixture_until_told(f, REASON_NONE);
                fixture_settle(f);
                server_expect(&s, server_first, true);
        }
        server_stop(&s);
}

static void test_peripheral_bluetoothd_gone_at_each_stage_is_survived(void **state)
{
        struct fixture *f = *state;
        struct mock_verb *const verbs[] = {&f->mock.register_application,
                                           &f->mock.register_advertisement,
                                           &f->mock.unregister_advertisement};

        for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
                struct server s;

                *verbs[i] = (struct mock_verb){.silent = true};
                server_start(&s, f);
                peripheral_advertise(s.peripheral, server_first);
                if (i == 2) {
                        fixture_settle(f);
                        peripheral_stop(s.peripheral);
                }
                fixture_until_called(f, &verbs[i]->n_calls, 1);
                fixture_settle(f);
                mock_down(&f->mock);
                fixture_settle(f);
                *verbs[i] = (struct mock_verb){0};
                mock_up(&f->mock);
                peripheral_advertise(s.peripheral, server_second);
                fixture_settle(f);
                server_expect(&s, server_second, true);
                server_stop(&s);
        }
}

static void test_peripheral_adapter_off_or_gone_is_survived(void **state)
{
        struct fixture *f = *state;
        struct server s;

        server_up(&s, f);
        mock_adapter_powered(&f->mock, false);
        fixture_settle(f);
        assert_int_equal(f->mock.set_powered.n_calls, 1);
        server_expect(&s, server_first, true);

        /* It has been switched on once; a second time is the person's wish. */
        mock_adapter_powered(&f->mock, false);
        fixture_until_told(f, REASON_ADAPTER_OFF);
        fixture_settle(f);
        server_expect_silence(&s);
        mock_adapter_powered(&f->mock, true);
        fixture_until_told(f, REASON_NONE);
        fixture_settle(f);
        server_expect(&s, server_first, true);

        mock_adapter_removed(&f->mock);
        fixture_until_told(f, REASON_ADAPTER_MISSING);
        mock_adapter_added(&f->mock);
        fixture_until_told(f, REASON_NONE);
        fixture_settle(f);
        server_expect(&s, server_first, true);
        server_stop(&s);
}

static void test_peripheral_refused_application_is_tried_again(void **state)
{
        struct fixture *f = *state;
        struct server s;

        f->mock.register_application =
                (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Failed"};
        server_start(&s, f);
        fixture_until_told(f, REASON_ADAPTER_BUSY);
        fixture_until_told(f, REASON_NONE);
        assert_int_equal(f->mock.register_application.n_calls, 2);
        server_stop(&s);
}

/* Each refusal also costs the attempt without intervals. */
static void test_peripheral_refused_advertisement_is_tried_again_in_full(void **state)
{
        static const char *const errors[] = {"org.bluez.Error.Rejected", "org.bluez.Error.NotReady",
                                             "org.bluez.Error.Failed"};
        struct fixture *f = *state;

        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
                struct server s;

                f->mock.register_advertisement =
                        (struct mock_verb){.n_fail = 2, .error = errors[i]};
                server_start(&s, f);
                peripheral_advertise(s.peripheral, server_first);
                fixture_until_called(f, &f->mock.register_advertisement.n_calls, 3);
                fixture_settle(f);
                server_expect(&s, server_first, true);
                server_stop(&s);
        }
}

/* What was learnt of the BlueZ that died says nothing of the next one. */
static void test_peripheral_refused_before_bluetoothd_died_advertises_in_full_after(void **state)
{
        struct fixture *f = *state;
        struct server s;

        f->mock.register_advertisement =
                (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Failed"};
        server_up(&s, f);
        server_expect(&s, server_first, false);
        mock_down(&f->mock);
        fixture_settle(f);
        mock_up(&f->mock);
        fixture_until_called(f, &f->mock.register_advertisement.n_calls, 3);
        fixture_settle(f);
        server_expect(&s, server_first, true);
        server_stop(&s);
}

static void test_peripheral_bluetoothd_gone_while_a_connection_ends_is_survived(void **state)
{
        struct fixture *f = *state;
        struct server s;

        linked(&s, f);
        f->mock.disconnect.silent = true;
        s.record.link = link_free(s.record.link);
        peripheral_advertise(s.peripheral, server_second);
        fixture_until_called(f, &f->mock.disconnect.n_calls, 1);
        mock_down(&f->mock);
        fixture_settle(f);
        mock_up(&f->mock);
        fixture_settle(f);
        server_expect(&s, server_second, true);
        server_stop(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                fixture_test(test_peripheral_advertises_what_it_is_told),
                fixture_test(test_peripheral_last_word_counts),
                fixture_test(test_peripheral_without_intervals_advertises_plainly),
                fixture_test(test_peripheral_link_carries_messages_both_ways),
                fixture_test(test_peripheral_every_mtu_carries_full_packets_both_ways),
                fixture_test(test_peripheral_writer_must_have_subscribed),
                fixture_test(test_peripheral_central_that_does_not_subscribe_is_disconnected),
                fixture_test(test_peripheral_stranger_cannot_join_a_link),
                fixture_test(test_peripheral_caller_other_than_bluetoothd_is_denied),
                fixture_test(test_peripheral_bad_packets_lose_the_link),
                fixture_test(test_peripheral_link_is_lost_once_and_another_can_come),
                fixture_test(test_peripheral_advertises_only_when_the_connection_has_ended),
                fixture_test(test_peripheral_registers_again_when_bluetoothd_returns),
                fixture_test(test_peripheral_bluetoothd_gone_at_each_stage_is_survived),
                fixture_test(test_peripheral_adapter_off_or_gone_is_survived),
                fixture_test(test_peripheral_refused_application_is_tried_again),
                fixture_test(test_peripheral_refused_advertisement_is_tried_again_in_full),
                fixture_test(
                        test_peripheral_refused_before_bluetoothd_died_advertises_in_full_after),
                fixture_test(test_peripheral_bluetoothd_gone_while_a_connection_ends_is_survived),
        };
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
