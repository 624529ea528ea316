/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/entry.h"
#include "support/store-sample.h"

static struct store_entry entry_of(uint8_t number, const char *reference)
{
        struct store_entry e = {.device_id = {number},
                                .maker = "Nordlicht",
                                .model = "Thermo One",
                                .issuer = "nordlicht",
                                .added_at = 1000 + number,
                                .n_sealed = 3,
                                .sealed = {number, 2, 3}};

        (void)snprintf(e.reference, sizeof(e.reference), "%s", reference);
        (void)snprintf(e.serial, sizeof(e.serial), "TH-%u", number);
        return e;
}

/* Puts one, and returns whether its reference is another one's. */
static bool put(struct store_place *p, const struct store_entry *entry)
{
        bool taken;

        assert_int_equal(store_put_entries(p->store, &entry, 1, &taken), 0);
        return taken;
}

static void assert_entry(const struct store_entry *got, const struct store_entry *wanted)
{
        assert_memory_equal(got->device_id, wanted->device_id, sizeof(got->device_id));
        assert_string_equal(got->reference, wanted->reference);
        assert_string_equal(got->maker, wanted->maker);
        assert_string_equal(got->model, wanted->model);
        assert_string_equal(got->serial, wanted->serial);
        assert_string_equal(got->issuer, wanted->issuer);
        assert_string_equal(got->name, wanted->name);
        assert_int_equal(got->joins, wanted->joins);
        assert_int_equal(got->added_at, wanted->added_at);
        assert_int_equal(got->n_sealed, wanted->n_sealed);
        assert_memory_equal(got->sealed, wanted->sealed, got->n_sealed);
}

static void test_entry_is_found_by_its_device_and_its_reference(void **state)
{
        struct store_entry one = entry_of(1, "96385074"), other = entry_of(2, ""), got;
        struct store_place *p = *state;

        assert_false(put(p, &one));
        assert_false(put(p, &other));
        store_place_reopen(p);
        assert_int_equal(store_find_entry(p->store, one.device_id, &got), 0);
        assert_entry(&got, &one);
        assert_int_equal(store_find_reference(p->store, "96385074", &got), 0);
        assert_entry(&got, &one);
        assert_int_equal(store_find_entry(p->store, other.device_id, &got), 0);
        assert_entry(&got, &other);
        assert_int_equal(store_find_reference(p->store, "36000291452", &got), STORE_E_NONE);
        assert_int_equal(store_find_reference(p->store, "", &got), STORE_E_NONE);
}

static void test_entry_takes_the_place_of_an_older_one(void **state)
{
        struct store_entry one = entry_of(1, "96385074"), next = entry_of(1, ""), got;
        struct store_place *p = *state;

        one.joins = true;
        (void)snprintf(one.name, sizeof(one.name), "hall");
        assert_false(put(p, &one));
        next.sealed[1] = 9;
        next.added_at = 2000;
        assert_false(store_has_past(p->store));
        assert_false(put(p, &next));
        assert_true(store_has_past(p->store)); /* the code of the older one */
        assert_int_equal(store_find_entry(p->store, one.device_id, &got), 0);
        one.sealed[1] = 9;
        one.added_at = 2000;
        assert_entry(&got, &one); /* it keeps its reference, its name and that it joins */
        (void)snprintf(next.name, sizeof(next.name), "attic");
        assert_false(put(p, &next));
        assert_int_equal(store_find_entry(p->store, one.device_id, &got), 0);
        assert_string_equal(got.name, "attic");
}

static void test_entry_reference_names_one_device(void **state)
{
        struct store_entry entries[] = {entry_of(1, "96385074"), entry_of(2, "96385074"),
                                        entry_of(3, "36000291452")};
        const struct store_entry *const all[] = {&entries[0], &entries[1], &entries[2]};
        struct store_place *p = *state;
        struct store_entry got;
        bool taken[3];
        uint64_t n;

        assert_int_equal(store_put_entries(p->store, all, 3, taken), 0);
        assert_false(taken[0]);
        assert_true(taken[1]);
        assert_false(taken[2]);
        assert_int_equal(store_find_entry(p->store, entries[1].device_id, &got), STORE_E_NONE);
        assert_int_equal(store_entry_count(p->store, &n), 0);
        assert_int_equal(n, 2);
}

static int on_entry(void *userdata, const struct store_entry *entry)
{
        struct store_place *p = userdata;

        return store_remove_entry(p->store, entry->device_id);
}

static int stop(void *userdata, const struct store_entry *entry)
{
        (void)userdata;
        return entry->device_id[0];
}

static void test_entry_joins_is_counted_and_removed(void **state)
{
        struct store_entry one = entry_of(7, "96385074"), other = entry_of(8, "");
        struct store_place *p = *state;
        uint64_t n;

        assert_int_equal(store_let_join(p->store, one.device_id, true), STORE_E_NONE);
        assert_int_equal(store_remove_entry(p->store, one.device_id), STORE_E_NONE);
        assert_false(put(p, &one));
        assert_false(put(p, &other));
        assert_int_equal(store_let_join(p->store, one.device_id, true), 0);
        assert_int_equal(store_joining_count(p->store, &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(store_let_join(p->store, one.device_id, false), 0);
        assert_int_equal(store_joining_count(p->store, &n), 0);
        assert_int_equal(n, 0);
        assert_int_equal(store_each_entry(p->store, stop, NULL), 7);
        assert_int_equal(store_forget_past(p->store), 0);
        assert_false(store_has_past(p->store));
        assert_int_equal(store_each_entry(p->store, on_entry, p), 0);
        assert_true(store_has_past(p->store));
        assert_int_equal(store_entry_count(p->store, &n), 0);
        assert_int_equal(n, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_set_up, store_place_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_entry_is_found_by_its_device_and_its_reference),
                TEST(test_entry_takes_the_place_of_an_older_one),
                TEST(test_entry_reference_names_one_device),
                TEST(test_entry_joins_is_counted_and_removed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
