/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "event/state.h"

#define INTEGER(n)                                                                                 \
        {                                                                                          \
                .type = MESSAGE_INTEGER, .integer = (n)                                            \
        }

static const uint8_t hall[KDF_DEVICE_ID_BYTES] = {2}, attic[KDF_DEVICE_ID_BYTES] = {1},
                     stranger[KDF_DEVICE_ID_BYTES] = {3};

static int setup(void **state)
{
        struct state *s = NULL;

        assert_int_equal(state_new(&s), 0);
        assert_int_equal(state_add(s, hall, "hall"), 0);
        assert_int_equal(state_add(s, attic, "attic"), 0);
        *state = s;
        return 0;
}

static int teardown(void **state)
{
        *state = state_free(*state);
        return 0;
}

static void test_state_new_device_was_not_heard_and_is_not_available(void **state)
{
        const struct state_device *device = state_find(*state, hall);

        assert_non_null(device);
        assert_string_equal(device->name, "hall");
        assert_false(device->available);
        assert_int_equal(device->last_seen, 0);
        assert_int_equal(device->n_readings, 0);
        assert_null(state_find(*state, stranger));
}

static void test_state_keeps_the_last_reading_of_each_channel(void **state)
{
        const struct reading first[] = {{.leaf = "temperature", .value = INTEGER(20)},
                                        {.leaf = "count", .value = INTEGER(1)}},
                             second[] = {{.leaf = "count", .value = INTEGER(2)},
                                         {.leaf = "humidity", .value = INTEGER(60)}};
        const struct state_device *device;

        assert_int_equal(state_readings(*state, hall, first, 2, 1000), 0);
        assert_int_equal(state_readings(*state, hall, second, 2, 2000), 0);
        device = state_find(*state, hall);
        assert_int_equal(device->last_seen, 2000);
        assert_int_equal(device->n_readings, 3);
        assert_string_equal(device->readings[0].leaf, "temperature");
        assert_int_equal(device->readings[0].value.integer, 20);
        assert_string_equal(device->readings[1].leaf, "count");
        assert_int_equal(device->readings[1].value.integer, 2);
        assert_string_equal(device->readings[2].leaf, "humidity");
        assert_int_equal(state_find(*state, attic)->n_readings, 0);
        assert_int_equal(state_readings(*state, hall, NULL, 0, 3000), 0);
        assert_int_equal(device->last_seen, 3000);
        assert_int_equal(device->n_readings, 3);
}

static void test_state_texts_are_copied(void **state)
{
        uint8_t text[] = "day";
        char leaf[] = "mode";
        const struct reading reading = {.leaf = leaf,
                                        .value = {.type = MESSAGE_TEXT, .text = {text, 3}}};
        const struct reading number = {.leaf = "mode", .value = INTEGER(7)};
        const struct state_device *device;

        assert_int_equal(state_readings(*state, hall, &reading, 1, 1), 0);
        memset(text, 'x', sizeof(text));
        memset(leaf, 'x', sizeof(leaf) - 1);
        device = state_find(*state, hall);
        assert_string_equal(device->readings[0].leaf, "mode");
        assert_int_equal(device->readings[0].value.text.n_bytes, 3);
        assert_memory_equal(device->readings[0].value.text.bytes, "day", 3);
        assert_int_equal(state_readings(*state, hall, &device->readings[0], 1, 2), 0);
        assert_memory_equal(device->readings[0].value.text.bytes, "day", 3);
        assert_int_equal(state_readings(*state, hall, &number, 1, 3), 0);
        assert_int_equal(device->readings[0].value.text.n_bytes, 0);
}

