/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "ble/heard.h"
#include "ble/observer.h"
#include "support/haste.h"
#include "support/mock-bus.h"

static const uint8_t wanted[BLE_DATA_BYTES] = "0123456789";
static const uint8_t other[BLE_DATA_BYTES] = "abcdefghij";
static const uint8_t longer[300];

/* Looks for one device, and stops when it is found or nothing can be heard any more. */
struct seeker {
        struct fixture *f;
        struct adapters *adapters;
        struct listening *listening;
        char device[BLUEZ_PATH_MAX], adapter[16];
        int rssi;
        struct heard_tally others;
        size_t n_heard, n_matched; /* advertisements; of them those that may be the one */
        bool stays;                /* goes on when it is found */
        struct listening **friend; /* freed together with it */
};

static void seeker_on_heard(void *userdata, const struct observer_heard *heard)
{
        const struct bluez_data *data = observer_find_service_data(heard, BLE_SERVICE_UUID);
        struct seeker *s = userdata;

        s->n_heard++;
        if (!data || data->n_bytes != BLE_DATA_BYTES)
                return;
        s->n_matched++;
        if (memcmp(data->bytes, wanted, BLE_DATA_BYTES) != 0) {
                heard_tally_note(&s->others, heard->device, heard->rssi);
                return;
        }
        (void)snprintf(s->device, sizeof(s->device), "%s", heard->device);
        (void)snprintf(s->adapter, sizeof(s->adapter), "%s", heard->adapter);
        s->rssi = heard->rssi;
        s->f->n_told++;
        s->f->why = REASON_NONE;
        if (!s->stays)
                s->listening = listening_free(s->listening);
        if (s->friend)
                *s->friend = listening_free(*s->friend);
}

static void seeker_on_deaf(void *userdata, enum reason why)
{
        struct seeker *s = userdata;

        s->f->n_told++;
        s->f->why = why;
        s->listening = listening_free(s->listening);
}

static void listen_to(struct seeker *s, struct fixture *f, struct adapters *adapters)
{
        static const struct observer_handler owner = {seeker_on_heard, seeker_on_deaf};

        *s = (struct seeker){.f = f, .adapters = adapters};
        assert_return_code(listening_new(adapters, &owner, s, &s->listening), 0);
}

static void listen_along(struct seeker *s, struct fixture *f, struct adapters *adapters)
{
        static const struct observer_handler owner = {seeker_on_heard, seeker_on_deaf};

        *s = (struct seeker){.f = f, .adapters = adapters, .stays = true};
        assert_return_code(listening_new_along(adapters, &owner, s, &s->listening), 0);
}

static void on_state(void *userdata, enum reason why)
{
        (void)userdata;
        (void)why;
}

static struct adapters *use(struct fixture *f, const char *wish)
{
        static const struct adapters_handler user = {.on_state = on_state};
        struct adapters *adapters;

        assert_return_code(
                adapters_new(f->bluez, wish, ADAPTER_CENTRAL, false, &user, NULL, &adapters), 0);
        fixture_settle(f);
        return adapters;
}

static struct adapters *use_two(struct fixture *f)
{
        f->mock.adapter2 = f->mock.powered2 = true;
        fixture_restart(f);
        return use(f, "all");
}

static void seek(struct seeker *s, struct fixture *f)
{
        listen_to(s, f, use(f, NULL));
        fixture_until(f, &f->mock.discovering);
        fixture_settle(f);
}

static void seek_no_more(struct seeker *s)
{
        s->listening = listening_free(s->listening);
        s->adapters = adapters_free(s->adapters);
        fixture_settle(s->f);
        assert_false(s->f->mock.discovering);
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
        assert_string_equal(s->device, MOCK_DEVICE);
        assert_string_equal(s->adapter, "hci0");
        assert_int_equal(s->rssi, rssi);
        fixture_settle(s->f);
        assert_false(s->f->mock.discovering);
        seek_no_more(s);
}

static void test_observer_new_device_is_found_and_discovery_stopped(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        seek(&s, f);
        advertise(f, wanted, BLE_DATA_BYTES, -58);
        mock_device_added(&f->mock);
        expect_found(&s, -58);
        assert_int_equal(f->mock.start.n_calls, 1);
        assert_int_equal(f->mock.stop.n_calls, 1);
        assert_int_equal(f->mock.list.n_calls, 1);
}

