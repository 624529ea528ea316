/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of devices. How they come and go is in test-enrollment.c and test-removal.c, the store
 * itself in test-store.c. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/enrollment.h"
#include "store/removal.h"
#include "support/store-sample.h"
#include "util/defer.h"

/* The kinds without an ownership go through every verb like the enrolled, and nothing settles. */
static void test_device_kinds_without_our_keys_are_devices_like_others(void **state)
{
        static const enum store_kind kinds[] = {STORE_GATT, STORE_BROADCAST};
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;
        struct store_channel channels[4];
        size_t n_channels;
        uint64_t n;

        for (unsigned i = 0; i < ELEMENTSOF(kinds); i++) {
                sample_init_kind(&s, 1 + i, kinds[i]);
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
                store_place_reopen(p);
                memset(&d, 0xff, sizeof(d)); /* nothing of it is left in the ownership */
                assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
                sample_assert_same(&d, &s.device);
                assert_memory_equal(&d.ownership, &s.device.ownership, sizeof(d.ownership));
                assert_int_equal(store_channels(p->store, d.device_id, 4, channels, &n_channels),
                                 0);
                assert_int_equal(n_channels, 2);

                assert_int_equal(store_unsettled_count(p->store, &n), 0);
                assert_int_equal(n, 0);
                assert_int_equal(store_settle(p->store, d.device_id, 0), STORE_E_NONE);
                assert_int_equal(store_rename(p->store, d.device_id, "lamp"), 0);
                assert_int_equal(store_find_name(p->store, "lamp", &d), 0);
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0); /* replaces it */
                assert_int_equal(store_device_count(p->store, &n), 0);
                assert_int_equal(n, 1);
                assert_int_equal(store_remove(p->store, d.device_id, NULL, 0), 0);
                assert_int_equal(store_device_count(p->store, &n), 0);
                assert_int_equal(n, 0);
        }
}

static int walk_note_kind(void *userdata, const struct store_device *device)
{
        enum store_kind **next = userdata;

        assert_int_equal(device->ownership.epoch, device->kind == STORE_ENROLLED ? 1 : 0);
        *(*next)++ = device->kind;
        return 0;
}

