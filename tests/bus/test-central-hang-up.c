/* SPDX-License-Identifier: Apache-2.0 */

/* Hanging up while bluetoothd still discovers the services, which bluetoothd 5.66 may not survive.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/coc-caller.h"
#include "support/fake-l2cap.h"
#include "support/haste.h"
#include "util/free.h"

static void vanish_connection(struct mock_bluez *m)
{
        mock_device_connected(m, false);
}

static void ignore_disconnect(struct mock_bluez *m)
{
        m->disconnect.silent = true;
}

static void expect_hung_up(struct caller *c, unsigned n_disconnects, unsigned n_removes)
{
        fixture_settle(c->f);
        assert_int_equal(c->f->mock.disconnect.n_calls, n_disconnects);
        assert_int_equal(c->f->mock.remove.n_calls, n_removes);
}

static void test_hang_up_waits_for_the_discovery_to_end(void **state)
{
        static const struct {
                void (*end)(struct mock_bluez *m);
                unsigned n_calls; /* to a bluetoothd that is there */
        } cases[] = {
                {mock_device_discovered, 1}, {vanish_connection, 1}, {mock_device_removed, 1},
                {mock_adapter_removed, 1},   {mock_down, 0},
        };
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                coc_caller_start_over_channel(&c, f, true);
                caller_hang_up(&c);
                coc_caller_expect_closed();
                expect_hung_up(&c, 0, 0);
                cases[i].end(&f->mock);
                expect_hung_up(&c, cases[i].n_calls, cases[i].n_calls);
                caller_begin_anew(&c);
                caller_expect(&c, REASON_NONE);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

static void test_hang_up_does_not_wait_for_ever(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start_over_channel(&c, f, true);
        haste = COC_CALLER_SOON;
        caller_hang_up(&c);
        fixture_until_called(f, &f->mock.remove.n_calls, 1);
        expect_hung_up(&c, 1, 1);
        caller_stop(&c);
}

static void test_hang_up_does_not_wait_where_the_connection_is_lost(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start_over_channel(&c, f, true);
        fake_l2cap.far_fd = fd_close(fake_l2cap.far_fd);
        vanish_connection(&f->mock);
        loop_until(f->event, &c.record.n_lost, 1);
        fixture_settle(f);
        caller_hang_up(&c);
        expect_hung_up(&c, 1, 1);
        caller_stop(&c);
}

