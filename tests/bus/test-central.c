/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>

#include "support/caller.h"
#include "support/haste.h"
#include "util/free.h"

static void test_central_link_carries_messages_both_ways(void **state)
{
        struct fixture *f = *state;
        struct caller c;
        uint8_t packet[300];

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        caller_expect(&c, REASON_NONE);
        assert_int_equal(send(f->mock.notify_fd, "\xc0hello", 6, 0), 6);
        loop_settle(f->event);
        assert_int_equal(c.record.n_messages, 1);
        assert_memory_equal(c.record.message, "hello", 5);

        assert_int_equal(link_send(c.record.link, (const uint8_t *)"world", 5), 0);
        assert_int_equal(recv(f->mock.write_fd, packet, sizeof(packet), 0), 6);
        assert_memory_equal(packet, "\xc0world", 6);
        caller_stop(&c);
}

static void test_central_uses_the_mtu_of_the_answer(void **state)
{
        static const uint8_t message[600] = {1};
        struct fixture *f = *state;
        struct caller c;
        uint8_t packet[600];

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        caller_expect(&c, REASON_NONE);
        assert_int_equal(link_send(c.record.link, message, sizeof(message)), 0);
        assert_int_equal(recv(f->mock.write_fd, packet, sizeof(packet), 0), 244);
        caller_stop(&c);
}

/* Notifies a message as a device does whose packets have this size. */
static void notify_message(int fd, const uint8_t *message, size_t n_message, size_t size)
{
        struct fragment_writer writer;
        uint8_t packet[600];

        fragment_writer_init(&writer);
        fragment_writer_start(&writer, message, n_message);
        while (fragment_writer_pending(&writer)) {
                size_t n = fragment_writer_next(&writer, packet, size);

                assert_int_equal(send(fd, packet, n, 0), n);
        }
}

static void test_central_every_mtu_carries_full_packets_both_ways(void **state)
{
        struct fixture *f = *state;
        uint8_t message[MESSAGE_MAX], received[MESSAGE_MAX];
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        for (uint16_t mtu = 23; mtu <= 517; mtu++) {
                size_t n, largest;

                f->mock.mtu = mtu;
                caller_expect(&c, REASON_NONE);
                pattern_fill(message, MESSAGE_MAX, mtu);
                assert_int_equal(link_send(c.record.link, message, MESSAGE_MAX), 0);
                largest = packets_receive(f->mock.write_fd, received, &n);
                assert_int_equal(n, MESSAGE_MAX);
                assert_memory_equal(received, message, MESSAGE_MAX);
                assert_in_range(largest, mtu < 247 ? mtu - 3u : 244, mtu - 3);

                notify_message(f->mock.notify_fd, message, MESSAGE_MAX, mtu - 3u);
                loop_settle(f->event);
                assert_int_equal(c.record.n_messages, 1);
                assert_int_equal(c.record.n_message, MESSAGE_MAX);
                assert_memory_equal(c.record.message, message, MESSAGE_MAX);
                caller_hang_up(&c);
                mock_device_added(&f->mock);
                fixture_settle(f);
        }
        caller_stop(&c);
}

static void test_central_freeing_the_link_disconnects_and_forgets(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        caller_expect(&c, REASON_NONE);
        assert_int_equal(caller_dial(&c), -EBUSY);
        caller_hang_up(&c);
        assert_int_equal(f->mock.disconnect.n_calls, 1);
        assert_int_equal(f->mock.remove.n_calls, 1);
        assert_false(f->mock.has_device);
        caller_stop(&c);
}

/* The second dial waits for the end of the first connection, and keeps BlueZ from forgetting. */
static void test_central_dial_during_hang_up_waits_for_it(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        caller_expect(&c, REASON_NONE);
        c.record.link = link_free(c.record.link);
        caller_expect(&c, REASON_NONE);
        assert_int_equal(f->mock.connect.n_calls, 2);
        assert_int_equal(f->mock.disconnect.n_calls, 1);
        assert_int_equal(f->mock.remove.n_calls, 0);
        caller_stop(&c);
}

static void test_central_freed_during_hang_up_leaves_it_to_bluetoothd(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        caller_expect(&c, REASON_NONE);
        c.record.link = link_free(c.record.link);
        c.central = central_free(c.central);
        c.adapters = adapters_free(c.adapters);
        fixture_settle(f);
        assert_int_equal(f->mock.disconnect.n_calls, 1);
        assert_int_equal(f->mock.remove.n_calls, 1);
}

static void test_central_dial_given_up_is_never_told(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        f->mock.acquire_notify.silent = true;
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.acquire_notify.n_calls, 1);
        c.dial = dial_free(c.dial);
        fixture_settle(f);
        assert_int_equal(f->n_told, 0);
        assert_int_equal(f->mock.disconnect.n_calls, 1);
        caller_stop(&c);
}

