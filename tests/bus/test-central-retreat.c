/* SPDX-License-Identifier: Apache-2.0 */

/* The hub's end of Bluetooth LE: back to GATT from a channel, and the loss of either. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "support/coc-caller.h"
#include "support/fake-l2cap.h"
#include "support/haste.h"
#include "util/free.h"

static void retreat(struct caller *c)
{
        assert_int_equal(link_retreat(c->record.link), 0);
        coc_caller_expect_closed();
        fixture_settle(c->f);
}

static void test_retreat_goes_on_over_gatt(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        for (int slow = 0; slow < 2; slow++) {
                coc_caller_start_over_channel(&c, f, slow);
                retreat(&c);
                if (slow) {
                        assert_int_equal(c.record.n_again, 0);
                        assert_string_equal(link_name(c.record.link), "ble");
                        assert_int_equal(link_send(c.record.link, (const uint8_t *)"x", 1),
                                         -ENOTCONN);
                        mock_device_discovered(&f->mock);
                        fixture_settle(f);
                }
                loop_until(f->event, &c.record.n_again, 1);
                coc_caller_expect_gatt(&c);
                assert_int_equal(link_retreat(c.record.link), -ENOTSUP);
                assert_int_equal(f->mock.connect.n_calls, 1);
                assert_int_equal(c.record.n_again, 1);
                assert_int_equal(c.record.n_lost, 0);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

/* A channel may show that there is a connection before bluetoothd does. */
static void test_retreat_waits_for_bluetoothd_to_notice_the_connection(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        f->mock.connect.silent = true;
        coc_caller_start_over_channel(&c, f, true);
        retreat(&c);
        assert_int_equal(c.record.n_again, 0);
        mock_device_connected(&f->mock, true);
        mock_device_discovered(&f->mock);
        fixture_settle(f);
        loop_until(f->event, &c.record.n_again, 1);
        coc_caller_expect_gatt(&c);
        assert_int_equal(f->mock.connect.n_calls, 1);
        caller_stop(&c);
}