/* There is a connection, so bluetoothd is about to discover. */
static void test_hang_up_waits_for_bluetoothd_to_notice_the_connection(void **state)
{
        static void (*const end[])(struct mock_bluez * m) = {mock_device_discovered,
                                                             vanish_connection};
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < sizeof(end) / sizeof(end[0]); i++) {
                f->mock.connect.silent = true;
                coc_caller_start_over_channel(&c, f, true);
                caller_hang_up(&c);
                mock_device_connected(&f->mock, true);
                expect_hung_up(&c, 0, 0);
                end[i](&f->mock);
                expect_hung_up(&c, 1, 1);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

static void test_hang_up_of_a_dial_waits_too(void **state)
{
        static const enum central_ways ways[] = {CENTRAL_GATT, CENTRAL_GATT_AND_COC};
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
                caller_start(&c, f, ways[i], &caller_long_patience);
                f->mock.resolves_never = fake_l2cap.hangs = true;
                assert_return_code(caller_dial(&c), 0);
                fixture_until(f, &f->mock.connected);
                fixture_settle(f);
                c.dial = dial_free(c.dial);
                expect_hung_up(&c, 0, 0);
                mock_device_discovered(&f->mock);
                fixture_settle(f);
                expect_hung_up(&c, 1, 1);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
        coc_caller_expect_closed();
        assert_int_equal(f->n_told, 0);
}

static void test_hang_up_is_waited_for_by_a_dial_to_the_same_device(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start_over_channel(&c, f, true);
        c.record.link = link_free(c.record.link);
        assert_return_code(caller_dial(&c), 0);
        expect_hung_up(&c, 0, 0);
        assert_int_equal(f->mock.connect.n_calls, 1);
        assert_int_equal(fake_l2cap.n_opens, 1);
        mock_device_discovered(&f->mock);
        fixture_until_told(f, REASON_NONE);
        expect_hung_up(&c, 1, 0);
        assert_int_equal(f->mock.connect.n_calls, 2);
        assert_string_equal(link_name(c.record.link), "ble-coc");
        caller_stop(&c);
}

/* The device, the adapter or bluetoothd goes while a dial waits; or nothing ends at all. */
static void test_hang_up_that_is_waited_for_in_vain(void **state)
{
        static const struct {
                void (*end)(struct mock_bluez *m);
                unsigned haste;
                enum reason why;
        } cases[] = {
                {mock_device_removed, 1, REASON_CONNECT_FAILED},
                {mock_adapter_removed, 1, REASON_ADAPTER_MISSING},
                {mock_down, 1, REASON_BLUETOOTH_DOWN},
                {ignore_disconnect, COC_CALLER_SOON, REASON_CONNECT_FAILED},
        };
        struct fixture *f = *state;
        struct caller c;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                coc_caller_start_over_channel(&c, f, true);
                haste = cases[i].haste;
                c.record.link = link_free(c.record.link);
                assert_return_code(caller_dial(&c), 0);
                cases[i].end(&f->mock);
                fixture_until_told(f, cases[i].why);
                fixture_settle(f);
                assert_int_equal(f->mock.connect.n_calls, 1);
                caller_begin_anew(&c);
                caller_stop(&c);
        }
}

/* bluetoothd still holds what the next dial would ask for. The one after that begins clean. */
static void test_hang_up_that_fails_leaves_nothing_behind(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start_over_channel(&c, f, true);
        c.record.link = link_free(c.record.link);
        assert_return_code(caller_dial(&c), 0);
        f->mock.disconnect = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Failed"};
        mock_device_discovered(&f->mock);
        fixture_until_told(f, REASON_CONNECT_FAILED);
        expect_hung_up(&c, 1, 1);
        assert_int_equal(f->mock.connect.n_calls, 1);
        caller_begin_anew(&c);
        caller_expect(&c, REASON_NONE);
        caller_begin_anew(&c);
        caller_stop(&c);
}

static void test_hang_up_after_a_dial_that_waited_has_been_freed(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start_over_channel(&c, f, true);
        c.record.link = link_free(c.record.link);
        assert_return_code(caller_dial(&c), 0);
        c.dial = dial_free(c.dial);
        expect_hung_up(&c, 0, 0);
        mock_device_discovered(&f->mock);
        expect_hung_up(&c, 1, 1);
        caller_stop(&c);
}

static void test_hang_up_is_left_to_bluetoothd_by_a_central_that_is_freed(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        coc_caller_start_over_channel(&c, f, true);
        caller_hang_up(&c);
        c.central = central_free(c.central);
        expect_hung_up(&c, 0, 1);
        caller_stop(&c);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, coc_caller_set_up, coc_caller_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_hang_up_waits_for_the_discovery_to_end),
                TEST(test_hang_up_does_not_wait_for_ever),
                TEST(test_hang_up_does_not_wait_where_the_connection_is_lost),
                TEST(test_hang_up_waits_for_bluetoothd_to_notice_the_connection),
                TEST(test_hang_up_of_a_dial_waits_too),
                TEST(test_hang_up_is_waited_for_by_a_dial_to_the_same_device),
                TEST(test_hang_up_that_is_waited_for_in_vain),
                TEST(test_hang_up_that_fails_leaves_nothing_behind),
                TEST(test_hang_up_after_a_dial_that_waited_has_been_freed),
                TEST(test_hang_up_is_left_to_bluetoothd_by_a_central_that_is_freed),
        };
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
