/* SPDX-License-Identifier: Apache-2.0 */

/* What one enrollment writes, and what it leaves alone. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/enrollment.h"
#include "store/removal.h"
#include "store/stray.h"
#include "support/store-sample.h"

static void test_enrollment_is_found_after_reopening(void **state)
{
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;
        struct store_channel channels[4];
        struct store_message m;
        uint32_t counter;
        uint64_t n;
        size_t n_channels;

        sample_init(&s, 1);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        store_place_reopen(p);

        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        sample_assert_same(&d, &s.device);
        assert_int_equal(store_find_name(p->store, "device-1", &d), 0);
        sample_assert_same(&d, &s.device);
        assert_int_equal(store_find_name(p->store, "device-2", &d), STORE_E_NONE);
        assert_int_equal(store_device_count(p->store, &n), 0);
        assert_int_equal(n, 1);

        assert_int_equal(store_channels(p->store, s.device.device_id, 4, channels, &n_channels), 0);
        assert_int_equal(n_channels, 2);
        assert_string_equal(channels[0].leaf, "temperature");
        assert_string_equal(channels[0].class, "temperature");
        assert_string_equal(channels[0].unit, "°C");
        assert_int_equal(channels[0].direction, STORE_PUBLISH);
        assert_int_equal(channels[0].every_s, 60);
        assert_int_equal(channels[1].number, 2);
        assert_string_equal(channels[1].leaf, "identify");
        assert_int_equal(channels[1].direction, STORE_COMMAND);
        assert_int_equal(store_channels(p->store, s.device.device_id, 1, channels, &n_channels),
                         -ENOBUFS);

        assert_int_equal(store_outbox_next(p->store, 0, &m), 0);
        assert_string_equal(m.topic, s.messages[0].topic);
        assert_int_equal(m.n_payload, s.messages[0].n_payload);
        assert_memory_equal(m.payload, s.messages[0].payload, m.n_payload);
        assert_true(m.has_device);
        assert_memory_equal(m.device_id, s.device.device_id, sizeof(m.device_id));
        assert_false(m.informational);
        assert_int_equal(m.created_at, s.messages[0].created_at);
        assert_int_equal(store_outbox_next(p->store, m.id, &m), 0);
        assert_true(m.informational);
        assert_int_equal(store_outbox_next(p->store, m.id, &m), STORE_E_NONE);

        assert_int_equal(store_counter_get(p->store, s.counter.kid, "thermo-one", &counter), 0);
        assert_int_equal(counter, 2);
        assert_int_equal(store_counter_get(p->store, s.counter.kid, "other", &counter),
                         STORE_E_NONE);
}

static void test_enrollment_largest_values_fit(void **state)
{
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;

        sample_init(&s, 1);
        memset(s.device.name, 'n', STORE_NAME_SIZE - 1);
        memset(s.device.maker, 'm', STORE_TEXT_SIZE - 1);
        memset(s.device.location, 'l', STORE_RECORD_SIZE - 1);
        s.device.n_functions = STORE_FUNCTIONS_MAX;
        s.device.n_config = STORE_CONFIG_MAX;
        s.device.ownership.n_resume = STORE_RESUME_MAX;
        s.device.ownership.epoch = UINT32_MAX;
        s.device.capabilities = UINT32_MAX;
        s.device.presence = STORE_SLEEPS;
        s.device.sleep_s = UINT32_MAX;
        s.messages[0].n_payload = STORE_PAYLOAD_MAX;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        sample_assert_same(&d, &s.device);

        s.messages[0].n_payload = STORE_PAYLOAD_MAX + 1;
        assert_int_equal(store_outbox_add(p->store, &s.messages[0]), -EMSGSIZE);
}

static void test_enrollment_taken_name_changes_nothing(void **state)
{
        struct store_place *p = *state;
        struct sample one, two;
        struct store_device d;
        uint64_t n;
        uint32_t counter;

        sample_init(&one, 1);
        sample_init(&two, 2);
        memcpy(two.device.name, one.device.name, sizeof(two.device.name));
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
        assert_int_equal(store_enroll(p->store, &two.enrollment), STORE_E_NAME_TAKEN);
        assert_int_equal(store_find_id(p->store, two.device.device_id, &d), STORE_E_NONE);
        assert_int_equal(store_outbox_count(p->store, &n), 0);
        assert_int_equal(n, 2);
        assert_int_equal(store_counter_get(p->store, one.counter.kid, "thermo-one", &counter), 0);
        assert_int_equal(counter, one.counter.value);

        strcpy(two.device.name, "another");
        assert_int_equal(store_enroll(p->store, &two.enrollment), 0);
}

static void test_enrollment_new_epoch_replaces_the_device(void **state)
{
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;
        struct store_channel channels[4];
        size_t n_channels;
        uint64_t n;

        sample_init(&s, 1);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_settle(p->store, s.device.device_id, 1), 0);
        s.device.ownership.epoch = 2;
        s.enrollment.n_channels = 1;
        s.enrollment.n_messages = 1;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);

        assert_int_equal(store_device_count(p->store, &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        sample_assert_same(&d, &s.device);
        assert_int_equal(store_channels(p->store, s.device.device_id, 4, channels, &n_channels), 0);
        assert_int_equal(n_channels, 1);
        assert_int_equal(store_outbox_count(p->store, &n), 0);
        assert_int_equal(n, 3);
}

static void test_enrollment_lower_counter_is_superseded(void **state)
{
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;
        uint32_t counter;

        sample_init(&s, 1);
        s.counter.value = 5;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        sample_init(&s, 2);
        s.counter.value = 4;
        assert_int_equal(store_enroll(p->store, &s.enrollment), STORE_E_SUPERSEDED);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), STORE_E_NONE);

        s.counter.value = 5;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        sample_init(&s, 3);
        s.counter.value = UINT32_MAX;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_counter_get(p->store, s.counter.kid, "thermo-one", &counter), 0);
        assert_int_equal(counter, UINT32_MAX);

        sample_init(&s, 4);
        s.enrollment.counter = NULL;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
}

static void test_enrollment_replaces_another_device(void **state)
{
        struct store_place *p = *state;
        struct sample one, two;
        struct store_device d;
        struct store_message m, gone;
        uint32_t epoch;
        uint64_t n;

        sample_init(&one, 1);
        sample_init(&two, 9);
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
        memcpy(two.device.name, one.device.name, sizeof(two.device.name));
        two.enrollment.replaces = one.device.device_id;
        gone = one.messages[0];
        gone.n_payload = 0;
        two.messages[1] = two.messages[0];
        two.messages[0] = gone;
        assert_int_equal(store_enroll(p->store, &two.enrollment), 0);
        assert_false(store_has_past(p->store));
        store_place_reopen(p);

        assert_int_equal(store_find_id(p->store, one.device.device_id, &d), STORE_E_NONE);
        assert_int_equal(store_given_up_epoch(p->store, one.device.device_id, &epoch), 0);
        assert_int_equal(epoch, 1);
        assert_int_equal(store_find_name(p->store, "device-1", &d), 0);
        sample_assert_same(&d, &two.device);
        assert_memory_equal(d.known_as, one.device.device_id, sizeof(d.known_as));

        /* It was not released, for which its key stays, and for nothing else. */
        assert_int_equal(store_drop_stray(p->store, one.device.device_id), 0);
        assert_false(store_files_hold(p->path, one.device.ownership.adv_key, STORE_KEY_BYTES));

        /* What waited for the broker went with the first one; that it is gone, did not. */
        assert_int_equal(store_outbox_count(p->store, &n), 0);
        assert_int_equal(n, 2);
        assert_int_equal(store_outbox_next(p->store, 0, &m), 0);
        assert_memory_equal(m.device_id, one.device.device_id, sizeof(m.device_id));
        assert_int_equal(m.n_payload, 0);
        assert_int_equal(store_outbox_next(p->store, m.id, &m), 0);
        assert_memory_equal(m.device_id, two.device.device_id, sizeof(m.device_id));
}

