/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>

#include "support/fake-l2cap.h"
#include "support/haste.h"
#include "support/server.h"
#include "util/free.h"

/* The mock's device as a central, and another. */
static const struct l2cap_end central = {"00:11:22:33:44:55", true};
static const struct l2cap_end stranger = {"66:77:88:99:AA:BB", true};

/* A server that takes channels, and its central is connected. */
static void server_connected(struct server *s, struct fixture *f)
{
        server_up(s, f);
        peripheral_offer_channel(s->peripheral);
        mock_device_added(&f->mock);
        mock_device_connected(&f->mock, true);
        fixture_settle(f);
}

/* Opens a channel; the central's end. */
static int channel_open(struct server *s, const struct l2cap_end *end)
{
        int fd = fake_l2cap_call(end);

        assert_return_code(fd, -fd);
        fixture_settle(s->f);
        return fd;
}

static void channel_say(struct server *s, int fd, const char *message)
{
        assert_int_equal(send(fd, message, strlen(message), MSG_NOSIGNAL), strlen(message));
        fixture_settle(s->f);
}

static void expect_open(int fd)
{
        char byte;

        assert_int_equal(recv(fd, &byte, sizeof(byte), MSG_DONTWAIT), -1);
        assert_int_equal(errno, EAGAIN);
}

static void expect_closed(int fd)
{
        char byte;
        ssize_t n = recv(fd, &byte, sizeof(byte), MSG_DONTWAIT);

        assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
}

static void expect_message(const struct server *s, size_t n_messages, const char *message)
{
        assert_int_equal(s->record.n_messages, n_messages);
        assert_int_equal(s->record.n_message, strlen(message));
        assert_memory_equal(s->record.message, message, strlen(message));
}

/* The link has been lost, once; the device hangs up, and is there for the next central. */
static void expect_end(struct server *s, unsigned n_disconnects)
{
        struct fixture *f = s->f;

        loop_until(f->event, &s->record.n_lost, 1);
        assert_int_equal(s->record.why, REASON_LINK_LOST);
        s->record.link = link_free(s->record.link);
        fixture_settle(f);
        assert_int_equal(f->mock.disconnect.n_calls, n_disconnects);
        assert_int_equal(s->record.n_lost, 1);
        peripheral_advertise(s->peripheral, server_second);
        fixture_settle(f);
        server_expect(s, server_second, true);
}

static int coc_setup(void **state)
{
        fake_l2cap_reset();
        return fixture_setup(state);
}

static void test_channel_carries_messages_both_ways(void **state)
{
        struct fixture *f = *state;
        uint8_t message[MESSAGE_MAX], received[MESSAGE_MAX + 1];
        struct server s;
        int fd;

        server_connected(&s, f);
        assert_string_equal(fake_l2cap.own.address, MOCK_ADDRESS);
        assert_false(fake_l2cap.own.random);
        fd = channel_open(&s, &central);
        assert_int_equal(s.n_links, 0);
        server_expect(&s, server_first, true);

        for (size_t n = 1; n <= MESSAGE_MAX; n += n < 3 ? 1 : 409) {
                pattern_fill(message, n, (unsigned)n);
                assert_int_equal(send(fd, message, n, MSG_NOSIGNAL), n);
                fixture_settle(f);
                assert_int_equal(s.record.n_message, n);
                assert_memory_equal(s.record.message, message, n);
                assert_int_equal(link_send(s.record.link, message, n), 0);
                assert_int_equal(recv(fd, received, sizeof(received), 0), n);
                assert_memory_equal(received, message, n);
        }
        assert_int_equal(s.n_links, 1);
        server_expect_silence(&s);
        assert_string_equal(link_name(s.record.link), "ble-coc");
        server_stop(&s);
        expect_closed(fd);
        assert_int_equal(f->mock.disconnect.n_calls, 1);
        (void)fd_close(fd);
}

/* Whichever bearer is there first, the first message decides between them. */
static void test_channel_and_subscription_first_message_decides(void **state)
{
        struct fixture *f = *state;

        for (unsigned i = 0; i < 4; i++) {
                bool channel_first = i & 1, over_channel = i & 2;
                struct server s;
                int fd = -1;

                f->mock.register_advertisement.n_calls = f->mock.disconnect.n_calls = 0;
                server_connected(&s, f);
                if (channel_first)
                        fd = channel_open(&s, &central);
                assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
                if (!channel_first)
                        fd = channel_open(&s, &central);
                assert_int_equal(s.n_links, 1);
                expect_open(fd);
                expect_open(s.notify_fd);

                if (over_channel) {
                        channel_say(&s, fd, "hello");
                        expect_closed(s.notify_fd);
                        expect_open(fd);
                } else {
                        assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc0hello"), "");
                        expect_closed(fd);
                        expect_open(s.notify_fd);
                }
                expect_message(&s, 1, "hello");
                assert_string_equal(link_name(s.record.link), over_channel ? "ble-coc" : "ble");
                assert_int_equal(s.n_links, 1);
                assert_int_equal(s.record.n_lost, 0);
                server_stop(&s);
                assert_int_equal(f->mock.disconnect.n_calls, 1);
                (void)fd_close(fd);
        }
}

