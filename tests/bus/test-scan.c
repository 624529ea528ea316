/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "ble/scan.h"
#include "support/mock-bus.h"

static const uint8_t wanted[BLE_DATA_BYTES] = "0123456789";
static const uint8_t other[BLE_DATA_BYTES] = "abcdefghij";
static const uint8_t longer[300];

struct seeker {
        struct fixture *f;
        struct scan *scan;
        struct scan_found found;
        struct scan_heard heard;
        size_t n_matched;
};

static bool seeker_match(void *userdata, const uint8_t data[BLE_DATA_BYTES])
{
        struct seeker *s = userdata;

        s->n_matched++;
        return memcmp(data, wanted, BLE_DATA_BYTES) == 0;
}

static void seeker_on_found(void *userdata, const struct scan_found *found)
{
        struct seeker *s = userdata;

        s->found = *found;
        s->f->n_told++;
        s->f->why = REASON_NONE;
        s->scan = scan_free(s->scan);
}

static void seeker_on_end(void *userdata, enum reason why, const struct scan_heard *heard)
{
        struct seeker *s = userdata;

        s->heard = *heard;
        s->f->n_told++;
        s->f->why = why;
        s->scan = scan_free(s->scan);
}

static void seek_for(struct seeker *s, struct fixture *f, unsigned seconds)
{
        static const struct scan_handler owner = {seeker_match, seeker_on_found, seeker_on_end};

        *s = (struct seeker){.f = f};
        assert_return_code(scan_new(f->bluez, MOCK_ADAPTER, seconds, &owner, s, &s->scan), 0);
}

static void seek(struct seeker *s, struct fixture *f)
{
        seek_for(s, f, 0);
        fixture_until(f, &f->mock.discovering);
        fixture_settle(f);
}

static void advertise(struct fixture *f, const uint8_t *data, size_t n_data, int16_t rssi)
{
        f->mock.data = data;
        f->mock.n_data = n_data;
        f->mock.rssi = rssi;
}

static void expect_found(struct seeker *s, int rssi)
{
        fixture_until_told(s->f, REASON_NONE);
        assert_string_equal(s->found.device, MOCK_DEVICE);
        assert_memory_equal(s->found.data, wanted, BLE_DATA_BYTES);
        assert_int_equal(s->found.rssi, rssi);
        fixture_settle(s->f);
        assert_false(s->f->mock.discovering);
}

static void test_scan_new_device_is_found_and_discovery_stopped(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        seek(&s, f);
        advertise(f, wanted, BLE_DATA_BYTES, -58);
        mock_device_added(&f->mock);
        expect_found(&s, -58);
        assert_int_equal(f->mock.start.n_calls, 1);
        assert_int_equal(f->mock.stop.n_calls, 1);
}

static void test_scan_known_device_is_found_by_what_is_new(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.has_device = true;
        seek(&s, f);
        advertise(f, wanted, BLE_DATA_BYTES, -70);
        mock_device_heard(&f->mock);
        expect_found(&s, -70);
}

static void test_scan_known_device_being_heard_is_found(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.has_device = true;
        advertise(f, wanted, BLE_DATA_BYTES, -40);
        seek_for(&s, f, 0);
        expect_found(&s, -40);
}

static void test_scan_stale_data_is_not_looked_at(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.has_device = true;
        advertise(f, wanted, BLE_DATA_BYTES, 0);
        seek(&s, f);
        assert_int_equal(s.n_matched, 0);
        (void)scan_free(s.scan);
        fixture_settle(f);
        assert_false(f->mock.discovering);
}

static void test_scan_that_finds_nothing_says_what_it_heard(void **state)
{
        struct fixture *f = *state;
        struct seeker s;
        char text[96];

        advertise(f, other, BLE_DATA_BYTES, -81);
        seek_for(&s, f, 1);
        fixture_until(f, &f->mock.discovering);
        mock_device_added(&f->mock);
        advertise(f, other, BLE_DATA_BYTES, -84);
        mock_device_heard(&f->mock);
        fixture_until_told(f, REASON_DEVICE_NOT_FOUND);
        assert_int_equal(s.heard.n_devices, 1);
        assert_int_equal(s.heard.strongest, -84);
        scan_describe(&s.heard, text, sizeof(text));
        assert_string_equal(text, "1 enrollable device heard, strongest -84 dBm, none is this one");
        fixture_settle(f);
        assert_false(f->mock.discovering);
}

static void test_scan_describes_every_tally(void **state)
{
        static const struct {
                struct scan_heard heard;
                const char *text;
        } cases[] = {
                {{0, BLUEZ_RSSI_UNSET}, "nothing heard"},
                {{2, -81}, "2 enrollable devices heard, strongest -81 dBm, none is this one"},
                {{1, BLUEZ_RSSI_UNSET}, "1 enrollable device heard, none is this one"},
        };
        char text[96];

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                scan_describe(&cases[i].heard, text, sizeof(text));
                assert_string_equal(text, cases[i].text);
        }
}