static void test_central_failed_connection_is_tried_three_times(void **state)
{
        static const char *const texts[] = {"le-connection-abort-by-local",
                                            "Software caused connection abort",
                                            "le-connection-unknown"};
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        for (unsigned i = 0; i < 3; i++) {
                f->mock.connect = (struct mock_verb){
                        .n_fail = 2, .error = "org.bluez.Error.Failed", .text = texts[i]};
                mock_device_added(&f->mock);
                caller_expect(&c, REASON_NONE);
                assert_int_equal(f->mock.connect.n_calls, 3);
                caller_hang_up(&c);
        }
        mock_device_added(&f->mock);
        f->mock.connect = (struct mock_verb){
                .n_fail = 3, .error = "org.bluez.Error.Failed", .text = texts[0]};
        caller_expect(&c, REASON_CONNECT_FAILED);
        assert_int_equal(f->mock.connect.n_calls, 3);
        caller_stop(&c);
}

static void test_central_connection_that_drops_at_once_is_tried_again(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        f->mock.n_drops = 1;
        caller_expect(&c, REASON_NONE);
        caller_stop(&c);
}

static void test_central_busy_device_is_waited_for(void **state)
{
        static const struct {
                const char *error, *text;
        } cases[] = {
                {"org.bluez.Error.InProgress", "In Progress"},
                {"org.bluez.Error.Failed", "Operation already in progress"},
                {"org.bluez.Error.Failed", "le-connection-already-connected"},
        };
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                mock_device_added(&f->mock);
                f->mock.connect = (struct mock_verb){
                        .n_fail = 3, .error = cases[i].error, .text = cases[i].text};
                caller_expect(&c, REASON_NONE);
                assert_int_equal(f->mock.connect.n_calls, 4);
                caller_hang_up(&c);
        }
        mock_device_added(&f->mock);
        f->mock.connect =
                (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.AlreadyConnected"};
        mock_device_connected(&f->mock, true);
        mock_services_added(&f->mock);
        mock_device_resolved(&f->mock, true);
        caller_expect(&c, REASON_NONE);
        caller_stop(&c);
}

static void test_central_refusal_has_its_reason(void **state)
{
        static const struct {
                const char *error;
                enum reason why;
        } cases[] = {
                {"org.bluez.Error.NotSupported", REASON_CONNECT_FAILED},
                {"org.bluez.Error.NotReady", REASON_ADAPTER_OFF},
                {SD_BUS_ERROR_UNKNOWN_OBJECT, REASON_CONNECT_FAILED},
                {SD_BUS_ERROR_NO_REPLY, REASON_BLUETOOTH_DOWN},
        };
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                f->mock.connect = (struct mock_verb){.n_fail = 1, .error = cases[i].error};
                caller_expect(&c, cases[i].why);
        }
        f->mock.connect = (struct mock_verb){0};
        f->mock.acquire_notify =
                (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.NotSupported"};
        caller_expect(&c, REASON_SERVICE_MISSING);
        f->mock.acquire_write =
                (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.NotPermitted"};
        caller_expect(&c, REASON_SERVICE_MISSING);
        caller_stop(&c);
}

static void test_central_each_stage_has_its_patience(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_short_patience);
        f->mock.connect.silent = true;
        caller_expect(&c, REASON_CONNECT_FAILED);
        assert_int_equal(f->mock.connect.n_calls, 3);
        f->mock.connect.silent = false;
        mock_device_added(&f->mock);
        f->mock.resolves_never = true;
        caller_expect(&c, REASON_SERVICE_MISSING);
        f->mock.resolves_never = false;
        f->mock.acquire_notify.silent = true;
        caller_expect(&c, REASON_LINK_TIMEOUT);
        f->mock.acquire_notify.silent = false;
        f->mock.acquire_write.silent = true;
        caller_expect(&c, REASON_LINK_TIMEOUT);
        caller_stop(&c);
}

static void test_central_unanswered_attempt_is_called_off_and_made_again(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_short_patience);
        f->mock.connect.silent = true;
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.disconnect.n_calls, 1);
        f->mock.connect.silent = false;
        fixture_until_told(f, REASON_NONE);
        assert_int_equal(f->mock.connect.n_calls, 2);
        caller_stop(&c);
}

/* The kernel tells of the first attempt only while the third is made. */
static void test_central_late_failure_of_an_unanswered_attempt_is_survived(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_short_patience);
        f->mock.connect.silent = true;
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.disconnect.n_calls, 2);
        f->mock.connect.silent = false;
        f->mock.connect.n_fail = 1;
        f->mock.connect.error = "org.bluez.Error.Failed";
        fixture_until_told(f, REASON_NONE);
        assert_int_equal(f->mock.connect.n_calls, 4);
        caller_stop(&c);
}

