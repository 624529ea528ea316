/* SPDX-License-Identifier: Apache-2.0 */

/* The hub's end of Bluetooth LE: when a channel beside GATT is asked for, and when it is the link.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "support/coc-caller.h"
#include "support/fake-l2cap.h"

static void test_channel_first_is_the_link_at_once(void **state)
{
        struct fixture *f = *state;
        uint8_t message[MESSAGE_MAX], received[MESSAGE_MAX + 1];
        struct caller c;

        coc_caller_start_over_channel(&c, f, true);
        assert_int_equal(fake_l2cap.n_opens, 1);
        assert_string_equal(fake_l2cap.own.address, MOCK_ADDRESS);
        assert_false(fake_l2cap.own.random);
        assert_string_equal(fake_l2cap.peer.address, "00:11:22:33:44:55");
        assert_true(fake_l2cap.peer.random);
        for (size_t n = 1; n <= MESSAGE_MAX; n += n < 3 ? 1 : 409) {
                pattern_fill(message, n, (unsigned)n);
                assert_int_equal(link_send(c.record.link, message, n), 0);
                assert_int_equal(recv(fake_l2cap.far_fd, received, sizeof(received), 0), n);
                assert_memory_equal(received, message, n);
                assert_int_equal(send(fake_l2cap.far_fd, message, n, MSG_NOSIGNAL), n);
                fixture_settle(f);
                assert_int_equal(c.record.n_message, n);
                assert_memory_equal(c.record.message, message, n);
        }
        caller_stop(&c);
        coc_caller_expect_closed();
}

/* What is resolved meanwhile is left alone, for as long as the channel is in use. */
static void test_channel_in_use_nothing_is_subscribed(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start_over_channel(&c, f, true);
        mock_device_discovered(&f->mock);
        fixture_settle(f);
        assert_int_equal(caller_dial(&c), -EBUSY);
        assert_int_equal(f->mock.acquire_notify.n_calls, 0);
        assert_int_equal(c.record.n_again, 0);
        caller_hang_up(&c);
        coc_caller_expect_closed();
        assert_int_equal(f->mock.disconnect.n_calls, 1);
        assert_int_equal(f->mock.remove.n_calls, 1);
        caller_stop(&c);
}

static void test_channel_later_than_gatt_is_closed(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start(&c, f);
        fake_l2cap.hangs = true;
        caller_expect(&c, REASON_NONE);
        assert_int_equal(fake_l2cap.n_opens, 1);
        coc_caller_expect_closed();
        coc_caller_expect_gatt(&c);
        caller_hang_up(&c);
        assert_int_equal(f->mock.disconnect.n_calls, 1);
        caller_stop(&c);
}

/* GATT is about to be open. */
static void test_channel_while_subscribing_is_declined(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start(&c, f);
        for (int i = 0; i < 2; i++) {
                struct mock_verb *verb = i ? &f->mock.acquire_write : &f->mock.acquire_notify;

                verb->silent = true;
                fake_l2cap.hangs = true;
                assert_return_code(caller_dial(&c), 0);
                fixture_until_called(f, &verb->n_calls, 1);
                fake_l2cap_go_on();
                fixture_settle(f);
                coc_caller_expect_closed();
                assert_int_equal(f->n_told, 0);
                c.dial = dial_free(c.dial);
                fixture_settle(f);
                assert_int_equal(f->mock.disconnect.n_calls, 1);
                caller_begin_anew(&c);
        }
        caller_stop(&c);
}

static void test_channel_that_does_not_open_leaves_gatt(void **state)
{
        static const struct {
                int open_error, opened_error;
        } cases[] = {
                {.open_error = -EAFNOSUPPORT},   {.open_error = -EMFILE},
                {.open_error = -EACCES},         {.open_error = -EHOSTDOWN},
                {.opened_error = -ECONNREFUSED}, {.opened_error = -EMSGSIZE},
                {.opened_error = -ECONNABORTED}, {.opened_error = -ECONNRESET},
                {.opened_error = -ETIMEDOUT},    {.opened_error = -EINVAL},
        };
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start(&c, f);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                fake_l2cap.open_error = cases[i].open_error;
                fake_l2cap.opened_error = cases[i].opened_error;
                caller_expect(&c, REASON_NONE);
                assert_int_equal(fake_l2cap.n_opens, i + 1);
                coc_caller_expect_gatt(&c);
                assert_int_equal(link_retreat(c.record.link), -ENOTSUP);
                caller_begin_anew(&c);
        }
        caller_stop(&c);
}

static void test_channel_is_not_asked_for_without_an_address_or_the_wish(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        caller_expect(&c, REASON_NONE);
        coc_caller_expect_gatt(&c);
        caller_stop(&c);
        f->mock.acquire_notify.n_calls = f->mock.acquire_write.n_calls = 0;
        f->mock.untyped = true;
        coc_caller_start(&c, f);
        caller_expect(&c, REASON_NONE);
        coc_caller_expect_gatt(&c);
        caller_stop(&c);
        assert_int_equal(fake_l2cap.n_opens, 0);
}