static void test_device_each_device_tells_the_kinds_apart(void **state)
{
        static const enum store_kind kinds[] = {STORE_ENROLLED, STORE_GATT, STORE_ENROLLED,
                                                STORE_BROADCAST};
        struct store_place *p = *state;
        enum store_kind seen[4], *next = seen;
        struct sample s;

        for (unsigned i = 0; i < ELEMENTSOF(kinds); i++) {
                sample_init(&s, 1 + i);
                if (kinds[i] != STORE_ENROLLED)
                        sample_init_kind(&s, 1 + i, kinds[i]);
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        assert_int_equal(store_each_device(p->store, walk_note_kind, &next), 0);
        assert_ptr_equal(next, seen + 4);
        assert_memory_equal(seen, kinds, sizeof(kinds));
}

static void test_device_counts_those_that_have_not_confirmed(void **state)
{
        struct store_place *p = *state;
        struct sample s;
        uint64_t n;

        for (unsigned i = 1; i <= 3; i++) {
                sample_init(&s, i);
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        assert_int_equal(store_unsettled_count(p->store, &n), 0);
        assert_int_equal(n, 3);
        assert_int_equal(store_settle(p->store, s.device.device_id, 1), 0);
        assert_int_equal(store_unsettled_count(p->store, &n), 0);
        assert_int_equal(n, 2);
}

/* Every name of a link, and the longest that there may be. */
static void test_device_keeps_over_what_it_was_enrolled(void **state)
{
        static const char *const links[] = {"ble", "ble-coc", "stream", "fifteen letters"};
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;

        for (unsigned i = 0; i < ELEMENTSOF(links); i++) {
                sample_init(&s, 1 + i);
                s.enrollment.counter = NULL;
                (void)snprintf(s.device.link, sizeof(s.device.link), "%s", links[i]);
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
                assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
                assert_string_equal(d.link, links[i]);
        }
        sample_init(&s, 1 + ELEMENTSOF(links));
        s.enrollment.counter = NULL;
        s.device.link[0] = '\0';
        assert_true(store_enroll(p->store, &s.enrollment) < 0);
}

static void test_device_leaves_until_it_is_met_or_enrolled_again(void **state)
{
        struct store_place *p = *state;
        struct store_device d;
        struct sample s;

        sample_init(&s, 1);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_false(d.ownership.leaving);
        assert_int_equal(store_leave(p->store, d.device_id, d.ownership.epoch + 1, true),
                         STORE_E_NONE);
        assert_int_equal(store_leave(p->store, d.device_id, d.ownership.epoch, true), 0);
        store_place_reopen(p);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_true(d.ownership.leaving);
        assert_int_equal(store_leave(p->store, d.device_id, d.ownership.epoch, false), 0);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_false(d.ownership.leaving);

        assert_int_equal(store_leave(p->store, d.device_id, d.ownership.epoch, true), 0);
        s.device.ownership.epoch++;
        s.enrollment.counter = NULL;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_false(d.ownership.leaving);
}

static void test_device_settle_forgets_resume(void **state)
{
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;

        sample_init(&s, 1);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_settle(p->store, s.device.device_id, 2), STORE_E_NONE);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_false(d.ownership.settled);
        assert_int_equal(d.ownership.n_resume, 5);

        assert_int_equal(store_settle(p->store, s.device.device_id, 1), 0);
        assert_int_equal(store_settle(p->store, s.device.device_id, 1), 0);
        store_place_reopen(p);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
        assert_true(d.ownership.settled);
        assert_int_equal(d.ownership.n_resume, 0);
}

/* What names a device in another way is no name. */
static void test_device_name_is_no_identifier(void **state)
{
        static const char *const names[] = {"hall", "0x0123456789abcde", "0x0123456789abcdeg",
                                            "0123456789abcdef0123456789abcde",
                                            "0123456789abcdef0123456789abcdeg"};
        static const char *const numbers[] = {"bridge", "0x0123456789abcdef",
                                              "0123456789abcdef0123456789ABCDEF"};

        (void)state;
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
                assert_true(store_name_valid(names[i], strlen(names[i])));
        for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
                assert_false(store_name_valid(numbers[i], strlen(numbers[i])));
}

static void test_device_rename_keeps_names_unique(void **state)
{
        struct store_place *p = *state;
        struct sample one, two;
        struct store_device d;

        sample_init(&one, 1);
        sample_init(&two, 2);
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
        assert_int_equal(store_rename(p->store, two.device.device_id, "lamp"), STORE_E_NONE);
        assert_int_equal(store_enroll(p->store, &two.enrollment), 0);
        assert_int_equal(store_rename(p->store, two.device.device_id, "device-1"),
                         STORE_E_NAME_TAKEN);
        assert_int_equal(store_rename(p->store, two.device.device_id, "device-2"), 0);
        assert_int_equal(store_rename(p->store, two.device.device_id, "lamp"), 0);
        assert_int_equal(store_rename(p->store, two.device.device_id, ""), -EINVAL);
        store_place_reopen(p);
        assert_int_equal(store_find_name(p->store, "lamp", &d), 0);
        assert_memory_equal(d.device_id, two.device.device_id, sizeof(d.device_id));
}

/* Enrolls device @number, in the place of device @replaced unless that is 0. */
static void take_place(struct store *store, unsigned number, unsigned replaced)
{
        struct sample s, other;

        sample_init(&s, number);
        sample_init(&other, replaced);
        s.enrollment.counter = NULL;
        s.enrollment.replaces = replaced ? other.device.device_id : NULL;
        assert_int_equal(store_enroll(store, &s.enrollment), 0);
}

static void assert_known_as(struct store *store, unsigned number, unsigned known_as)
{
        struct sample s, other;
        struct store_device d;
        uint8_t asked[STORE_DEVICE_ID_BYTES];

        sample_init(&s, number);
        sample_init(&other, known_as);
        assert_int_equal(store_known_as(store, s.device.device_id, asked), 0);
        assert_memory_equal(asked, other.device.device_id, sizeof(asked));
        if (store_find_id(store, s.device.device_id, &d) != 0)
                return;
        assert_memory_equal(d.known_as, asked, sizeof(asked));
        assert_int_equal(store_find_known_as(store, asked, &d), 0);
        assert_memory_equal(d.device_id, s.device.device_id, sizeof(d.device_id));
}

/* Nobody is known as two, and no two as one, whoever takes whose place and comes back. */
static void test_device_is_known_as_the_one_it_replaced(void **state)
{
        struct store_place *p = *state;

        take_place(p->store, 1, 0);
        assert_known_as(p->store, 1, 1);
        take_place(p->store, 2, 1);
        assert_known_as(p->store, 2, 1);
        take_place(p->store, 3, 2);
        assert_known_as(p->store, 3, 1);
        take_place(p->store, 3, 0); /* enrolled again */
        assert_known_as(p->store, 3, 1);

        /* The first comes back, and the second; another takes a place of theirs. */
        assert_known_as(p->store, 1, 3);
        take_place(p->store, 1, 0);
        assert_known_as(p->store, 1, 3);
        assert_known_as(p->store, 2, 2);
        take_place(p->store, 2, 1);
        assert_known_as(p->store, 2, 3);
        assert_known_as(p->store, 3, 1);
        assert_known_as(p->store, 1, 2);
        take_place(p->store, 1, 0);
        assert_known_as(p->store, 1, 2);
}

struct walk {
        struct store *store;
        char names[128];
        const char *stop_at;
};

static int walk_on_device(void *userdata, const struct store_device *device)
{
        struct walk *w = userdata;

        strcat(strcat(w->names, device->name), " ");
        if (w->stop_at && strcmp(device->name, w->stop_at) == 0)
                return 42;
        return store_remove(w->store, device->device_id, NULL, 0);
}

static void test_device_each_device_walks_by_name_and_may_remove(void **state)
{
        struct store_place *p = *state;
        struct walk w = {.store = p->store, .stop_at = "device-3"};
        struct sample s;
        uint64_t n;

        for (unsigned i = 3; i > 0; i--) {
                sample_init(&s, i);
                s.enrollment.counter = NULL;
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        assert_int_equal(store_each_device(p->store, walk_on_device, &w), 42);
        assert_string_equal(w.names, "device-1 device-2 device-3 ");
        assert_int_equal(store_device_count(p->store, &n), 0);
        assert_int_equal(n, 1);
}

static int walk_on_unsettled(void *userdata, const struct store_device *device)
{
        struct walk *w = userdata;

        strcat(strcat(w->names, device->name), " ");
        return store_settle(w->store, device->device_id, 1);
}

static void test_device_walk_begins_behind_a_name(void **state)
{
        struct store_place *p = *state;
        struct walk w = {.store = p->store};
        struct sample s;

        for (unsigned i = 1; i < 6; i++) {
                sample_init(&s, i);
                s.enrollment.counter = NULL;
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        assert_int_equal(store_each_device_after(p->store, "device-3", walk_on_device, &w), 0);
        assert_string_equal(w.names, "device-4 device-5 ");
        w.names[0] = '\0';
        assert_int_equal(store_each_device_after(p->store, "device-20", walk_on_device, &w), 0);
        assert_string_equal(w.names, "device-3 "); /* there is none of that name */
}

static void test_device_each_unsettled_may_be_settled(void **state)
{
        struct store_place *p = *state;
        struct walk w = {.store = p->store};
        struct sample s;
        uint64_t n;

        for (unsigned i = 5; i > 0; i--) {
                sample_init(&s, i);
                s.enrollment.counter = NULL;
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
                if (i % 2 == 0)
                        assert_int_equal(store_settle(p->store, s.device.device_id, 1), 0);
        }
        sample_init_kind(&s, 6, STORE_BROADCAST);
        s.enrollment.counter = NULL;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_int_equal(store_each_unsettled(p->store, walk_on_unsettled, &w), 0);
        assert_string_equal(w.names, "device-5 device-3 device-1 ");
        assert_int_equal(store_unsettled_count(p->store, &n), 0);
        assert_int_equal(n, 0);
}

static void test_device_half_of_an_identifier_finds_it(void **state)
{
        uint8_t half[STORE_DEVICE_ID_BYTES / 2];
        struct store_place *p = *state;
        struct store_device d;
        struct sample s;

        for (unsigned i = 1; i < 4; i++) {
                sample_init(&s, i);
                s.enrollment.counter = NULL;
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        sample_init(&s, 2);
        memcpy(half, s.device.device_id, sizeof(half));
        assert_int_equal(store_find_half(p->store, half, &d), 0);
        assert_string_equal(d.name, "device-2");
        half[sizeof(half) - 1]++;
        assert_int_equal(store_find_half(p->store, half, &d), STORE_E_NONE);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, store_place_set_up, store_place_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_device_kinds_without_our_keys_are_devices_like_others),
                TEST(test_device_each_device_tells_the_kinds_apart),
                TEST(test_device_counts_those_that_have_not_confirmed),
                TEST(test_device_keeps_over_what_it_was_enrolled),
                TEST(test_device_leaves_until_it_is_met_or_enrolled_again),
                TEST(test_device_settle_forgets_resume),
                TEST(test_device_name_is_no_identifier),
                TEST(test_device_rename_keeps_names_unique),
                TEST(test_device_is_known_as_the_one_it_replaced),
                TEST(test_device_each_device_walks_by_name_and_may_remove),
                TEST(test_device_walk_begins_behind_a_name),
                TEST(test_device_each_unsettled_may_be_settled),
                TEST(test_device_half_of_an_identifier_finds_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