static void test_observer_known_device_is_found_by_what_is_new(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        mock_device_added(&f->mock);
        seek(&s, f);
        advertise(f, wanted, BLE_DATA_BYTES, -70);
        mock_device_heard(&f->mock);
        expect_found(&s, -70);
}

static void test_observer_known_device_being_heard_is_found(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        advertise(f, wanted, BLE_DATA_BYTES, -40);
        mock_device_added(&f->mock);
        listen_to(&s, f, use(f, NULL));
        expect_found(&s, -40);
}

/* A controller may know that it hears the device, but not how well. */
static void test_observer_device_of_unknown_strength_is_found(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        seek(&s, f);
        advertise(f, wanted, BLE_DATA_BYTES, BLUEZ_RSSI_UNSET);
        mock_device_added(&f->mock);
        expect_found(&s, BLUEZ_RSSI_UNSET);
}

static void test_observer_stale_data_is_not_looked_at(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        advertise(f, wanted, BLE_DATA_BYTES, 0);
        mock_device_added(&f->mock);
        seek(&s, f);
        assert_int_equal(s.n_heard, 0);
        seek_no_more(&s);
}

/* A discovery has ended: BlueZ remembers the device, but nobody hears it. */
static void test_observer_device_that_is_heard_no_more_is_not_reported(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        advertise(f, wanted, BLE_DATA_BYTES, -40);
        mock_device_added(&f->mock);
        mock_device_unheard(&f->mock);
        seek(&s, f);
        assert_int_equal(s.n_heard, 0);
        advertise(f, NULL, 0, -44);
        mock_device_heard(&f->mock);
        fixture_settle(f);
        assert_int_equal(s.n_heard, 1);
        assert_int_equal(s.n_matched, 0);
        seek_no_more(&s);
}

static void test_observer_others_are_heard_and_tallied(void **state)
{
        struct fixture *f = *state;
        struct seeker s;
        char text[HEARD_TEXT_SIZE];

        seek(&s, f);
        advertise(f, other, BLE_DATA_BYTES, -81);
        mock_device_added(&f->mock);
        advertise(f, other, BLE_DATA_BYTES, -84);
        mock_device_heard(&f->mock);
        fixture_settle(f);
        assert_int_equal(s.others.n_devices, 1);
        assert_int_equal(heard_tally_strongest(&s.others), -84);
        heard_tally_describe(&s.others, text, sizeof(text));
        assert_string_equal(text, "1 enrollable device heard, strongest -84 dBm, but not this one");
        seek_no_more(&s);
}

static void test_observer_garbage_is_passed_over(void **state)
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
        assert_int_equal(s.n_heard, 2 * sizeof(cases) / sizeof(cases[0]));
        f->mock.data_type = "ay";
        advertise(f, wanted, BLE_DATA_BYTES, -50);
        mock_device_heard(&f->mock);
        expect_found(&s, -50);
}

struct reader {
        bool other, company;
        size_t n_service_data;
};

static void reader_on_heard(void *userdata, const struct observer_heard *heard)
{
        const struct bluez_data *other_data = observer_find_service_data(heard, MOCK_OTHER_UUID);
        struct reader *r = userdata;

        assert_non_null(other_data);
        assert_int_equal(other_data->n_bytes, 2);
        assert_memory_equal(other_data->bytes, "\1\2", 2);
        r->other = true;
        assert_int_equal(heard->n_manufacturer_data, 1);
        assert_int_equal(heard->manufacturer_data[0].company, MOCK_COMPANY);
        assert_int_equal(heard->manufacturer_data[0].n_bytes, 3);
        assert_memory_equal(heard->manufacturer_data[0].bytes, "\7\10\11", 3);
        r->company = true;
        r->n_service_data = heard->n_service_data;
        assert_null(observer_find_service_data(heard, BLE_IN_UUID));
}

static void reader_on_deaf(void *userdata, enum reason why)
{
        (void)userdata;
        fail_msg("deaf: %s", reason_code(why));
}

static void test_observer_all_that_is_advertised_is_passed_on(void **state)
{
        static const struct observer_handler owner = {reader_on_heard, reader_on_deaf};
        struct fixture *f = *state;
        struct adapters *adapters = use(f, NULL);
        struct listening *listening;
        struct reader r = {0};

        advertise(f, other, BLE_DATA_BYTES, -61);
        mock_device_added(&f->mock); /* a subscriber that comes later gets this, too */
        fixture_settle(f);
        assert_return_code(listening_new(adapters, &owner, &r, &listening), 0);
        fixture_until(f, &r.company);
        assert_true(r.other);
        assert_int_equal(r.n_service_data, 2);
        r = (struct reader){0};
        mock_device_heard(&f->mock);
        fixture_until(f, &r.company);
        assert_int_equal(r.n_service_data, 2);
        (void)listening_free(listening);
        (void)adapters_free(adapters);
}