static void test_state_forgets_what_happened_and_keeps_the_rest(void **state)
{
        const uint8_t press[] = "press", day[] = "day";
        const struct reading said[] = {
                {.leaf = "ring",
                 .value = {.type = MESSAGE_TEXT, .text = {press, 5}},
                 .is_event = true},
                {.leaf = "mode", .value = {.type = MESSAGE_TEXT, .text = {day, 3}}},
        };
        const struct state_device *device = state_find(*state, hall);

        assert_int_equal(state_readings(*state, hall, said, 2, 1), 0);
        assert_int_equal(device->n_readings, 2);
        assert_true(device->readings[0].is_event);
        state_events_over(*state, hall);
        assert_int_equal(device->n_readings, 1);
        assert_string_equal(device->readings[0].leaf, "mode");
        assert_memory_equal(device->readings[0].value.text.bytes, "day", 3);
        assert_int_equal(state_readings(*state, hall, said, 2, 2), 0);
        assert_int_equal(device->n_readings, 2);
        assert_false(device->readings[0].is_event);
        state_events_over(*state, stranger);
}

static void test_state_what_is_out_of_bounds_is_left_out(void **state)
{
        static const uint8_t text[MESSAGE_TEXT_MAX + 1];
        const struct reading odd[] = {
                {.leaf = "text", .value = {.type = MESSAGE_TEXT, .text = {text, sizeof(text)}}},
                {.leaf = "123456789012345678901234567890123", .value = INTEGER(1)},
                {.leaf = "good", .value = INTEGER(1)},
        };
        const struct state_device *device = state_find(*state, hall);
        char leaf[16];

        assert_int_equal(state_readings(*state, hall, odd, 3, 5), -ENOSPC);
        assert_int_equal(device->n_readings, 1);
        assert_string_equal(device->readings[0].leaf, "good");
        for (int i = 1; i <= STATE_READINGS_MAX; i++) {
                const struct reading reading = {.leaf = leaf, .value = INTEGER(i)};

                (void)snprintf(leaf, sizeof(leaf), "leaf%d", i);
                assert_int_equal(state_readings(*state, hall, &reading, 1, i),
                                 i < STATE_READINGS_MAX ? 0 : -ENOSPC);
        }
        assert_int_equal(device->n_readings, STATE_READINGS_MAX);
        assert_string_equal(device->readings[STATE_READINGS_MAX - 1].leaf, "leaf31");
        assert_int_equal(state_readings(*state, stranger, odd + 2, 1, 5), -ENOENT);
}

static void test_state_says_what_changes(void **state)
{
        struct state *s = *state;

        assert_false(
                state_reach(s, hall, &(const struct state_reach){.available = false, .now = 7}));
        assert_true(state_reach(s, hall, &(const struct state_reach){.available = true, .now = 7}));
        assert_false(
                state_reach(s, hall, &(const struct state_reach){.available = true, .now = 7}));
        assert_true(state_find(s, hall)->available);
        assert_false(state_find(s, attic)->available);
        assert_true(
                state_reach(s, hall, &(const struct state_reach){.available = false, .now = 7}));
        assert_false(
                state_reach(s, stranger, &(const struct state_reach){.available = true, .now = 7}));
        assert_false(state_rename(s, hall, "hall"));
        assert_false(state_rename(s, stranger, "hall"));
        assert_false(state_forget(s, stranger));
}

static void test_state_says_how_and_why_it_changes(void **state)
{
        const struct state_reach gone = {false, REASON_ADAPTER_MISSING, 9}, back = {true, 0, 11};
        struct state *s = *state;
        uint64_t changes = state_changes(s);
        int rssi = -58;

        state_heard(s, hall, NULL, 7);
        assert_false(state_find(s, hall)->has_rssi);
        assert_int_equal(state_find(s, hall)->last_seen, 7);
        assert_true(state_changes(s) > changes);
        changes = state_changes(s);
        state_heard(s, hall, NULL, 7);
        state_heard(s, stranger, &rssi, 8);
        assert_true(state_changes(s) == changes);
        state_heard(s, hall, &rssi, 8);
        assert_int_equal(state_find(s, hall)->rssi, -58);

        assert_true(state_reach(s, hall, &back));
        assert_int_equal(state_find(s, hall)->since, 11);
        changes = state_changes(s);
        assert_true(state_reach(s, hall, &gone));
        assert_true(state_changes(s) > changes);
        assert_int_equal(state_find(s, hall)->why, REASON_ADAPTER_MISSING);
        assert_int_equal(state_find(s, hall)->since, 9);
}

