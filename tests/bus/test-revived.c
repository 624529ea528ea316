/* SPDX-License-Identifier: Apache-2.0 */

/* Adapters that are there and on and do not work, and what is done about it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ble/observer.h"
#include "support/haste.h"
#include "support/mock-bus.h"

struct listener {
        struct fixture *f;
        struct adapters *adapters;
        struct listening *listening;
};

static void listener_on_heard(void *userdata, const struct observer_heard *heard)
{
        (void)userdata;
        (void)heard;
}

static void listener_on_deaf(void *userdata, enum reason why)
{
        struct listener *s = userdata;

        s->f->n_told++;
        s->f->why = why;
        s->listening = listening_free(s->listening);
}

static void listen_again(struct listener *s)
{
        static const struct observer_handler owner = {listener_on_heard, listener_on_deaf};

        assert_return_code(listening_new(s->adapters, &owner, s, &s->listening), 0);
}

/* What was done about the adapter, as it was reported. */
static char steps[256];

static void on_recovery(void *userdata, const char *adapter, enum adapter_recovery recovery)
{
        size_t n = strlen(steps);

        (void)userdata;
        assert_string_equal(adapter, "hci0");
        (void)snprintf(steps + n, sizeof(steps) - n, "%s ", adapter_recovery_name(recovery));
}

static void on_state(void *userdata, enum reason why)
{
        (void)userdata;
        (void)why;
}

static void listen(struct listener *s, struct fixture *f)
{
        static const struct adapters_handler user = {.on_state = on_state,
                                                     .on_recovery = on_recovery};

        steps[0] = '\0';
        *s = (struct listener){.f = f};
        assert_return_code(
                adapters_new(f->bluez, "", ADAPTER_CENTRAL, false, &user, NULL, &s->adapters), 0);
        fixture_settle(f);
        listen_again(s);
}

static void listen_no_more(struct listener *s)
{
        s->listening = listening_free(s->listening);
        s->adapters = adapters_free(s->adapters);
        fixture_settle(s->f);
        assert_false(s->f->mock.discovering);
}

/* Five times, again after a stop, then with the power switched off and on: nobody is deaf before
 * that. */
static void test_revived_in_vain_is_stuck(void **state)
{
        struct fixture *f = *state;
        struct listener s;

        haste = 10;
        f->mock.start = (struct mock_verb){.n_fail = 999, .error = "org.bluez.Error.InProgress"};
        listen(&s, f);
        fixture_until_told(f, REASON_ADAPTER_STUCK);
        assert_int_equal(f->mock.start.n_calls, 15);
        assert_int_equal(f->mock.stop.n_calls, 1);
        assert_int_equal(f->mock.n_offs, 1);
        assert_int_equal(adapters_reason(s.adapters), REASON_NONE);
        assert_true(adapters_are_stuck(s.adapters));
        assert_string_equal(steps, "discovery_restarted power_cycled given_up ");

        /* It is tried again although nobody listens; as soon as it works, that is known. */
        f->mock.start = (struct mock_verb){0};
        fixture_until_called(f, &f->mock.start.n_calls, 1);
        fixture_until_called(f, &f->mock.stop.n_calls, 2);
        haste = 1;
        fixture_settle(f);
        assert_false(adapters_are_stuck(s.adapters));
        assert_string_equal(steps, "discovery_restarted power_cycled given_up works ");
        assert_false(f->mock.discovering);

        /* A new subscriber hears. */
        listen_again(&s);
        fixture_until(f, &f->mock.discovering);
        listen_no_more(&s);
}

static void test_revived_while_it_is_in_use_is_not_switched_off(void **state)
{
        struct fixture *f = *state;
        struct listener s;

        haste = 10;
        mock_device_added(&f->mock);
        mock_device_connected(&f->mock, true);
        f->mock.start = (struct mock_verb){.n_fail = 999, .error = "org.bluez.Error.InProgress"};
        listen(&s, f);
        fixture_until_told(f, REASON_ADAPTER_BUSY);
        assert_int_equal(f->mock.start.n_calls, 10);
        listen_again(&s);
        fixture_until_told(f, REASON_ADAPTER_BUSY);
        assert_int_equal(f->mock.n_offs, 0);
        assert_false(adapters_are_stuck(s.adapters));

        /* The connection has ended. */
        mock_device_connected(&f->mock, false);
        f->mock.start.n_fail = 5;
        listen_again(&s);
        fixture_until(f, &f->mock.discovering);
        haste = 1;
        assert_int_equal(f->mock.n_offs, 1);
        assert_int_equal(f->n_told, 2);
        listen_no_more(&s);
}