static void test_channel_in_use_what_comes_over_gatt_is_ignored(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd;

        server_connected(&s, f);
        assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
        fd = channel_open(&s, &central);
        channel_say(&s, fd, "one");
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc0not this"), "");
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\x01nor this"), "");
        channel_say(&s, fd, "two");
        expect_message(&s, 2, "two");
        assert_int_equal(s.record.n_lost, 0);
        server_stop(&s);
        (void)fd_close(fd);
}

/* As above, of a central that subscribes when its session has long begun. */
static void test_channel_in_use_a_subscription_is_of_no_use(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd;

        server_connected(&s, f);
        fd = channel_open(&s, &central);
        channel_say(&s, fd, "one");
        assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
        expect_closed(s.notify_fd);
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc0not this"), "");
        channel_say(&s, fd, "two");
        expect_message(&s, 2, "two");
        server_stop(&s);
        (void)fd_close(fd);
}

static void test_channel_second_is_closed_at_once(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd, another;

        server_connected(&s, f);
        fd = channel_open(&s, &central);
        another = channel_open(&s, &central);
        expect_closed(another);
        (void)fd_close(another);
        channel_say(&s, fd, "one");
        another = channel_open(&s, &central);
        expect_closed(another);
        (void)fd_close(another);
        channel_say(&s, fd, "two");
        expect_message(&s, 2, "two");
        assert_int_equal(s.n_links, 1);
        server_stop(&s);
        (void)fd_close(fd);
}

static void test_channel_in_a_session_over_gatt_is_closed_at_once(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd;

        server_connected(&s, f);
        assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc0one"), "");
        fd = channel_open(&s, &central);
        expect_closed(fd);
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc1two"), "");
        expect_message(&s, 2, "two");
        server_stop(&s);
        (void)fd_close(fd);
}

/* Only who is connected gets in, and only one. */
static void test_channel_of_a_stranger_is_not_the_link(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd, another;

        server_connected(&s, f);
        another = channel_open(&s, &stranger);
        channel_say(&s, another, "hello");
        assert_int_equal(s.n_links, 0);
        fd = channel_open(&s, &central);
        expect_closed(another);
        (void)fd_close(another);
        channel_say(&s, fd, "hello");
        assert_int_equal(s.n_links, 1);
        another = channel_open(&s, &stranger);
        expect_closed(another);
        (void)fd_close(another);
        assert_string_equal(server_subscribe(&s, SERVER_STRANGER), "org.bluez.Error.NotPermitted");
        assert_int_equal(s.record.n_messages, 1);
        assert_int_equal(s.record.n_lost, 0);
        server_stop(&s);
        (void)fd_close(fd);
}

/* Nor does who is connected, too: neither while it waits, nor when it comes. */
static void test_channel_of_another_central_that_is_connected_is_not_the_link(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int waiting, another;

        server_connected(&s, f);
        mock_device_at(&f->mock, SERVER_STRANGER);
        fixture_settle(f);
        waiting = channel_open(&s, &stranger);
        expect_open(waiting);
        assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
        expect_closed(waiting);
        another = channel_open(&s, &stranger);
        expect_closed(another);
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc0hello"), "");
        expect_message(&s, 1, "hello");
        assert_int_equal(s.n_links, 1);
        server_stop(&s);
        (void)fd_close(waiting);
        (void)fd_close(another);
}

/* Nor is one that is connected to another adapter. */
static void test_channel_of_who_is_connected_elsewhere_is_not_the_link(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd;

        server_up(&s, f);
        peripheral_offer_channel(s.peripheral);
        f->mock.connected = true;
        mock_device_at(&f->mock, MOCK_DEVICE2);
        fixture_settle(f);
        fd = channel_open(&s, &central);
        channel_say(&s, fd, "hello");
        assert_int_equal(s.n_links, 0);
        server_stop(&s);
        expect_closed(fd);
        (void)fd_close(fd);
}

