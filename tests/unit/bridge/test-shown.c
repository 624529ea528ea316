/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/shown.h"

#define N_DEVICES 100

struct id {
        uint8_t bytes[KDF_DEVICE_ID_BYTES];
};

/* Different for each number, and in another order than they. */
static struct id id_of(unsigned number)
{
        struct id id = {{(uint8_t)(number * 37 % N_DEVICES), (uint8_t)number}};

        return id;
}

static void add_due(struct shown *shown, unsigned number, unsigned what)
{
        assert_int_equal(shown_add_due(shown, id_of(number).bytes, what), 0);
}

static void assert_due(struct shown *shown, unsigned number, unsigned what)
{
        unsigned due;
        const struct shown_device *device = shown_take_due(shown, &due);

        assert_non_null(device);
        assert_memory_equal(device->id, id_of(number).bytes, sizeof(device->id));
        assert_int_equal(due, what);
}

static void test_shown_each_has_its_turn_once(void **state)
{
        _defer_(shown_free) struct shown *shown = NULL;
        unsigned what;

        (void)state;
        assert_int_equal(shown_new(&shown), 0);
        assert_null(shown_take_due(shown, &what));
        for (unsigned i = 0; i < N_DEVICES; i++)
                add_due(shown, i, SHOWN_STATE);
        for (unsigned i = N_DEVICES; i-- > 0;)
                add_due(shown, i, i % 2 ? SHOWN_AVAILABILITY : SHOWN_STATE);
        for (unsigned i = 0; i < N_DEVICES; i++)
                assert_due(shown, i, i % 2 ? SHOWN_AVAILABILITY | SHOWN_STATE : SHOWN_STATE);
        assert_null(shown_take_due(shown, &what));
        add_due(shown, 7, SHOWN_STATE);
        assert_due(shown, 7, SHOWN_STATE);
}

static void test_shown_devices_are_forgotten(void **state)
{
        _defer_(shown_free) struct shown *shown = NULL;
        const struct shown_device *device, *before = NULL;
        unsigned n = 0, what;
        size_t at = 0;

        (void)state;
        assert_int_equal(shown_new(&shown), 0);
        for (unsigned i = 0; i < N_DEVICES; i++)
                add_due(shown, i, SHOWN_STATE);
        while (shown_take_due(shown, &what))
                ;
        for (; (device = shown_at(shown, at)); n++) {
                assert_true(!before || memcmp(before->id, device->id, sizeof(device->id)) < 0);
                if (device->id[1] % 2) {
                        shown_forget(shown, at);
                } else {
                        before = device;
                        at++;
                }
        }
        assert_int_equal(n, N_DEVICES);
        for (at = 0; (device = shown_at(shown, at)); at++)
                assert_int_equal(device->id[1] % 2, 0);
        assert_int_equal(at, N_DEVICES / 2);
}

static void test_shown_connection_begins_with_nothing(void **state)
{
        _defer_(shown_free) struct shown *shown = NULL;
        unsigned what;

        (void)state;
        assert_int_equal(shown_new(&shown), 0);
        add_due(shown, 1, SHOWN_STATE);
        add_due(shown, 2, SHOWN_STATE);
        shown_clear(shown);
        assert_null(shown_at(shown, 0));
        assert_null(shown_take_due(shown, &what));
        add_due(shown, 2, SHOWN_AVAILABILITY);
        assert_due(shown, 2, SHOWN_AVAILABILITY);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_shown_each_has_its_turn_once),
                cmocka_unit_test(test_shown_devices_are_forgotten),
                cmocka_unit_test(test_shown_connection_begins_with_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
