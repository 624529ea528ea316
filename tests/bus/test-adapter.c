/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

static struct adapter *start(struct fixture *f, const char *name, bool power)
{
        struct adapter *a;

        assert_return_code(adapter_new(f->bluez, name, ADAPTER_CENTRAL, power, on_state, f, &a), 0);
        adapter_set_rfkill(a, NO_RFKILL);
        return a;
}

static void expect(struct fixture *f, struct adapter *a, enum reason why, const char *path)
{
        fixture_until_told(f, why);
        assert_int_equal(adapter_reason(a), why);
        if (path)
                assert_string_equal(adapter_path(a), path);
        else
                assert_null(adapter_path(a));
}

static void test_adapter_without_bluetoothd_is_down_until_it_comes(void **state)
{
        struct fixture *f = *state;
        struct adapter *a;

        mock_down(&f->mock);
        a = start(f, NULL, false);
        expect(f, a, REASON_BLUETOOTH_DOWN, NULL);
        mock_up(&f->mock);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        mock_down(&f->mock);
        expect(f, a, REASON_BLUETOOTH_DOWN, NULL);
        mock_up(&f->mock);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        (void)adapter_free(a);
}

static void test_adapter_that_comes_late_or_goes_is_missing(void **state)
{
        struct fixture *f = *state;
        struct adapter *a;

        f->mock.adapter = false;
        a = start(f, NULL, false);
        expect(f, a, REASON_ADAPTER_MISSING, NULL);
        mock_adapter_added(&f->mock);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        mock_adapter_removed(&f->mock);
        expect(f, a, REASON_ADAPTER_MISSING, NULL);
        mock_adapter_added(&f->mock);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        (void)adapter_free(a);
}

static void test_adapter_that_is_off_stays_off(void **state)
{
        struct fixture *f = *state;
        struct adapter *a;

        f->mock.powered = false;
        a = start(f, NULL, false);
        expect(f, a, REASON_ADAPTER_OFF, MOCK_ADAPTER);
        mock_adapter_powered(&f->mock, true);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        mock_adapter_powered(&f->mock, false);
        expect(f, a, REASON_ADAPTER_OFF, MOCK_ADAPTER);
        assert_int_equal(f->mock.set_powered.n_calls, 0);
        (void)adapter_free(a);
}

static void test_adapter_is_switched_on_once_if_wanted(void **state)
{
        struct fixture *f = *state;
        struct adapter *a;

        f->mock.powered = false;
        a = start(f, NULL, true);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        assert_int_equal(f->n_told, 1);
        mock_adapter_powered(&f->mock, false);
        expect(f, a, REASON_ADAPTER_OFF, MOCK_ADAPTER);
        assert_int_equal(f->mock.set_powered.n_calls, 1);
        (void)adapter_free(a);
}

static void test_adapter_that_will_not_be_switched_on_is_off(void **state)
{
        struct fixture *f = *state;
        struct adapter *a;

        f->mock.powered = false;
        f->mock.set_powered = (struct mock_verb){.n_fail = 9, .error = "org.bluez.Error.Failed"};
        a = start(f, NULL, true);
        expect(f, a, REASON_ADAPTER_OFF, MOCK_ADAPTER);
        assert_int_equal(f->mock.set_powered.n_calls, 1);
        (void)adapter_free(a);
}

static void test_adapter_blocked_by_the_answer_is_blocked(void **state)
{
        struct fixture *f = *state;
        struct adapter *a;

        f->mock.powered = false;
        f->mock.set_powered = (struct mock_verb){.n_fail = 1, .error = "org.bluez.Error.Blocked"};
        a = start(f, NULL, true);
        expect(f, a, REASON_ADAPTER_BLOCKED, MOCK_ADAPTER);
        mock_adapter_powered(&f->mock, true);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        (void)adapter_free(a);
}

static void test_adapter_blocked_by_its_power_state_is_blocked(void **state)
{
        struct fixture *f = *state;
        struct adapter *a;

        f->mock.powered = false;
        f->mock.power_state = "off-blocked";
        a = start(f, NULL, true);
        expect(f, a, REASON_ADAPTER_BLOCKED, MOCK_ADAPTER);
        assert_int_equal(f->mock.set_powered.n_calls, 0);
        (void)adapter_free(a);
}

static void test_adapter_of_that_name_is_waited_for(void **state)
{
        struct fixture *f = *state;
        struct adapter *a;

        f->mock.adapter = false;
        f->mock.adapter2 = f->mock.powered2 = true;
        a = start(f, "hci0", false);
        expect(f, a, REASON_ADAPTER_MISSING, NULL);
        mock_adapter_added(&f->mock);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        (void)adapter_free(a);
}

static void test_adapter_that_is_on_is_preferred(void **state)
{
        struct fixture *f = *state;
        struct adapter *a;

        f->mock.powered = false;
        f->mock.adapter2 = f->mock.powered2 = true;
        a = start(f, NULL, false);
        expect(f, a, REASON_NONE, MOCK_ADAPTER2);
        mock_adapter_powered(&f->mock, true);
        expect(f, a, REASON_NONE, MOCK_ADAPTER);
        assert_int_equal(f->n_told, 2);
        (void)adapter_free(a);
}

static void test_adapter_that_cannot_be_central_is_missing(void **state)
{
        struct fixture *f = *state;
        struct adapter *a;

        f->mock.roles = "peripheral";
        a = start(f, NULL, false);
        expect(f, a, REASON_ADAPTER_MISSING, NULL);
        (void)adapter_free(a);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                fixture_test(test_adapter_without_bluetoothd_is_down_until_it_comes),
                fixture_test(test_adapter_that_comes_late_or_goes_is_missing),
                fixture_test(test_adapter_that_is_off_stays_off),
                fixture_test(test_adapter_is_switched_on_once_if_wanted),
                fixture_test(test_adapter_that_will_not_be_switched_on_is_off),
                fixture_test(test_adapter_blocked_by_the_answer_is_blocked),
                fixture_test(test_adapter_blocked_by_its_power_state_is_blocked),
                fixture_test(test_adapter_of_that_name_is_waited_for),
                fixture_test(test_adapter_that_is_on_is_preferred),
                fixture_test(test_adapter_that_cannot_be_central_is_missing),
        };
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