static void test_observer_subscribers_share_one_discovery(void **state)
{
        struct fixture *f = *state;
        struct seeker first, second;

        seek(&first, f);
        advertise(f, other, BLE_DATA_BYTES, -58);
        mock_device_added(&f->mock);
        fixture_settle(f);

        /* A later subscriber first gets what is being heard: it may not be announced again. */
        listen_to(&second, f, first.adapters);
        fixture_settle(f);
        assert_int_equal(second.n_heard, 1);
        mock_device_heard(&f->mock);
        fixture_settle(f);
        assert_int_equal(first.n_heard, 2);
        assert_int_equal(second.n_heard, 2);

        first.listening = listening_free(first.listening);
        fixture_settle(f);
        assert_true(f->mock.discovering);
        assert_int_equal(f->mock.stop.n_calls, 0);
        mock_device_heard(&f->mock);
        fixture_settle(f);
        assert_int_equal(first.n_heard, 2);
        assert_int_equal(second.n_heard, 3);
        seek_no_more(&second);
        assert_int_equal(f->mock.start.n_calls, 1);
        assert_int_equal(f->mock.stop.n_calls, 1);
}

/* Each of two subscribers frees both, so only one of them is notified. */
static void test_observer_who_hears_along_starts_nothing_and_keeps_nothing(void **state)
{
        struct fixture *f = *state;
        struct adapters *adapters = use(f, NULL);
        struct seeker along, s;

        listen_along(&along, f, adapters);
        fixture_settle(f);
        assert_false(f->mock.discovering);
        listen_to(&s, f, adapters);
        fixture_until(f, &f->mock.discovering);
        advertise(f, wanted, BLE_DATA_BYTES, -58);
        mock_device_added(&f->mock);
        fixture_until_called(f, &f->mock.stop.n_calls, 1);
        fixture_settle(f);
        assert_int_equal(along.n_matched, 1);
        assert_null(s.listening);
        assert_non_null(along.listening);
        assert_false(f->mock.discovering);
        along.listening = listening_free(along.listening);
        (void)adapters_free(adapters);
}

/* The adapter that is off may be on again before it is needed. */
static void test_observer_who_hears_along_is_never_deaf(void **state)
{
        struct fixture *f = *state;
        struct adapters *adapters;
        struct seeker along;

        f->mock.powered = false;
        fixture_restart(f);
        adapters = use(f, NULL);
        listen_along(&along, f, adapters);
        fixture_settle(f);
        assert_int_equal(f->n_told, 0);
        along.listening = listening_free(along.listening);
        (void)adapters_free(adapters);
}

static void test_observer_subscribers_may_leave_while_they_are_notified(void **state)
{
        struct fixture *f = *state;
        struct seeker first, second, third;

        seek(&first, f);
        listen_to(&second, f, first.adapters);
        listen_to(&third, f, first.adapters);
        third.stays = true;
        fixture_settle(f);
        first.friend = &second.listening;
        second.friend = &first.listening;
        advertise(f, wanted, BLE_DATA_BYTES, -58);
        mock_device_added(&f->mock);
        fixture_settle(f);
        assert_int_equal(first.n_heard + second.n_heard, 1);
        assert_int_equal(third.n_heard, 1);
        assert_null(first.listening);
        assert_null(second.listening);
        seek_no_more(&third);
}

static void test_observer_both_adapters_listen_and_one_goes(void **state)
{
        struct fixture *f = *state;
        struct adapters *adapters = use_two(f);
        struct seeker s;

        listen_to(&s, f, adapters);
        s.stays = true;
        fixture_until(f, &f->mock.discovering);
        fixture_until(f, &f->mock.discovering2);
        advertise(f, wanted, BLE_DATA_BYTES, -58);
        mock_device_at(&f->mock, MOCK_DEVICE2);
        fixture_until_told(f, REASON_NONE);
        assert_string_equal(s.device, MOCK_DEVICE2);
        assert_string_equal(s.adapter, "hci1");
        mock_device_added(&f->mock);
        fixture_until_told(f, REASON_NONE);
        assert_string_equal(s.adapter, "hci0");

        mock_adapter2_removed(&f->mock);
        fixture_settle(f);
        mock_device_heard(&f->mock);
        fixture_until_told(f, REASON_NONE);
        assert_true(f->mock.discovering);
        assert_int_equal(f->mock.start.n_calls, 2);

        mock_adapter_powered(&f->mock, false);
        fixture_until_told(f, REASON_ADAPTER_OFF);
        assert_null(s.listening);
        seek_no_more(&s);
}