static void test_scan_garbage_is_passed_over(void **state)
{
        static const struct {
                const char *type;
                size_t n_data;
        } cases[] = {{"s", 0}, {"ay", 0}, {"ay", 9}, {"ay", 11}, {"ay", 300}};
        struct fixture *f = *state;
        struct seeker s;

        seek(&s, f);
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                f->mock.data_type = cases[i].type;
                advertise(f, longer, cases[i].n_data, -50);
                mock_device_heard(&f->mock);
                mock_device_added(&f->mock);
        }
        fixture_settle(f);
        assert_int_equal(s.n_matched, 0);
        f->mock.data_type = "ay";
        advertise(f, wanted, BLE_DATA_BYTES, -50);
        mock_device_heard(&f->mock);
        expect_found(&s, -50);
}

static void test_scan_busy_adapter_is_tried_again(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.set_filter = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.InProgress"};
        f->mock.start = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.InProgress"};
        seek(&s, f);
        assert_int_equal(f->mock.start.n_calls, 2);
        advertise(f, wanted, BLE_DATA_BYTES, -58);
        mock_device_added(&f->mock);
        expect_found(&s, -58);
}

static void test_scan_that_stays_busy_says_so(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.start = (struct mock_verb){.n_fail = 99, .error = "org.bluez.Error.InProgress"};
        seek_for(&s, f, 0);
        fixture_until_told(f, REASON_ADAPTER_BUSY);
        assert_int_equal(f->mock.start.n_calls, 5);
}

static void test_scan_refusal_has_its_reason(void **state)
{
        static const struct {
                const char *error;
                enum reason why;
        } cases[] = {
                {"org.bluez.Error.NotReady", REASON_ADAPTER_OFF},
                {"org.bluez.Error.Blocked", REASON_ADAPTER_BLOCKED},
                {SD_BUS_ERROR_UNKNOWN_OBJECT, REASON_ADAPTER_MISSING},
                {SD_BUS_ERROR_ACCESS_DENIED, REASON_BLUETOOTH_DOWN},
        };
        struct fixture *f = *state;
        struct seeker s;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                f->mock.start = (struct mock_verb){.n_fail = 1, .error = cases[i].error};
                seek_for(&s, f, 0);
                fixture_until_told(f, cases[i].why);
                f->mock.set_filter = (struct mock_verb){.n_fail = 1, .error = cases[i].error};
                seek_for(&s, f, 0);
                fixture_until_told(f, cases[i].why);
        }
}

static void test_scan_adapter_removed_or_off_in_the_middle_ends_it(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        seek(&s, f);
        mock_adapter_powered(&f->mock, false);
        fixture_until_told(f, REASON_ADAPTER_OFF);
        mock_adapter_powered(&f->mock, true);
        fixture_settle(f);
        seek(&s, f);
        mock_adapter_removed(&f->mock);
        fixture_until_told(f, REASON_ADAPTER_MISSING);
}

static void test_scan_bluetoothd_gone_at_each_stage_ends_it(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        for (unsigned stage = 0; stage < 4; stage++) {
                f->mock.set_filter.silent = stage == 0;
                f->mock.start.silent = stage == 1;
                f->mock.stop.silent = stage == 3;
                f->mock.set_filter.n_calls = f->mock.start.n_calls = f->mock.stop.n_calls = 0;
                advertise(f, wanted, BLE_DATA_BYTES, -58);
                seek_for(&s, f, 0);
                if (stage == 0)
                        fixture_until_called(f, &f->mock.set_filter.n_calls, 1);
                else
                        fixture_until_called(f, &f->mock.start.n_calls, 1);
                if (stage == 3) {
                        mock_device_added(&f->mock);
                        fixture_until_called(f, &f->mock.stop.n_calls, 1);
                }
                mock_down(&f->mock);
                fixture_until_told(f, REASON_BLUETOOTH_DOWN);
                if (stage == 0) {
                        seek_for(&s, f, 0);
                        fixture_until_told(f, REASON_BLUETOOTH_DOWN);
                }
                mock_up(&f->mock);
                fixture_settle(f);
        }
}

static void test_scan_silent_stop_does_not_hold_the_find_up(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.stop.silent = true;
        seek(&s, f);
        advertise(f, wanted, BLE_DATA_BYTES, -58);
        mock_device_added(&f->mock);
        fixture_until_told(f, REASON_NONE);
        assert_string_equal(s.found.device, MOCK_DEVICE);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                fixture_test(test_scan_new_device_is_found_and_discovery_stopped),
                fixture_test(test_scan_known_device_is_found_by_what_is_new),
                fixture_test(test_scan_known_device_being_heard_is_found),
                fixture_test(test_scan_stale_data_is_not_looked_at),
                fixture_test(test_scan_that_finds_nothing_says_what_it_heard),
                fixture_test(test_scan_describes_every_tally),
                fixture_test(test_scan_garbage_is_passed_over),
                fixture_test(test_scan_busy_adapter_is_tried_again),
                fixture_test(test_scan_that_stays_busy_says_so),
                fixture_test(test_scan_refusal_has_its_reason),
                fixture_test(test_scan_adapter_removed_or_off_in_the_middle_ends_it),
                fixture_test(test_scan_bluetoothd_gone_at_each_stage_ends_it),
                fixture_test(test_scan_silent_stop_does_not_hold_the_find_up),
        };
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