/* Nor is a public address the random one of the same bytes. */
static void test_channel_of_an_address_of_the_other_type_is_not_the_link(void **state)
{
        const struct l2cap_end twin = {"00:11:22:33:44:55", false};
        struct fixture *f = *state;
        struct server s;
        int fd;

        server_connected(&s, f);
        fd = channel_open(&s, &twin);
        channel_say(&s, fd, "hello");
        assert_int_equal(s.n_links, 0);
        server_stop(&s);
        expect_closed(fd);
        (void)fd_close(fd);
}

/* Whether or not bluetoothd knows the central from before. */
static void test_channel_before_bluetoothd_tells_of_the_connection_waits(void **state)
{
        struct fixture *f = *state;

        for (unsigned known = 0; known < 2; known++) {
                struct server s;
                int fd;

                f->mock.register_advertisement.n_calls = 0;
                server_up(&s, f);
                peripheral_offer_channel(s.peripheral);
                if (known)
                        mock_device_added(&f->mock);
                fixture_settle(f);
                fd = channel_open(&s, &central);
                channel_say(&s, fd, "hello");
                assert_int_equal(s.n_links, 0);
                if (!known)
                        mock_device_added(&f->mock);
                fixture_settle(f);
                assert_int_equal(s.n_links, 0);
                mock_device_connected(&f->mock, true);
                fixture_settle(f);
                assert_int_equal(s.n_links, 1);
                expect_message(&s, 1, "hello");
                server_stop(&s);
                (void)fd_close(fd);
                mock_device_removed(&f->mock);
                fixture_settle(f);
        }
}

static void test_channel_waiting_when_bluetoothd_goes_is_closed(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd;

        server_up(&s, f);
        peripheral_offer_channel(s.peripheral);
        fixture_settle(f);
        fd = channel_open(&s, &central);
        mock_down(&f->mock);
        fixture_settle(f);
        expect_closed(fd);
        assert_int_equal(s.n_links, 0);
        server_stop(&s);
        (void)fd_close(fd);
}

/* A hub that finds the services first does so; it is as if there had been no channel. */
static void test_channel_closed_without_a_message_has_not_been(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd;

        server_connected(&s, f);
        for (unsigned i = 0; i < 3; i++) {
                (void)fd_close(channel_open(&s, &central));
                fixture_settle(f);
        }
        assert_int_equal(s.n_links, 0);
        server_expect(&s, server_first, true);
        assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc0hello"), "");
        expect_message(&s, 1, "hello");
        assert_int_equal(f->mock.disconnect.n_calls, 0);
        server_stop(&s);

        f->mock.register_advertisement.n_calls = 0;
        server_connected(&s, f);
        (void)fd_close(channel_open(&s, &central));
        fd = channel_open(&s, &central);
        channel_say(&s, fd, "hello");
        expect_message(&s, 1, "hello");
        server_stop(&s);
        (void)fd_close(fd);
}

/* It would otherwise keep the device from advertising for as long as it likes. */
static void test_channel_of_a_central_that_says_nothing_is_closed(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd;

        haste = 100;
        server_connected(&s, f);
        fd = channel_open(&s, &central);
        fixture_until_called(f, &f->mock.disconnect.n_calls, 1);
        fd = fd_close(fd); /* as the kernel does with the connection */
        fixture_settle(f);
        assert_int_equal(s.n_links, 0);
        server_expect(&s, server_first, true);
        server_stop(&s);
        haste = 1;
}

static void test_channel_closed_in_the_session_is_the_end(void **state)
{
        struct fixture *f = *state;
        struct server s;

        server_connected(&s, f);
        for (unsigned n_messages = 1; n_messages < 4; n_messages++) {
                int fd = channel_open(&s, &central);

                for (unsigned i = 0; i < n_messages; i++)
                        channel_say(&s, fd, "hello");
                assert_int_equal(s.n_links, n_messages);
                assert_int_equal(s.record.n_messages, n_messages);
                (void)fd_close(fd);
                expect_end(&s, n_messages);
                mock_device_connected(&f->mock, true);
                fixture_settle(f);
        }
        server_stop(&s);
}

static void test_channel_message_that_comes_with_its_end_is_delivered(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd;

        server_connected(&s, f);
        fd = channel_open(&s, &central);
        channel_say(&s, fd, "one");
        assert_int_equal(send(fd, "two", 3, MSG_NOSIGNAL), 3);
        assert_int_equal(send(fd, "three", 5, MSG_NOSIGNAL), 5);
        (void)fd_close(fd);
        loop_until(f->event, &s.record.n_lost, 1);
        expect_message(&s, 3, "three");
        expect_end(&s, 1);
        server_stop(&s);
}