static void test_observer_adapter_that_comes_into_use_listens(void **state)
{
        struct fixture *f = *state;
        struct adapters *adapters;
        struct seeker s;

        f->mock.adapter2 = true;
        fixture_restart(f);
        adapters = use(f, "hci0, hci1");
        listen_to(&s, f, adapters);
        fixture_until(f, &f->mock.discovering);
        assert_false(f->mock.discovering2);
        mock_adapter2_powered(&f->mock, true);
        fixture_until(f, &f->mock.discovering2);

        /* Off and on again before anybody has looked: its discovery is over all the same. */
        mock_adapter2_powered(&f->mock, false);
        mock_adapter2_powered(&f->mock, true);
        fixture_until(f, &f->mock.discovering2);
        seek_no_more(&s);
        assert_false(f->mock.discovering2);
}

static void test_observer_that_is_not_in_use_is_not_heard(void **state)
{
        struct fixture *f = *state;
        struct adapters *adapters;
        struct seeker s;

        f->mock.adapter2 = f->mock.powered2 = true;
        fixture_restart(f);
        adapters = use(f, NULL);
        listen_to(&s, f, adapters);
        fixture_until(f, &f->mock.discovering);
        advertise(f, wanted, BLE_DATA_BYTES, -58);
        mock_device_at(&f->mock, MOCK_DEVICE2);
        fixture_settle(f);
        assert_int_equal(s.n_heard, 0);
        assert_false(f->mock.discovering2);
        seek_no_more(&s);
}

static void test_observer_one_adapter_that_refuses_is_not_deaf(void **state)
{
        struct fixture *f = *state;
        struct adapters *adapters = use_two(f);
        struct seeker s;

        f->mock.start = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.NotReady"};
        listen_to(&s, f, adapters);
        fixture_until_called(f, &f->mock.start.n_calls, 2);
        fixture_settle(f);
        assert_int_equal(f->n_told, 0);
        assert_int_equal(f->mock.discovering + f->mock.discovering2, 1);

        /* It is tried again with the next subscriber, or in a while. */
        seek_no_more(&s);
        adapters = use(f, "all");
        listen_to(&s, f, adapters);
        fixture_until(f, &f->mock.discovering);
        fixture_until(f, &f->mock.discovering2);
        seek_no_more(&s);
}

static void test_observer_busy_adapter_is_tried_again(void **state)
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

static void test_observer_refusal_has_its_reason(void **state)
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
        struct adapters *adapters = use(f, NULL);
        struct seeker s;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                f->mock.start = (struct mock_verb){.n_fail = 1, .error = cases[i].error};
                listen_to(&s, f, adapters);
                fixture_until_told(f, cases[i].why);
                f->mock.set_filter = (struct mock_verb){.n_fail = 1, .error = cases[i].error};
                listen_to(&s, f, adapters);
                fixture_until_told(f, cases[i].why);
        }
        seek_no_more(&s);
}

static void test_observer_without_a_usable_adapter_is_deaf(void **state)
{
        struct fixture *f = *state;
        struct adapters *adapters;
        struct seeker s;

        f->mock.powered = false;
        fixture_restart(f);
        adapters = use(f, NULL);
        listen_to(&s, f, adapters);
        assert_int_equal(f->n_told, 0); /* from the loop */
        fixture_until_told(f, REASON_ADAPTER_OFF);
        assert_int_equal(f->mock.set_filter.n_calls, 0);
        seek_no_more(&s);
}

static void test_observer_adapter_removed_or_off_in_the_middle_ends_it(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        seek(&s, f);
        mock_adapter_powered(&f->mock, false);
        fixture_until_told(f, REASON_ADAPTER_OFF);
        seek_no_more(&s);
        mock_adapter_powered(&f->mock, true);
        fixture_settle(f);
        seek(&s, f);
        mock_adapter_removed(&f->mock);
        fixture_until_told(f, REASON_ADAPTER_MISSING);
        seek_no_more(&s);
}