static void test_state_what_is_restored_is_stale_until_the_device_reports(void **state)
{
        const struct reading readings[] = {
                {.leaf = "temperature", .value = INTEGER(21)},
                {.leaf = "humidity", .value = INTEGER(40)},
        };
        const struct state_device known = {
                .last_seen = 5, .readings = readings, .n_readings = 2, .numbering.next = 3};
        struct state *s = *state;

        assert_int_equal(state_restore(s, stranger, &known), -ENOENT);
        assert_int_equal(state_restore(s, hall, &known), 0);
        assert_true(state_find(s, hall)->is_stale);
        assert_int_equal(state_find(s, hall)->last_seen, 5);
        assert_int_equal(state_find(s, hall)->n_readings, 2);
        assert_int_equal(state_numbering(s, hall)->next, 3);
        assert_int_equal(state_find(s, hall)->reported, 0);
        assert_null(state_numbering(s, stranger));
        state_heard(s, hall, NULL, 6);
        assert_int_equal(state_readings(s, hall, NULL, 0, 7), 0);
        assert_true(state_find(s, hall)->is_stale);
        assert_int_equal(state_readings(s, hall, readings, 1, 8), 0);
        assert_false(state_find(s, hall)->is_stale);
        assert_int_equal(state_find(s, hall)->n_readings, 2);
        assert_true(state_find(s, hall)->reported == state_changes(s));
}

static void test_state_new_name_keeps_what_is_known(void **state)
{
        const struct reading reading = {.leaf = "count", .value = INTEGER(1)};
        struct state *s = *state;

        assert_int_equal(state_readings(s, hall, &reading, 1, 7), 0);
        assert_true(state_rename(s, hall, "kitchen"));
        assert_null(state_find_name(s, "hall"));
        assert_ptr_equal(state_find_name(s, "kitchen"), state_find(s, hall));
        assert_int_equal(state_add(s, hall, "cellar"), 0);
        assert_string_equal(state_find(s, hall)->name, "cellar");
        assert_int_equal(state_find(s, hall)->n_readings, 1);
}

static void test_state_walk_meets_each_device_once(void **state)
{
        struct state *s = *state;
        const struct state_device *device = state_next(s, NULL);

        assert_string_equal(device->name, "attic");
        assert_int_equal(state_count(s), 2);
        assert_ptr_equal(state_at(s, 0), device);
        device = state_next(s, device);
        assert_ptr_equal(state_at(s, 1), device);
        assert_string_equal(device->name, "hall");
        assert_null(state_next(s, device));
        assert_true(state_forget(s, attic));
        assert_null(state_find(s, attic));
        assert_string_equal(state_next(s, NULL)->name, "hall");
        assert_true(state_forget(s, hall));
        assert_null(state_next(s, NULL));
}

static void test_state_devices_are_bounded(void **state)
{
        uint8_t id[KDF_DEVICE_ID_BYTES] = {0};
        struct state *s = *state;
        unsigned n = 0;

        for (int i = 2; i < STATE_DEVICES_MAX; i++) {
                id[14] = (uint8_t)(i >> 8);
                id[15] = (uint8_t)i;
                assert_int_equal(state_add(s, id, "one"), 0);
        }
        assert_int_equal(state_add(s, stranger, "stranger"), -ENOSPC);
        assert_null(state_find(s, stranger));
        for (const struct state_device *d = state_next(s, NULL); d; d = state_next(s, d))
                n++;
        assert_int_equal(n, STATE_DEVICES_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_state_new_device_was_not_heard_and_is_not_available),
                TEST(test_state_keeps_the_last_reading_of_each_channel),
                TEST(test_state_texts_are_copied),
                TEST(test_state_forgets_what_happened_and_keeps_the_rest),
                TEST(test_state_what_is_out_of_bounds_is_left_out),
                TEST(test_state_says_what_changes),
                TEST(test_state_says_how_and_why_it_changes),
                TEST(test_state_what_is_restored_is_stale_until_the_device_reports),
                TEST(test_state_new_name_keeps_what_is_known),
                TEST(test_state_walk_meets_each_device_once),
                TEST(test_state_devices_are_bounded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