static void test_enrollment_that_cannot_replace_changes_nothing(void **state)
{
        struct store_place *p = *state;
        struct sample one, two, three;
        struct store_device d;
        uint32_t epoch;
        uint64_t n;

        sample_init(&one, 1);
        sample_init(&two, 2);
        sample_init(&three, 3);
        three.enrollment.replaces = one.device.device_id;
        assert_int_equal(store_enroll(p->store, &three.enrollment), STORE_E_NONE);
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
        assert_int_equal(store_enroll(p->store, &two.enrollment), 0);

        memcpy(three.device.name, two.device.name, sizeof(three.device.name));
        assert_int_equal(store_enroll(p->store, &three.enrollment), STORE_E_NAME_TAKEN);
        assert_int_equal(store_find_id(p->store, one.device.device_id, &d), 0);
        sample_assert_same(&d, &one.device);
        assert_int_equal(store_find_id(p->store, three.device.device_id, &d), STORE_E_NONE);
        assert_int_equal(store_given_up_epoch(p->store, one.device.device_id, &epoch),
                         STORE_E_NONE);
        assert_int_equal(store_outbox_count(p->store, &n), 0);
        assert_int_equal(n, 4);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, store_place_set_up, store_place_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_enrollment_is_found_after_reopening),
                TEST(test_enrollment_largest_values_fit),
                TEST(test_enrollment_taken_name_changes_nothing),
                TEST(test_enrollment_new_epoch_replaces_the_device),
                TEST(test_enrollment_lower_counter_is_superseded),
                TEST(test_enrollment_replaces_another_device),
                TEST(test_enrollment_that_cannot_replace_changes_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