static void test_central_services_that_come_late_are_waited_for(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        f->mock.resolves_early = true;
        assert_return_code(caller_dial(&c), 0);
        fixture_until(f, &f->mock.resolved);
        fixture_settle(f);
        assert_int_equal(f->n_told, 0);
        mock_services_added(&f->mock);
        fixture_until_told(f, REASON_NONE);
        caller_stop(&c);
}

static void test_central_services_that_never_come_are_missing(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_short_patience);
        f->mock.resolves_early = true;
        caller_expect(&c, REASON_SERVICE_MISSING);
        caller_stop(&c);
}

/* What can vanish at each stage, and how the dial, or the link, then ends. */
static void test_central_what_vanishes_at_each_stage_ends_it(void **state)
{
        enum { CONNECTING, RESOLVING, SUBSCRIBING, OPENING, N_STAGES };
        static const struct {
                const char *what;
                void (*vanish)(struct mock_bluez *m);
                enum reason why[N_STAGES];
        } cases[] = {
                {"bluetoothd",
                 mock_down,
                 {REASON_BLUETOOTH_DOWN, REASON_BLUETOOTH_DOWN, REASON_BLUETOOTH_DOWN,
                  REASON_BLUETOOTH_DOWN}},
                {"the adapter",
                 mock_adapter_removed,
                 {REASON_ADAPTER_MISSING, REASON_ADAPTER_MISSING, REASON_ADAPTER_MISSING,
                  REASON_ADAPTER_MISSING}},
                {"the device",
                 mock_device_removed,
                 {REASON_CONNECT_FAILED, REASON_LINK_LOST, REASON_LINK_LOST, REASON_LINK_LOST}},
        };
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                for (int stage = 0; stage < N_STAGES; stage++) {
                        struct mock_verb *const verbs[N_STAGES] = {
                                &f->mock.connect, &f->mock.connect, &f->mock.acquire_notify,
                                &f->mock.acquire_write};

                        mock_adapter_added(&f->mock);
                        mock_device_added(&f->mock);
                        f->mock.resolves_never = stage == RESOLVING;
                        *verbs[stage] = (struct mock_verb){.silent = stage != RESOLVING};
                        assert_return_code(caller_dial(&c), 0);
                        fixture_until_called(f, &verbs[stage]->n_calls, 1);
                        fixture_settle(f);
                        cases[i].vanish(&f->mock);
                        fixture_until_told(f, cases[i].why[stage]);
                        *verbs[stage] = (struct mock_verb){0};
                        if (!f->mock.bus)
                                mock_up(&f->mock);
                        fixture_settle(f);
                }
        caller_stop(&c);
}

static void vanish_notify(struct mock_bluez *m)
{
        m->notify_fd = fd_close(m->notify_fd);
}

static void vanish_write(struct mock_bluez *m)
{
        m->write_fd = fd_close(m->write_fd);
}

static void vanish_connection(struct mock_bluez *m)
{
        mock_device_connected(m, false);
}

static void test_central_link_is_lost_once_whatever_vanishes(void **state)
{
        static void (*const vanish[])(struct mock_bluez * m) = {
                vanish_notify, vanish_write, vanish_connection, mock_device_removed, mock_down};
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        for (size_t i = 0; i < sizeof(vanish) / sizeof(vanish[0]); i++) {
                mock_device_added(&f->mock);
                caller_expect(&c, REASON_NONE);
                vanish[i](&f->mock);
                loop_until(f->event, &c.record.n_lost, 1);
                fixture_settle(f);
                assert_int_equal(c.record.n_lost, 1);
                assert_int_equal(c.record.why, REASON_LINK_LOST);
                caller_hang_up(&c);
        }
        caller_stop(&c);
}

static void test_central_odd_paths_are_refused(void **state)
{
        static const char *const paths[] = {
                "", "/", "nothing",
                "/org/bluez/hci0/dev_00_11_22_33_44_55_66_77_88_99_AA_BB_CC_DD_EE_FF_00_11"};
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
                assert_int_equal(caller_dial_to(&c, paths[i]), -EINVAL);
        caller_stop(&c);
}

/* --- while others listen --- */

