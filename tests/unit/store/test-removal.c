/* SPDX-License-Identifier: Apache-2.0 */

/* What a removal takes, and what stays. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "store/enrollment.h"
#include "store/removal.h"
#include "support/store-sample.h"

static void test_removal_takes_everything_of_the_device(void **state)
{
        struct store_place *p = *state;
        struct sample one, two;
        struct store_device d;
        struct store_channel channels[4];
        struct store_message gone = {.topic = "gone", .informational = true}, m;
        struct stat st;
        char log[520];
        size_t n_channels;
        uint64_t n;

        sample_init(&one, 1);
        sample_init(&two, 2);
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
        assert_int_equal(store_enroll(p->store, &two.enrollment), 0);
        assert_int_equal(store_remove(p->store, one.device.device_id, &gone, 1), 0);
        assert_int_equal(store_remove(p->store, one.device.device_id, &gone, 1), STORE_E_NONE);

        assert_int_equal(store_find_id(p->store, one.device.device_id, &d), STORE_E_NONE);
        assert_int_equal(store_channels(p->store, one.device.device_id, 4, channels, &n_channels),
                         0);
        assert_int_equal(n_channels, 0);
        assert_int_equal(store_outbox_count(p->store, &n), 0);
        assert_int_equal(n, 3);
        assert_int_equal(store_outbox_next(p->store, 4, &m), 0);
        assert_string_equal(m.topic, "gone");
        assert_int_equal(m.n_payload, 0);
        assert_false(m.has_device);

        (void)snprintf(log, sizeof(log), "%s-wal", p->path);
        assert_int_equal(stat(log, &st), 0);
        assert_int_equal(st.st_size, 0);
}

static void test_removal_keeps_the_highest_epoch(void **state)
{
        struct store_place *p = *state;
        struct store_device d;
        struct sample one;
        uint32_t epoch = 99;
        uint64_t n;

        sample_init(&one, 1);
        assert_int_equal(store_remove(p->store, one.device.device_id, NULL, 0), STORE_E_NONE);
        assert_int_equal(store_given_up_epoch(p->store, one.device.device_id, &epoch),
                         STORE_E_NONE);
        for (uint32_t given_up = 7; given_up >= 6; given_up--) {
                one.device.ownership.epoch = given_up;
                assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
                assert_int_equal(store_remove(p->store, one.device.device_id, NULL, 0), 0);
                assert_int_equal(store_find_id(p->store, one.device.device_id, &d), STORE_E_NONE);
                assert_int_equal(store_outbox_count(p->store, &n), 0);
                assert_int_equal(n, 0);
                assert_int_equal(store_given_up_epoch(p->store, one.device.device_id, &epoch), 0);
                assert_int_equal(epoch, 7);
        }
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, store_place_set_up, store_place_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_removal_takes_everything_of_the_device),
                TEST(test_removal_keeps_the_highest_epoch),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
