/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ble/adapter.h"
#include "support/mock-bus.h"

#define NO_RFKILL "/does/not/exist"

static void on_state(void *userdata, enum reason why)
{
        struct fixture *f = userdata;

        f->n_told++;
        f->why = why;
}

static struct adapters *start(struct fixture *f, const char *wish, bool power)
{
        static const struct adapters_handler owner = {.on_state = on_state};
        struct adapters *a;

        if (f->mock.bus)
                fixture_restart(f);
        assert_return_code(adapters_new(f->bluez, wish, ADAPTER_CENTRAL, power, &owner, f, &a), 0);
        adapters_set_rfkill(a, NO_RFKILL);
        return a;
}

/* The state is @why, and the only adapter in use is the one at @path, or none. */
static void expect(struct fixture *f, struct adapters *a, enum reason why, const char *path)
{
        struct adapter *only;

        fixture_until_told(f, why);
        assert_int_equal(adapters_reason(a), why);
        only = adapters_next(a, NULL);
        if (!path) {
                assert_null(only);
                return;
        }
        assert_non_null(only);
        assert_string_equal(adapter_path(only), path);
        assert_string_equal(adapter_name(only), strrchr(path, '/') + 1);
        assert_int_equal(adapter_reason(only), why);
        assert_null(adapters_next(a, only));
}

/* The adapters in use, each with its state, "hci0=none hci1=adapter_off". */
static void expect_set(struct adapters *a, const char *expected)
{
        char text[128] = "";
        size_t n = 0;

        for (struct adapter *one = adapters_next(a, NULL); one; one = adapters_next(a, one))
                n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s=%s", n ? " " : "",
                                      adapter_name(one), reason_code(adapter_reason(one)));
        assert_string_equal(text, expected);
}

static void test_adapter_without_bluetoothd_is_down_until_it_comes(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        mock_down(&f->mock);
        fixture_settle(f);
        a = start(f, NULL, false);
        expect(f, a, REASON_BLUETOOTH_DOWN, NULL);
        mock_up(&f->mock);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        mock_down(&f->mock);
        expect(f, a, REASON_BLUETOOTH_DOWN, NULL);
        mock_up(&f->mock);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        (void)adapters_free(a);
}

static void test_adapter_that_comes_late_or_goes_is_missing(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.adapter = false;
        a = start(f, NULL, false);
        expect(f, a, REASON_ADAPTER_MISSING, NULL);
        mock_adapter_added(&f->mock);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        mock_adapter_removed(&f->mock);
        expect(f, a, REASON_ADAPTER_MISSING, NULL);
        mock_adapter_added(&f->mock);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        (void)adapters_free(a);
}

static void test_adapter_that_is_off_stays_off(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.powered = false;
        a = start(f, NULL, false);
        expect(f, a, REASON_ADAPTER_OFF, MOCK_ADAPTER);
        mock_adapter_powered(&f->mock, true);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        mock_adapter_powered(&f->mock, false);
        expect(f, a, REASON_ADAPTER_OFF, MOCK_ADAPTER);
        assert_int_equal(f->mock.set_powered.n_calls, 0);
        (void)adapters_free(a);
}

static void test_adapter_is_switched_on_once_if_wanted(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.powered = false;
        a = start(f, NULL, true);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        assert_int_equal(f->n_told, 1);
        mock_adapter_powered(&f->mock, false);
        expect(f, a, REASON_ADAPTER_OFF, MOCK_ADAPTER);
        assert_int_equal(f->mock.set_powered.n_calls, 1);
        (void)adapters_free(a);
}

static void test_adapter_that_will_not_be_switched_on_is_off(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.powered = false;
        f->mock.set_powered = (struct mock_verb){.n_fail = 9, .error = "org.bluez.Error.Failed"};
        a = start(f, NULL, true);
        expect(f, a, REASON_ADAPTER_OFF, MOCK_ADAPTER);
        assert_int_equal(f->mock.set_powered.n_calls, 1);
        (void)adapters_free(a);
}

static void test_adapter_blocked_by_the_answer_is_blocked(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.powered = false;
        f->mock.set_powered = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Blocked"};
        a = start(f, NULL, true);
        expect(f, a, REASON_ADAPTER_BLOCKED, MOCK_ADAPTER);
        mock_adapter_powered(&f->mock, true);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        (void)adapters_free(a);
}