static void test_central_discovery_stops_for_a_dial_and_resumes(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        caller_listen(&c);

        /* Connect only when the end of discovery has been confirmed. */
        f->mock.stop.silent = true;
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.stop.n_calls, 1);
        assert_int_equal(f->mock.connect.n_calls, 0);
        c.dial = dial_free(c.dial);
        f->mock.stop.silent = false; /* it is asked again */
        fixture_until_called(f, &f->mock.start.n_calls, 2);
        fixture_settle(f);

        caller_expect(&c, REASON_NONE);
        assert_int_equal(f->mock.stop.n_calls, 3);
        assert_int_equal(f->mock.start.n_calls, 3);
        assert_true(f->mock.discovering);
        f->mock.rssi = -44;
        mock_device_heard(&f->mock);
        fixture_settle(f);
        assert_int_equal(c.n_heard, 1);

        /* An attempt that fails lets it go on, too; nothing was listed again for all this. */
        caller_hang_up(&c);
        mock_device_added(&f->mock);
        f->mock.connect = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.NotSupported"};
        caller_expect(&c, REASON_CONNECT_FAILED);
        fixture_settle(f);
        assert_true(f->mock.discovering);
        assert_int_equal(f->mock.list.n_calls, 1);
        caller_stop(&c);
}

static void test_central_discovery_is_off_while_connect_is_under_way(void **state)
{
        struct fixture *f = *state;
        struct caller c, other = {.f = f};

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        caller_listen(&c);
        f->mock.connect.silent = true;
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.connect.n_calls, 1);
        fixture_settle(f);
        assert_false(f->mock.discovering);

        /* A second device is dialled at once; discovery goes on when both dials are over. */
        mock_device_at(&f->mock, CALLER_OTHER_DEVICE);
        other.central = c.central;
        assert_return_code(caller_dial_to(&other, CALLER_OTHER_DEVICE), 0);
        fixture_until_called(f, &f->mock.connect.n_calls, 2);
        c.dial = dial_free(c.dial);
        fixture_settle(f);
        assert_false(f->mock.discovering);
        other.dial = dial_free(other.dial);
        fixture_until(f, &f->mock.discovering);
        assert_int_equal(f->mock.stop.n_calls, 1);
        caller_stop(&c);
}

static void test_central_silent_stop_does_not_hold_the_dial_up(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        f->mock.stop.silent = true;
        caller_listen(&c);
        haste = 20;
        caller_expect(&c, REASON_NONE);
        haste = 1;
        caller_stop(&c);
}

static void test_central_bluetoothd_gone_while_discovery_is_stopped_fails(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        f->mock.stop.silent = true;
        caller_listen(&c);
        assert_return_code(caller_dial(&c), 0);
        fixture_until_called(f, &f->mock.stop.n_calls, 1);
        mock_down(&f->mock);
        fixture_until_told(f, REASON_BLUETOOTH_DOWN);
        assert_int_equal(f->mock.connect.n_calls, 0);
        mock_up(&f->mock);
        fixture_settle(f);
        caller_stop(&c);
}

static void test_central_dials_list_no_objects(void **state)
{
        struct fixture *f = *state;
        struct caller c;

        caller_start(&c, f, CENTRAL_GATT, &caller_long_patience);
        for (unsigned i = 1; i <= 3; i++) {
                mock_device_added(&f->mock);
                caller_expect(&c, REASON_NONE);
                caller_hang_up(&c);
        }
        assert_int_equal(f->mock.list.n_calls, 1);
        fixture_restart(f);
        assert_int_equal(f->mock.list.n_calls, 2);
        caller_stop(&c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                fixture_test(test_central_link_carries_messages_both_ways),
                fixture_test(test_central_uses_the_mtu_of_the_answer),
                fixture_test(test_central_every_mtu_carries_full_packets_both_ways),
                fixture_test(test_central_freeing_the_link_disconnects_and_forgets),
                fixture_test(test_central_dial_during_hang_up_waits_for_it),
                fixture_test(test_central_freed_during_hang_up_leaves_it_to_bluetoothd),
                fixture_test(test_central_dial_given_up_is_never_told),
                fixture_test(test_central_failed_connection_is_tried_three_times),
                fixture_test(test_central_connection_that_drops_at_once_is_tried_again),
                fixture_test(test_central_busy_device_is_waited_for),
                fixture_test(test_central_refusal_has_its_reason),
                fixture_test(test_central_each_stage_has_its_patience),
                fixture_test(test_central_unanswered_attempt_is_called_off_and_made_again),
                fixture_test(test_central_late_failure_of_an_unanswered_attempt_is_survived),
                fixture_test(test_central_services_that_come_late_are_waited_for),
                fixture_test(test_central_services_that_never_come_are_missing),
                fixture_test(test_central_what_vanishes_at_each_stage_ends_it),
                fixture_test(test_central_link_is_lost_once_whatever_vanishes),
                fixture_test(test_central_odd_paths_are_refused),
                fixture_test(test_central_discovery_stops_for_a_dial_and_resumes),
                fixture_test(test_central_discovery_is_off_while_connect_is_under_way),
                fixture_test(test_central_silent_stop_does_not_hold_the_dial_up),
                fixture_test(test_central_bluetoothd_gone_while_discovery_is_stopped_fails),
                fixture_test(test_central_dials_list_no_objects),
        };
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