/* Which is ignored as it is while the channel is in use. */
static void test_retreat_is_not_ended_by_an_error_of_connect(void **state)
{
        static const char *const errors[] = {"org.bluez.Error.Failed", "org.bluez.Error.InProgress",
                                             "org.bluez.Error.NotReady"};
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
                f->mock.connect.silent = true;
                coc_caller_start_over_channel(&c, f, true);
                mock_device_connected(&f->mock, true);
                retreat(&c);
                mock_connect_refused(&f->mock, errors[i]);
                fixture_settle(f);
                mock_device_discovered(&f->mock);
                loop_until(f->event, &c.record.n_again, 1);
                coc_caller_expect_gatt(&c);
                assert_int_equal(f->mock.connect.n_calls, 1);
                assert_int_equal(c.record.n_lost, 0);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

/* While the channel is in use, bluetoothd may take its time, and GATT is there when it is done. */
static void test_retreat_is_possible_however_long_the_channel_was_in_use(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start(&c, f);
        f->mock.resolves_never = true;
        haste = COC_CALLER_SOON;
        caller_expect(&c, REASON_NONE);
        loop_outlast(f->event, 2 * caller_long_patience.connect_ms);
        haste = 1;
        assert_int_equal(c.record.n_lost, 0);
        retreat(&c);
        mock_device_discovered(&f->mock);
        fixture_settle(f);
        loop_until(f->event, &c.record.n_again, 1);
        coc_caller_expect_gatt(&c);
        caller_stop(&c);
}

/* In the middle of what the link tells, as a conversation does. */
static void test_retreat_because_of_what_comes_or_because_nothing_does(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        for (size_t closed = 0; closed < 2; closed++) {
                coc_caller_start_over_channel(&c, f, false);
                c.record.retreat_on_message = c.record.retreat_on_lost = true;
                if (closed)
                        fake_l2cap.far_fd = fd_close(fake_l2cap.far_fd);
                else
                        assert_int_equal(send(fake_l2cap.far_fd, "?", 1, MSG_NOSIGNAL), 1);
                loop_until(f->event, &c.record.n_again, 1);
                assert_int_equal(c.record.retreated, 0);
                assert_int_equal(c.record.n_lost, closed);
                c.record.retreat_on_message = c.record.retreat_on_lost = false;
                coc_caller_expect_gatt(&c);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

static void fail_subscribing(struct mock_bluez *m)
{
        m->acquire_notify = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Failed"};
}

static void fail_taking(struct mock_bluez *m)
{
        m->acquire_write = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Failed"};
}

static void ignore_subscribing(struct mock_bluez *m)
{
        m->acquire_notify.silent = true;
}

static void power_off(struct mock_bluez *m)
{
        mock_adapter_powered(m, false);
}

static void vanish_connection(struct mock_bluez *m)
{
        mock_device_connected(m, false);
}

static void change_nothing(struct mock_bluez *m)
{
        (void)m;
}

static void vanish_channel(struct mock_bluez *m)
{
        (void)m;
        fake_l2cap.far_fd = fd_close(fake_l2cap.far_fd);
}

static void vanish_both(struct mock_bluez *m)
{
        vanish_channel(m);
        vanish_connection(m);
}

/* Once, and there is no other way any more. */
static void expect_lost(struct caller *c, enum reason why)
{
        struct fixture *f = c->f;

        loop_until(f->event, &c->record.n_lost, 1);
        fixture_settle(f);
        assert_string_equal(reason_code(c->record.why), reason_code(why));
        assert_int_equal(c->record.n_lost, 1);
        assert_int_equal(c->record.n_again, 0);
        assert_int_equal(link_retreat(c->record.link), -ENOTSUP);
        assert_int_equal(f->mock.connect.n_calls, 1);
}

static void test_retreat_to_a_gatt_that_fails_is_the_loss_of_the_link(void **state)
{
        static const struct {
                void (*ruin)(struct mock_bluez *m);
                enum reason why;
        } cases[] = {
                {fail_subscribing, REASON_SERVICE_MISSING},
                {fail_taking, REASON_SERVICE_MISSING},
                {ignore_subscribing, REASON_LINK_TIMEOUT},
        };
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                coc_caller_start_over_channel(&c, f, false);
                cases[i].ruin(&f->mock);
                haste = COC_CALLER_SOON;
                retreat(&c);
                expect_lost(&c, cases[i].why);
                assert_true(f->mock.connected);
                caller_hang_up(&c);
                assert_int_equal(f->mock.disconnect.n_calls, 1);
                assert_int_equal(f->mock.remove.n_calls, 1);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

static void test_retreat_that_waits_in_vain_is_the_loss_of_the_link(void **state)
{
        static const struct {
                void (*change)(struct mock_bluez *m);
                unsigned haste;
                enum reason why;
        } cases[] = {
                {change_nothing, COC_CALLER_SOON, REASON_SERVICE_MISSING},
                {power_off, 1, REASON_ADAPTER_OFF},
                {vanish_connection, 1, REASON_LINK_LOST},
                {mock_device_removed, 1, REASON_LINK_LOST},
                {mock_adapter_removed, 1, REASON_LINK_LOST},
                {mock_down, 1, REASON_LINK_LOST},
        };
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                coc_caller_start_over_channel(&c, f, true);
                haste = cases[i].haste;
                retreat(&c);
                cases[i].change(&f->mock);
                expect_lost(&c, cases[i].why);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

static void test_channel_lost_with_the_connection_is_lost_once(void **state)
{
        static void (*const vanish[])(struct mock_bluez * m) = {
                vanish_connection, mock_device_removed, mock_adapter_removed, mock_down};
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < 2 * sizeof(vanish) / sizeof(vanish[0]); i++) {
                coc_caller_start_over_channel(&c, f, i & 1);
                c.record.retreat_on_lost = true;
                vanish[i / 2](&f->mock);
                loop_until(f->event, &c.record.n_lost, 1);
                assert_int_equal(c.record.retreated, -ENOTSUP);
                vanish_channel(&f->mock);
                fixture_settle(f);
                assert_int_equal(c.record.n_lost, 1);
                assert_int_equal(c.record.why, REASON_LINK_LOST);
                assert_int_equal(c.record.n_again, 0);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

/* The kernel is quicker to tell than bluetoothd. */
static void test_channel_lost_before_the_connection_is_lost_once(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        for (int retreats = 0; retreats < 2; retreats++) {
                coc_caller_start_over_channel(&c, f, true);
                c.record.retreat_on_lost = retreats;
                vanish_both(&f->mock);
                loop_until(f->event, &c.record.n_lost, 1 + (size_t)retreats);
                fixture_settle(f);
                assert_int_equal(c.record.n_lost, 1 + retreats);
                assert_int_equal(c.record.retreated, retreats ? -ENOTSUP : 0);
                assert_int_equal(c.record.why, REASON_LINK_LOST);
                assert_int_equal(c.record.n_again, 0);
                assert_int_equal(f->mock.connect.n_calls, 1);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

static void test_retreat_means_gatt_only_for_that_device(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start_over_channel(&c, f, false);
        retreat(&c);
        for (int i = 0; i < 2; i++) {
                caller_begin_anew(&c);
                caller_expect(&c, REASON_NONE);
                coc_caller_expect_gatt(&c);
        }
        assert_int_equal(fake_l2cap.n_opens, 1);
        caller_begin_anew(&c);
        f->mock.connect.silent = true;
        mock_device_at(&f->mock, CALLER_OTHER_DEVICE);
        fixture_settle(f);
        assert_return_code(caller_dial_to(&c, CALLER_OTHER_DEVICE), 0);
        fixture_until_told(f, REASON_NONE);
        assert_string_equal(link_name(c.record.link), "ble-coc");
        assert_int_equal(fake_l2cap.n_opens, 2);
        caller_stop(&c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, coc_caller_set_up, coc_caller_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_retreat_goes_on_over_gatt),
                TEST(test_retreat_waits_for_bluetoothd_to_notice_the_connection),
                TEST(test_retreat_is_not_ended_by_an_error_of_connect),
                TEST(test_retreat_is_possible_however_long_the_channel_was_in_use),
                TEST(test_retreat_because_of_what_comes_or_because_nothing_does),
                TEST(test_retreat_to_a_gatt_that_fails_is_the_loss_of_the_link),
                TEST(test_retreat_that_waits_in_vain_is_the_loss_of_the_link),
                TEST(test_channel_lost_with_the_connection_is_lost_once),
                TEST(test_channel_lost_before_the_connection_is_lost_once),
                TEST(test_retreat_means_gatt_only_for_that_device),
        };

        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