/* bluetoothd has something to say of a connection that is in use already. */
static void test_channel_in_use_an_error_of_connect_is_ignored(void **state)
{
        static const char *const errors[] = {
                "org.bluez.Error.Failed",           "org.bluez.Error.InProgress",
                "org.bluez.Error.AlreadyConnected", "org.bluez.Error.NotReady",
                SD_BUS_ERROR_UNKNOWN_OBJECT,        SD_BUS_ERROR_NO_REPLY};
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start(&c, f);
        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
                f->mock.connect = (struct mock_verb){.n_fail = 1, .error = errors[i]};
                caller_expect(&c, REASON_NONE);
                assert_string_equal(link_name(c.record.link), "ble-coc");
                assert_int_equal(f->mock.connect.n_calls, 1);
                assert_int_equal(f->n_told, i + 1);
                assert_int_equal(c.record.n_lost, 0);
                coc_caller_expect_open();
                mock_device_connected(&f->mock, true);
                mock_device_discovered(&f->mock);
                fixture_settle(f);
                caller_begin_anew(&c);
        }
        caller_stop(&c);
}

static void test_channel_is_asked_for_with_every_attempt_to_connect(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start(&c, f);
        fake_l2cap.opened_error = -EHOSTDOWN;
        f->mock.connect = (struct mock_verb){.n_fail = 2, .error = "org.bluez.Error.Failed"};
        caller_expect(&c, REASON_NONE);
        assert_int_equal(f->mock.connect.n_calls, 3);
        assert_int_equal(fake_l2cap.n_opens, 3);
        coc_caller_expect_gatt(&c);
        caller_begin_anew(&c);

        /* The first hangs, and the second opens. */
        fake_l2cap = (struct fake_l2cap){.far_fd = fake_l2cap.far_fd, .hangs = true};
        f->mock.connect = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Failed"};
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.connect.n_calls, 1);
        fake_l2cap.hangs = false;
        fixture_until_told(f, REASON_NONE);
        assert_string_equal(link_name(c.record.link), "ble-coc");
        assert_int_equal(fake_l2cap.n_opens, 2);
        caller_stop(&c);
}

/* As where the other side wants to pair first, and the kernel begins to. */
static void test_channel_that_costs_the_connection_is_not_asked_for_again(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start(&c, f);
        fake_l2cap.hangs = true;
        f->mock.n_drops = 1;
        caller_expect(&c, REASON_NONE);
        assert_int_equal(f->mock.connect.n_calls, 2);
        assert_int_equal(fake_l2cap.n_opens, 1);
        coc_caller_expect_gatt(&c);
        caller_begin_anew(&c);
        caller_expect(&c, REASON_NONE);
        assert_int_equal(fake_l2cap.n_opens, 1);
        caller_stop(&c);
}

/* The services may be known before the connection ends. */
static void test_channel_that_costs_a_connection_in_use_is_not_asked_for_again(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start(&c, f);
        fake_l2cap.hangs = true;
        f->mock.acquire_notify.silent = true;
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.acquire_notify.n_calls, 1);
        mock_device_connected(&f->mock, false);
        fixture_until_told(f, REASON_LINK_LOST);
        assert_int_equal(fake_l2cap.n_opens, 1);
        caller_begin_anew(&c);
        caller_expect(&c, REASON_NONE);
        coc_caller_expect_gatt(&c);
        assert_int_equal(fake_l2cap.n_opens, 1);
        caller_stop(&c);
}

/* The radio is free for others as soon as there is a connection. */
static void test_channel_in_use_discovery_goes_on(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start(&c, f);
        caller_listen(&c);
        fake_l2cap.hangs = true;
        f->mock.connect.silent = true;
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.connect.n_calls, 1);
        fixture_settle(f);
        assert_false(f->mock.discovering);
        fake_l2cap_go_on();
        fixture_until_told(f, REASON_NONE);
        fixture_until(f, &f->mock.discovering);
        assert_int_equal(c.record.n_lost, 0);
        coc_caller_expect_open();
        caller_stop(&c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, coc_caller_set_up, coc_caller_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_channel_first_is_the_link_at_once),
                TEST(test_channel_in_use_nothing_is_subscribed),
                TEST(test_channel_later_than_gatt_is_closed),
                TEST(test_channel_while_subscribing_is_declined),
                TEST(test_channel_that_does_not_open_leaves_gatt),
                TEST(test_channel_is_not_asked_for_without_an_address_or_the_wish),
                TEST(test_channel_in_use_an_error_of_connect_is_ignored),
                TEST(test_channel_is_asked_for_with_every_attempt_to_connect),
                TEST(test_channel_that_costs_the_connection_is_not_asked_for_again),
                TEST(test_channel_that_costs_a_connection_in_use_is_not_asked_for_again),
                TEST(test_channel_in_use_discovery_goes_on),
        };

        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