static void test_adapter_blocked_by_its_power_state_is_blocked(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.powered = false;
        f->mock.power_state = "off-blocked";
        a = start(f, NULL, true);
        expect(f, a, REASON_ADAPTER_BLOCKED, MOCK_ADAPTER);
        assert_int_equal(f->mock.set_powered.n_calls, 0);
        (void)adapters_free(a);
}

static void test_adapter_of_that_name_is_waited_for(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.adapter = false;
        f->mock.adapter2 = f->mock.powered2 = true;
        a = start(f, "hci0", false);
        expect(f, a, REASON_ADAPTER_MISSING, NULL);
        mock_adapter_added(&f->mock);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        (void)adapters_free(a);
}

static void test_adapter_that_is_on_is_preferred(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.powered = false;
        f->mock.adapter2 = f->mock.powered2 = true;
        a = start(f, NULL, false);
        expect(f, a, REASON_NONE, MOCK_ADAPTER2);
        mock_adapter_powered(&f->mock, true);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        assert_int_equal(f->n_told, 2);
        (void)adapters_free(a);
}

static void test_adapter_that_cannot_be_central_is_missing(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.roles = "peripheral";
        a = start(f, NULL, false);
        expect(f, a, REASON_ADAPTER_MISSING, NULL);
        (void)adapters_free(a);
}

static void test_adapter_all_of_them_are_in_use(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.adapter2 = true;
        f->mock.powered = false;
        a = start(f, "all", false);
        fixture_until_told(f, REASON_ADAPTER_OFF);
        expect_set(a, "hci0=adapter_off hci1=adapter_off");
        mock_adapter2_powered(&f->mock, true);
        fixture_until_told(f, REASON_NONE);
        expect_set(a, "hci0=adapter_off hci1=none");

        /* Each one that becomes usable, or no longer is, is reported. */
        mock_adapter_powered(&f->mock, true);
        fixture_until_told(f, REASON_NONE);
        expect_set(a, "hci0=none hci1=none");
        mock_adapter2_removed(&f->mock);
        fixture_until_told(f, REASON_NONE);
        expect_set(a, "hci0=none");
        mock_adapter_removed(&f->mock);
        fixture_until_told(f, REASON_ADAPTER_MISSING);
        expect_set(a, "");
        (void)adapters_free(a);
}

static void test_adapter_all_are_switched_on_if_wanted(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.adapter2 = true;
        f->mock.powered = false;
        a = start(f, "all", true);
        fixture_until_called(f, &f->mock.set_powered.n_calls, 2);
        fixture_settle(f);
        expect_set(a, "hci0=none hci1=none");
        assert_int_equal(f->why, REASON_NONE);
        (void)adapters_free(a);
}

static void test_adapter_only_the_listed_are_in_use(void **state)
{
        static const struct {
                const char *wish, *set;
                enum reason why;
        } cases[] = {
                {"hci0", "hci0=none", REASON_NONE},
                {"hci1, hci0", "hci0=none hci1=none", REASON_NONE},
                {"hci0,hci1", "hci0=none hci1=none", REASON_NONE},
                {" hci7\thci1 ", "hci1=none", REASON_NONE},
                {"hci7, hci10", "", REASON_ADAPTER_MISSING},
                {MOCK_ADDRESS2, "hci1=none", REASON_NONE},
                {"00:00:5e:00:53:01", "hci1=none", REASON_NONE},
                {"hci0 " MOCK_ADDRESS2, "hci0=none hci1=none", REASON_NONE},
                {"hci0, " MOCK_ADDRESS, "hci0=none", REASON_NONE},
                {"00:00:5E:00:53:02", "", REASON_ADAPTER_MISSING},
                {"hci", "", REASON_ADAPTER_MISSING},
        };
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.adapter2 = f->mock.powered2 = true;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                a = start(f, cases[i].wish, false);
                fixture_until_told(f, cases[i].why);
                expect_set(a, cases[i].set);
                (void)adapters_free(a);
        }
}

static void test_adapter_another_wish_is_followed_at_once(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.adapter2 = f->mock.powered2 = true;
        fixture_restart(f);
        a = start(f, "hci0", false);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        expect_set(a, "hci0=none");
        assert_return_code(adapters_configure(a, "hci1", false), 0);
        expect(f, a, REASON_NONE, MOCK_ADAPTER2);
        expect_set(a, "hci1=none");
        assert_return_code(adapters_configure(a, "hci1, hci7", false), 0);
        assert_string_equal(adapters_next_missing(a, NULL), "hci7");
        assert_return_code(adapters_configure(a, "", false), 0);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        assert_null(adapters_next_missing(a, NULL));

        mock_adapter_powered(&f->mock, false);
        expect(f, a, REASON_NONE, MOCK_ADAPTER2);
        assert_return_code(adapters_configure(a, "hci0", true), 0);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        assert_int_equal(f->mock.set_powered.n_calls, 1);
        (void)adapters_free(a);
}

