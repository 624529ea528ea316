/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/memory.h"
#include "store/enrollment.h"
#include "store/removal.h"
#include "support/store-sample.h"
#include "util/defer.h"

/* What is to be remembered, one after the other. */
struct list {
        const struct store_memory *memories;
        size_t n, at;
};

static bool on_next(void *userdata, struct store_memory *ret)
{
        struct list *list = userdata;
        struct store_value *values = ret->values;

        if (list->at == list->n)
                return false;
        *ret = list->memories[list->at++];
        if (ret->n_values > 0)
                memcpy(values, ret->values, ret->n_values * sizeof(*values));
        ret->values = values;
        return true;
}

static void remember(struct store *store, const struct store_memory *memories, size_t n)
{
        struct list list = {memories, n, 0};

        assert_int_equal(store_remember(store, on_next, &list), 0);
}

static void add_device(struct store *store, unsigned number, uint8_t ret_id[STORE_DEVICE_ID_BYTES])
{
        struct sample s;

        sample_init(&s, number);
        assert_int_equal(store_enroll(store, &s.enrollment), 0);
        memcpy(ret_id, s.device.device_id, STORE_DEVICE_ID_BYTES);
}

static struct store_value values[] = {
        {.leaf = "door", .type = 3, .n_text = 6, .text = "closed"},
        {.leaf = "temperature", .type = 0x80, .exponent = -2, .integer = INT64_MIN},
};

static void test_memory_is_kept(void **state)
{
        struct store_value got_values[STORE_VALUES_MAX];
        struct store_memory memories[2] = {
                {.last_seen = 7,
                 .has_boot_id = true,
                 .boot_id = "12345678",
                 .next = UINT64_C(1) << 32,
                 .taken = UINT64_MAX,
                 .n_values = ELEMENTSOF(values),
                 .values = values},
                {.last_seen = 9},
        };
        struct store_memory got = {.values = got_values};
        struct store_place *p = *state;

        add_device(p->store, 1, memories[0].device_id);
        add_device(p->store, 2, memories[1].device_id);
        remember(p->store, memories, 2);
        store_place_reopen(p);

        memcpy(got.device_id, memories[0].device_id, sizeof(got.device_id));
        assert_int_equal(store_recall(p->store, &got), 0);
        assert_int_equal(got.last_seen, 7);
        assert_true(got.has_boot_id);
        assert_memory_equal(got.boot_id, "12345678", sizeof(got.boot_id));
        assert_true(got.next == memories[0].next && got.taken == UINT64_MAX);
        assert_int_equal(got.n_values, 2);
        assert_string_equal(got_values[0].leaf, "door");
        assert_int_equal(got_values[0].n_text, 6);
        assert_memory_equal(got_values[0].text, "closed", 6);
        assert_string_equal(got_values[1].leaf, "temperature");
        assert_int_equal(got_values[1].type, 0x80);
        assert_int_equal(got_values[1].exponent, -2);
        assert_true(got_values[1].integer == INT64_MIN);

        memcpy(got.device_id, memories[1].device_id, sizeof(got.device_id));
        assert_int_equal(store_recall(p->store, &got), 0);
        assert_int_equal(got.last_seen, 9);
        assert_false(got.has_boot_id);
        assert_int_equal(got.n_values, 0);
}

static void test_memory_is_replaced(void **state)
{
        struct store_value got_values[STORE_VALUES_MAX];
        struct store_memory memory = {
                .last_seen = 7, .n_values = ELEMENTSOF(values), .values = values};
        struct store_memory got = {.values = got_values};
        struct store_place *p = *state;

        add_device(p->store, 1, memory.device_id);
        remember(p->store, &memory, 1);
        memory.last_seen = 8;
        memory.n_values = 1;
        remember(p->store, &memory, 1);
        memcpy(got.device_id, memory.device_id, sizeof(got.device_id));
        assert_int_equal(store_recall(p->store, &got), 0);
        assert_int_equal(got.last_seen, 8);
        assert_int_equal(got.n_values, 1);
}

static void test_memory_goes_with_its_device(void **state)
{
        struct store_value got_values[STORE_VALUES_MAX];
        struct store_memory memory = {.last_seen = 7, .n_values = 1, .values = values};
        struct store_memory got = {.values = got_values};
        struct store_place *p = *state;

        add_device(p->store, 1, memory.device_id);
        memcpy(got.device_id, memory.device_id, sizeof(got.device_id));
        assert_int_equal(store_recall(p->store, &got), STORE_E_NONE);
        remember(p->store, &memory, 1);
        add_device(p->store, 1, memory.device_id); /* it is enrolled again */
        assert_int_equal(store_recall(p->store, &got), STORE_E_NONE);
        remember(p->store, &memory, 1);
        assert_int_equal(store_remove(p->store, memory.device_id, NULL, 0), 0);
        assert_int_equal(store_recall(p->store, &got), STORE_E_NONE);
        remember(p->store, &memory, 1); /* of one that is not there any more */
        assert_int_equal(store_recall(p->store, &got), STORE_E_NONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_set_up, store_place_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_memory_is_kept),
                TEST(test_memory_is_replaced),
                TEST(test_memory_goes_with_its_device),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