static void test_observer_bluetoothd_gone_at_each_stage_ends_it(void **state)
{
        struct fixture *f = *state;
        struct adapters *adapters = use(f, NULL);
        struct seeker s;

        for (unsigned stage = 0; stage < 3; stage++) {
                f->mock.set_filter.silent = stage == 0;
                f->mock.start.silent = stage == 1;
                f->mock.set_filter.n_calls = f->mock.start.n_calls = 0;
                listen_to(&s, f, adapters);
                if (stage == 0)
                        fixture_until_called(f, &f->mock.set_filter.n_calls, 1);
                else
                        fixture_until_called(f, &f->mock.start.n_calls, 1);
                mock_down(&f->mock);
                fixture_until_told(f, REASON_BLUETOOTH_DOWN);
                if (stage == 0) {
                        listen_to(&s, f, adapters);
                        fixture_until_told(f, REASON_BLUETOOTH_DOWN);
                }
                mock_up(&f->mock);
                fixture_settle(f);
        }
        seek_no_more(&s);
}

/* A bluetoothd that is back before anybody has looked knows nothing of a discovery. */
static void test_observer_bluetoothd_restarted_is_asked_again(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        seek(&s, f);
        fixture_restart(f);
        if (!s.listening)
                listen_to(&s, f, s.adapters);
        fixture_until(f, &f->mock.discovering);
        assert_int_equal(f->mock.list.n_calls, 2);
        seek_no_more(&s);
}

/* A stop that is not answered holds up neither the end nor the next beginning. */
static void test_observer_silent_stop_is_survived(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        f->mock.stop.silent = true;
        seek(&s, f);
        haste = 20;
        s.listening = listening_free(s.listening);
        fixture_until_called(f, &f->mock.stop.n_calls, 1);
        listen_to(&s, f, s.adapters);
        fixture_until_called(f, &f->mock.start.n_calls, 2);
        haste = 1;
        f->mock.stop.silent = false;
        fixture_settle(f);
        seek_no_more(&s);
}

/* An advertisement may be lost while discovery is being started, for as long as that lasts. */
static void test_observer_discovery_is_begun_anew_after_a_while(void **state)
{
        struct fixture *f = *state;
        struct seeker s;

        haste = 20;
        seek(&s, f);
        haste = 1;
        fixture_until_called(f, &f->mock.stop.n_calls, 1);
        fixture_until_called(f, &f->mock.start.n_calls, 2);
        fixture_settle(f);
        assert_true(f->mock.discovering);
        assert_int_equal(f->n_told, 0);
        seek_no_more(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                fixture_test(test_observer_new_device_is_found_and_discovery_stopped),
                fixture_test(test_observer_known_device_is_found_by_what_is_new),
                fixture_test(test_observer_known_device_being_heard_is_found),
                fixture_test(test_observer_device_of_unknown_strength_is_found),
                fixture_test(test_observer_stale_data_is_not_looked_at),
                fixture_test(test_observer_device_that_is_heard_no_more_is_not_reported),
                fixture_test(test_observer_others_are_heard_and_tallied),
                fixture_test(test_observer_garbage_is_passed_over),
                fixture_test(test_observer_all_that_is_advertised_is_passed_on),
                fixture_test(test_observer_subscribers_share_one_discovery),
                fixture_test(test_observer_who_hears_along_starts_nothing_and_keeps_nothing),
                fixture_test(test_observer_who_hears_along_is_never_deaf),
                fixture_test(test_observer_subscribers_may_leave_while_they_are_notified),
                fixture_test(test_observer_both_adapters_listen_and_one_goes),
                fixture_test(test_observer_adapter_that_comes_into_use_listens),
                fixture_test(test_observer_that_is_not_in_use_is_not_heard),
                fixture_test(test_observer_one_adapter_that_refuses_is_not_deaf),
                fixture_test(test_observer_busy_adapter_is_tried_again),
                fixture_test(test_observer_refusal_has_its_reason),
                fixture_test(test_observer_without_a_usable_adapter_is_deaf),
                fixture_test(test_observer_adapter_removed_or_off_in_the_middle_ends_it),
                fixture_test(test_observer_bluetoothd_gone_at_each_stage_ends_it),
                fixture_test(test_observer_bluetoothd_restarted_is_asked_again),
                fixture_test(test_observer_silent_stop_is_survived),
                fixture_test(test_observer_discovery_is_begun_anew_after_a_while),
        };
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