static void test_revived_where_a_start_is_not_answered(void **state)
{
        struct fixture *f = *state;
        struct listener s;

        haste = 10;
        f->mock.start.silent = true;
        listen(&s, f);
        fixture_until_called(f, &f->mock.n_offs, 1);
        assert_int_equal(f->mock.start.n_calls, 2);
        f->mock.start.silent = false;
        fixture_until(f, &f->mock.discovering);
        haste = 1;
        assert_int_equal(f->n_told, 0);
        listen_no_more(&s);
}

/* bluetoothd says that it has started one, and cannot stop it. */
static void test_revived_where_a_stop_fails(void **state)
{
        struct fixture *f = *state;
        struct listener s;

        haste = 10;
        f->mock.stop = (struct mock_verb){.n_fail = 999, .error = "org.bluez.Error.Failed"};
        listen(&s, f);
        fixture_until_called(f, &f->mock.n_offs, 1);
        assert_int_equal(f->mock.start.n_calls, 2);
        assert_int_equal(f->mock.stop.n_calls, 3);
        f->mock.stop = (struct mock_verb){0};
        fixture_until_called(f, &f->mock.stop.n_calls, 1);
        fixture_until(f, &f->mock.discovering);
        haste = 1;
        assert_int_equal(f->n_told, 0);
        listen_no_more(&s);
}

/* It does not come on again; it is tried until it does. */
static void test_revived_that_stays_off_is_stuck_until_it_comes_on(void **state)
{
        struct fixture *f = *state;
        struct listener s;

        haste = 10;
        f->mock.start = (struct mock_verb){.n_fail = 999, .error = "org.bluez.Error.InProgress"};
        listen(&s, f);
        fixture_until_called(f, &f->mock.n_offs, 1);
        f->mock.set_powered = (struct mock_verb){.n_fail = 2, .error = "org.bluez.Error.Failed"};
        fixture_until_told(f, REASON_ADAPTER_STUCK);
        assert_int_equal(adapters_reason(s.adapters), REASON_ADAPTER_STUCK);
        f->mock.start = (struct mock_verb){0};
        fixture_until(f, &f->mock.powered);
        haste = 1;
        fixture_settle(f);
        assert_int_equal(f->mock.set_powered.n_calls, 3);
        assert_int_equal(adapters_reason(s.adapters), REASON_NONE);
        listen_no_more(&s);
}

/* It has been heard; from some moment on there is silence, and then it is switched off and on. */
static void test_revived_where_there_is_silence(void **state)
{
        struct fixture *f = *state;
        struct listener s;

        haste = 10;
        listen(&s, f);
        fixture_until(f, &f->mock.discovering);
        for (unsigned i = 0; i < REVIVAL_HEARD_MIN; i++) {
                f->mock.rssi = (int16_t)(-60 - (int)i);
                mock_device_heard(&f->mock);
                fixture_settle(f);
        }
        haste = 40;
        fixture_until_called(f, &f->mock.n_offs, 1);
        assert_true(f->mock.stop.n_calls >= REVIVAL_SILENT_MIN);
        haste = 1;
        fixture_until(f, &f->mock.discovering);
        assert_int_equal(f->n_told, 0);
        listen_no_more(&s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                fixture_test(test_revived_in_vain_is_stuck),
                fixture_test(test_revived_while_it_is_in_use_is_not_switched_off),
                fixture_test(test_revived_where_a_start_is_not_answered),
                fixture_test(test_revived_where_a_stop_fails),
                fixture_test(test_revived_that_stays_off_is_stuck_until_it_comes_on),
                fixture_test(test_revived_where_there_is_silence),
        };
        return cmocka_run_group_tests(tests, fixture_group_start, fixture_group_stop);
}