static void test_channel_bad_messages_lose_the_link(void **state)
{
        static const size_t sizes[] = {0, MESSAGE_MAX + 1};
        static const uint8_t message[MESSAGE_MAX + 1] = {0};
        struct fixture *f = *state;
        struct server s;

        server_connected(&s, f);
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
                int fd = channel_open(&s, &central);

                channel_say(&s, fd, "hello");
                assert_int_equal(send(fd, message, sizes[i], MSG_NOSIGNAL), sizes[i]);
                expect_end(&s, (unsigned)i + 1);
                assert_int_equal(s.record.n_messages, 1);
                expect_closed(fd);
                (void)fd_close(fd);
                mock_device_connected(&f->mock, true);
                fixture_settle(f);
        }
        server_stop(&s);
}

/* Until a message has come, one of the two is enough. */
static void test_channel_or_subscription_lost_leaves_the_other(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd;

        server_connected(&s, f);
        assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
        (void)fd_close(channel_open(&s, &central));
        fixture_settle(f);
        fd = channel_open(&s, &central);
        expect_closed(fd);
        (void)fd_close(fd);
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc0hello"), "");
        expect_message(&s, 1, "hello");
        s.notify_fd = fd_close(s.notify_fd);
        expect_end(&s, 1);

        mock_device_connected(&f->mock, true);
        fixture_settle(f);
        assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
        fd = channel_open(&s, &central);
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\xe0x"), "");
        expect_closed(s.notify_fd);
        channel_say(&s, fd, "hello");
        expect_message(&s, 1, "hello");
        assert_int_equal(s.record.n_lost, 0);
        assert_int_equal(s.n_links, 2);
        server_stop(&s);
        (void)fd_close(fd);
}

static void vanish_connection(struct mock_bluez *m)
{
        mock_device_connected(m, false);
}

/* However bluetoothd tells of it, before or after the kernel, and with a bearer or two. */
static void test_channel_link_is_lost_once_with_the_connection(void **state)
{
        static void (*const vanish[])(struct mock_bluez * m) = {vanish_connection,
                                                                mock_device_removed, mock_down};
        struct fixture *f = *state;

        for (unsigned i = 0; i < 12; i++) {
                bool kernel_first = i & 1, both = i & 2;
                struct server s;
                int fd;

                server_connected(&s, f);
                if (both)
                        assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
                fd = channel_open(&s, &central);
                channel_say(&s, fd, "hello");
                if (kernel_first)
                        fd = fd_close(fd);
                fixture_settle(f);
                vanish[i / 4](&f->mock);
                fixture_settle(f);
                assert_int_equal(s.record.n_lost, 1);
                fd = fd_close(fd);
                fixture_settle(f);
                assert_int_equal(s.record.n_lost, 1);
                server_stop(&s);
                if (!f->mock.bus)
                        mock_up(&f->mock);
                f->mock.register_advertisement.n_calls = 0;
                fixture_settle(f);
        }
}

/* It says that it takes less than a whole message. */
static void test_channel_with_a_small_mtu_is_closed(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd;

        server_connected(&s, f);
        fake_l2cap.opened_error = -EMSGSIZE;
        fd = channel_open(&s, &central);
        expect_closed(fd);
        assert_int_equal(s.n_links, 0);
        assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
        assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc0hello"), "");
        expect_message(&s, 1, "hello");
        server_stop(&s);
        (void)fd_close(fd);
}

static void test_channel_is_offered_only_where_the_service_is(void **state)
{
        struct fixture *f = *state;
        struct server s;

        server_up(&s, f);
        assert_int_equal(fake_l2cap.n_listens, 0);
        peripheral_offer_channel(s.peripheral);
        fixture_settle(f);
        assert_true(fake_l2cap_listens());

        mock_adapter_powered(&f->mock, false); /* it is switched on, which is tried once */
        fixture_settle(f);
        mock_adapter_powered(&f->mock, false);
        fixture_until_told(f, REASON_ADAPTER_OFF);
        fixture_settle(f);
        assert_false(fake_l2cap_listens());
        mock_adapter_powered(&f->mock, true);
        fixture_until_told(f, REASON_NONE);
        fixture_settle(f);
        assert_true(fake_l2cap_listens());

        mock_adapter_removed(&f->mock);
        fixture_until_told(f, REASON_ADAPTER_MISSING);
        fixture_settle(f);
        assert_false(fake_l2cap_listens());
        mock_adapter_added(&f->mock);
        fixture_until_told(f, REASON_NONE);
        fixture_settle(f);
        assert_true(fake_l2cap_listens());

        mock_down(&f->mock);
        fixture_until_told(f, REASON_BLUETOOTH_DOWN);
        fixture_settle(f);
        assert_false(fake_l2cap_listens());
        mock_up(&f->mock);
        fixture_until_told(f, REASON_NONE);
        fixture_settle(f);
        assert_true(fake_l2cap_listens());
        server_stop(&s);
        assert_false(fake_l2cap_listens());
}