static void test_adapter_refused_list_of_objects_is_asked_for_again(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.list = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Failed"};
        a = start(f, NULL, false);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        assert_int_equal(f->mock.list.n_calls, 2);
        (void)adapters_free(a);
}

/* What is configured and not there is named, as long as bluetoothd says what there is. */
static void test_adapter_that_is_named_and_missing_is_known(void **state)
{
        struct fixture *f = *state;
        struct adapter *present;
        const char *missing;
        struct adapters *a;

        f->mock.adapter2 = f->mock.powered2 = true;
        a = start(f, "hci7, " MOCK_ADDRESS2 ", 00:00:5E:00:53:02", false);
        expect(f, a, REASON_NONE, MOCK_ADAPTER2);
        missing = adapters_next_missing(a, NULL);
        assert_string_equal(missing, "hci7");
        missing = adapters_next_missing(a, missing);
        assert_string_equal(missing, "00:00:5E:00:53:02");
        assert_null(adapters_next_missing(a, missing));
        present = adapters_next_present(a, NULL);
        assert_string_equal(adapter_address(present), MOCK_ADDRESS);
        present = adapters_next_present(a, present);
        assert_string_equal(adapter_address(present), MOCK_ADDRESS2);
        assert_null(adapters_next_present(a, present));

        mock_adapter2_removed(&f->mock);
        expect(f, a, REASON_ADAPTER_MISSING, NULL);
        missing = adapters_next_missing(a, adapters_next_missing(a, NULL));
        assert_string_equal(missing, MOCK_ADDRESS2);
        mock_down(&f->mock);
        expect(f, a, REASON_BLUETOOTH_DOWN, NULL);
        assert_null(adapters_next_missing(a, NULL));
        (void)adapters_free(a);
}

/* One that comes back beside another is seen, though the state is the same. */
static void test_adapter_that_is_back_is_counted(void **state)
{
        struct fixture *f = *state;
        struct adapters *a;

        f->mock.adapter2 = f->mock.powered2 = true;
        a = start(f, "all", false);
        assert_int_equal(adapters_n_arrivals(a), 0);
        fixture_until_told(f, REASON_NONE);
        assert_int_equal(adapters_n_arrivals(a), 2);
        mock_adapter2_powered(&f->mock, false);
        fixture_until_told(f, REASON_NONE);
        assert_int_equal(adapters_n_arrivals(a), 2);
        mock_adapter2_powered(&f->mock, true);
        fixture_until_told(f, REASON_NONE);
        assert_int_equal(adapters_n_arrivals(a), 3);
        mock_adapter2_removed(&f->mock);
        fixture_until_told(f, REASON_NONE);
        assert_int_equal(adapters_n_arrivals(a), 3);
        (void)adapters_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                fixture_test(test_adapter_without_bluetoothd_is_down_until_it_comes),
                fixture_test(test_adapter_that_is_named_and_missing_is_known),
                fixture_test(test_adapter_that_comes_late_or_goes_is_missing),
                fixture_test(test_adapter_that_is_off_stays_off),
                fixture_test(test_adapter_is_switched_on_once_if_wanted),
                fixture_test(test_adapter_that_will_not_be_switched_on_is_off),
                fixture_test(test_adapter_blocked_by_the_answer_is_blocked),
                fixture_test(test_adapter_blocked_by_its_power_state_is_blocked),
                fixture_test(test_adapter_of_that_name_is_waited_for),
                fixture_test(test_adapter_that_is_on_is_preferred),
                fixture_test(test_adapter_that_cannot_be_central_is_missing),
                fixture_test(test_adapter_all_of_them_are_in_use),
                fixture_test(test_adapter_all_are_switched_on_if_wanted),
                fixture_test(test_adapter_that_is_back_is_counted),
                fixture_test(test_adapter_only_the_listed_are_in_use),
                fixture_test(test_adapter_another_wish_is_followed_at_once),
                fixture_test(test_adapter_refused_list_of_objects_is_asked_for_again),
        };
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
