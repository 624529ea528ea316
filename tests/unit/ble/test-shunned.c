/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ble/shunned.h"

#define USEC_PER_SEC UINT64_C(1000000)
#define NOW          (7 * USEC_PER_SEC)
#define END          (NOW + SHUNNED_SEC * USEC_PER_SEC)

static const char one[] = "/org/bluez/hci0/dev_00_00_5E_00_53_01";
static const char two[] = "/org/bluez/hci0/dev_00_00_5E_00_53_02";

static void test_shunned_is_nobody_at_first(void **state)
{
        const struct shunned s = {0};

        (void)state;
        assert_false(shunned_has(&s, one, 0));
        assert_false(shunned_has(&s, one, NOW));
}

static void test_shunned_ends_after_its_time(void **state)
{
        struct shunned s = {0};

        (void)state;
        shunned_add(&s, one, NOW);
        assert_true(shunned_has(&s, one, NOW));
        assert_true(shunned_has(&s, one, END - 1));
        assert_false(shunned_has(&s, one, END));
        assert_false(shunned_has(&s, two, NOW));
}

static void test_shunned_again_begins_anew(void **state)
{
        struct shunned s = {0};

        (void)state;
        shunned_add(&s, one, NOW);
        shunned_add(&s, one, END - 1);
        assert_true(shunned_has(&s, one, END));
        shunned_add(&s, one, END + SHUNNED_SEC * USEC_PER_SEC);
        assert_true(shunned_has(&s, one, END + SHUNNED_SEC * USEC_PER_SEC));
}

static void test_shunned_many_times_one_device_displaces_no_other(void **state)
{
        struct shunned s = {0};

        (void)state;
        shunned_add(&s, one, NOW);
        for (unsigned i = 0; i < 2 * SHUNNED_MAX; i++)
                shunned_add(&s, two, NOW + i);
        assert_true(shunned_has(&s, one, NOW));
}

/* Adds a device by its number. */
static const char *add(struct shunned *s, char path[BLUEZ_PATH_MAX], unsigned number)
{
        (void)snprintf(path, BLUEZ_PATH_MAX, "/org/bluez/hci0/dev_%u", number);
        shunned_add(s, path, NOW);
        return path;
}

static void test_shunned_are_the_last_that_were_added(void **state)
{
        struct shunned s = {0};
        char path[BLUEZ_PATH_MAX];

        (void)state;
        shunned_add(&s, one, NOW);
        for (unsigned i = 1; i < SHUNNED_MAX; i++)
                assert_true(shunned_has(&s, add(&s, path, i), NOW));
        assert_true(shunned_has(&s, one, NOW));
        assert_true(shunned_has(&s, add(&s, path, SHUNNED_MAX), NOW));
        assert_false(shunned_has(&s, one, NOW));
        assert_true(shunned_has(&s, "/org/bluez/hci0/dev_1", NOW));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_shunned_is_nobody_at_first),
                cmocka_unit_test(test_shunned_ends_after_its_time),
                cmocka_unit_test(test_shunned_again_begins_anew),
                cmocka_unit_test(test_shunned_many_times_one_device_displaces_no_other),
                cmocka_unit_test(test_shunned_are_the_last_that_were_added),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