/* Listening is tried once for each time that the adapter comes; GATT goes on without it. */
static void test_channel_that_cannot_be_listened_for_is_done_without(void **state)
{
        static const int errors[] = {-EADDRINUSE, -EACCES, -EAFNOSUPPORT};
        struct fixture *f = *state;

        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
                struct server s;

                fake_l2cap_reset();
                fake_l2cap.listen_error = errors[i];
                f->mock.register_advertisement.n_calls = 0;
                server_connected(&s, f);
                assert_int_equal(fake_l2cap_call(&central), -ECONNREFUSED);
                peripheral_advertise(s.peripheral, server_second);
                fixture_settle(f);
                assert_int_equal(fake_l2cap.n_listens, 1);
                assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
                assert_string_equal(server_write(&s, MOCK_DEVICE, "\xc0hello"), "");
                expect_message(&s, 1, "hello");

                fake_l2cap.listen_error = 0;
                mock_adapter_removed(&f->mock);
                fixture_until_told(f, REASON_ADAPTER_MISSING);
                mock_adapter_added(&f->mock);
                fixture_until_told(f, REASON_NONE);
                fixture_settle(f);
                assert_true(fake_l2cap_listens());
                server_stop(&s);
        }
}

static void test_channel_that_cannot_be_accepted_ends_the_listening(void **state)
{
        struct fixture *f = *state;
        struct server s;
        int fd;

        server_connected(&s, f);
        fake_l2cap.accept_error = -ECONNABORTED;
        fd = channel_open(&s, &central);
        channel_say(&s, fd, "hello");
        assert_int_equal(s.n_links, 1);
        server_stop(&s);
        (void)fd_close(fd);

        f->mock.register_advertisement.n_calls = 0;
        server_connected(&s, f);
        fake_l2cap.accept_error = -EMFILE;
        fd = channel_open(&s, &central);
        assert_int_equal(s.n_links, 0);
        assert_false(fake_l2cap_listens());
        assert_string_equal(server_subscribe(&s, MOCK_DEVICE), "");
        assert_int_equal(s.n_links, 1);
        server_stop(&s);
        (void)fd_close(fd);
}

#define coc_test(f) cmocka_unit_test_setup_teardown(f, coc_setup, fixture_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                coc_test(test_channel_carries_messages_both_ways),
                coc_test(test_channel_and_subscription_first_message_decides),
                coc_test(test_channel_in_use_what_comes_over_gatt_is_ignored),
                coc_test(test_channel_in_use_a_subscription_is_of_no_use),
                coc_test(test_channel_second_is_closed_at_once),
                coc_test(test_channel_in_a_session_over_gatt_is_closed_at_once),
                coc_test(test_channel_of_a_stranger_is_not_the_link),
                coc_test(test_channel_of_another_central_that_is_connected_is_not_the_link),
                coc_test(test_channel_of_who_is_connected_elsewhere_is_not_the_link),
                coc_test(test_channel_of_an_address_of_the_other_type_is_not_the_link),
                coc_test(test_channel_before_bluetoothd_tells_of_the_connection_waits),
                coc_test(test_channel_waiting_when_bluetoothd_goes_is_closed),
                coc_test(test_channel_closed_without_a_message_has_not_been),
                coc_test(test_channel_of_a_central_that_says_nothing_is_closed),
                coc_test(test_channel_closed_in_the_session_is_the_end),
                coc_test(test_channel_message_that_comes_with_its_end_is_delivered),
                coc_test(test_channel_bad_messages_lose_the_link),
                coc_test(test_channel_or_subscription_lost_leaves_the_other),
                coc_test(test_channel_link_is_lost_once_with_the_connection),
                coc_test(test_channel_with_a_small_mtu_is_closed),
                coc_test(test_channel_is_offered_only_where_the_service_is),
                coc_test(test_channel_that_cannot_be_listened_for_is_done_without),
                coc_test(test_channel_that_cannot_be_accepted_ends_the_listening),
        };
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
