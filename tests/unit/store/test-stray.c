/* SPDX-License-Identifier: Apache-2.0 */

/* What is kept of a device that was given up without being released, and for how long. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "store/enrollment.h"
#include "store/removal.h"
#include "store/stray.h"
#include "support/store-sample.h"

#define NOW 1800000000 /* Unix time */

struct strays {
        struct store_stray stray[STORE_STRAYS_MAX + 1];
        size_t n;
};

static int on_stray(void *userdata, const struct store_stray *stray)
{
        struct strays *found = userdata;

        assert_true(found->n <= STORE_STRAYS_MAX);
        found->stray[found->n++] = *stray;
        return 0;
}

static struct strays find(struct store_place *p)
{
        struct strays found = {.n = 0};

        assert_int_equal(store_each_stray(p->store, on_stray, &found), 0);
        return found;
}

static void enroll(struct store_place *p, struct sample *s, unsigned number)
{
        sample_init(s, number);
        s->enrollment.counter = NULL; /* of which a later device has a higher one */
        assert_int_equal(store_enroll(p->store, &s->enrollment), 0);
}

static void give_up(struct store_place *p, struct sample *s, unsigned number, int64_t at)
{
        enroll(p, s, number);
        assert_int_equal(store_remove_unreleased(p->store, s->device.device_id, at, NULL, 0), 0);
}

static void expect_stray(const struct store_stray *stray, const struct sample *s, int64_t at)
{
        const struct store_ownership *o = &s->device.ownership;

        assert_memory_equal(stray->device_id, s->device.device_id, sizeof(stray->device_id));
        assert_string_equal(stray->name, s->device.name);
        assert_memory_equal(stray->public_key, o->public_key, sizeof(stray->public_key));
        assert_memory_equal(stray->adv_key, o->adv_key, sizeof(stray->adv_key));
        assert_int_equal(stray->epoch, o->epoch);
        assert_int_equal(stray->given_up_at, at);
}

static void test_stray_is_what_was_removed_without_being_released(void **state)
{
        struct store_place *p = *state;
        struct sample one, two, three;
        struct store_device d;
        struct strays found;

        enroll(p, &one, 1);
        assert_int_equal(store_remove(p->store, one.device.device_id, NULL, 0), 0);
        assert_int_equal(find(p).n, 0);
        assert_int_equal(store_remove_unreleased(p->store, one.device.device_id, NOW, NULL, 0),
                         STORE_E_NONE);
        assert_int_equal(find(p).n, 0);

        give_up(p, &two, 2, NOW);
        store_place_reopen(p);
        found = find(p);
        assert_int_equal(found.n, 1);
        expect_stray(&found.stray[0], &two, NOW);
        assert_int_equal(store_find_id(p->store, two.device.device_id, &d), STORE_E_NONE);

        sample_init_kind(&three, 3, STORE_BROADCAST);
        assert_int_equal(store_enroll(p->store, &three.enrollment), 0);
        assert_int_equal(store_remove_unreleased(p->store, three.device.device_id, NOW, NULL, 0),
                         0);
        assert_int_equal(find(p).n, 1);
}

static void test_stray_is_what_was_replaced(void **state)
{
        struct store_place *p = *state;
        struct sample former, next;
        struct strays found;

        enroll(p, &former, 1);
        sample_init(&next, 2);
        next.enrollment.replaces = former.device.device_id;
        next.device.enrolled_at = NOW;
        assert_int_equal(store_enroll(p->store, &next.enrollment), 0);
        found = find(p);
        assert_int_equal(found.n, 1);
        expect_stray(&found.stray[0], &former, NOW);
}

static void test_stray_goes_when_it_is_released_and_its_key_with_it(void **state)
{
        struct store_place *p = *state;
        const uint8_t *key;
        struct sample one;

        give_up(p, &one, 1, NOW);
        key = one.device.ownership.adv_key;
        assert_true(store_files_hold(p->path, key, 32));
        assert_int_equal(store_drop_stray(p->store, one.device.device_id), 0);
        assert_int_equal(find(p).n, 0);
        assert_false(store_files_hold(p->path, key, 32));
        assert_int_equal(store_drop_stray(p->store, one.device.device_id), STORE_E_NONE);
}

static void test_stray_goes_when_its_device_is_enrolled_again(void **state)
{
        struct store_place *p = *state;
        struct sample one, two;

        give_up(p, &one, 1, NOW);
        give_up(p, &two, 2, NOW);
        enroll(p, &one, 1);
        assert_int_equal(find(p).n, 1);
        expect_stray(&find(p).stray[0], &two, NOW);

        /* Given up once more, it is the one of the later epoch. */
        one.device.ownership.epoch = 7;
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
        assert_int_equal(store_remove_unreleased(p->store, one.device.device_id, NOW, NULL, 0), 0);
        assert_int_equal(find(p).n, 2);
        expect_stray(&find(p).stray[0], &one, NOW);
}

static void test_stray_goes_when_it_is_too_old(void **state)
{
        struct store_place *p = *state;
        struct sample old, young;
        unsigned n = 9;

        give_up(p, &old, 1, NOW - 1);
        give_up(p, &young, 2, NOW);
        assert_int_equal(store_expire_strays(p->store, NOW, &n), 0);
        assert_int_equal(n, 1);
        assert_int_equal(find(p).n, 1);
        expect_stray(&find(p).stray[0], &young, NOW);
        assert_false(store_files_hold(p->path, old.device.ownership.adv_key, 32));
        assert_int_equal(store_expire_strays(p->store, NOW, &n), 0);
        assert_int_equal(n, 0);
}

static void test_stray_that_is_oldest_goes_when_there_are_too_many(void **state)
{
        struct store_place *p = *state;
        struct sample s;
        struct strays found;

        for (unsigned i = 0; i <= STORE_STRAYS_MAX; i++)
                give_up(p, &s, i, i == 5 ? NOW - 1 : NOW + i);
        found = find(p);
        assert_int_equal(found.n, STORE_STRAYS_MAX);
        for (size_t i = 0; i < found.n; i++)
                assert_true(found.stray[i].given_up_at >= NOW);
}

/* One that was given up before the clock was set is not too old as soon as it is. */
static void test_stray_has_its_time_mended_with_the_clock(void **state)
{
        const struct store_mending mending = {
                .before = NOW, .since = 1000, .shift = NOW - 2000, .now = NOW + 5000};
        struct store_place *p = *state;
        struct sample one, two, three;
        struct strays found;
        uint64_t n;

        give_up(p, &one, 1, 500);
        give_up(p, &two, 2, 3000);
        give_up(p, &three, 3, NOW + 1);
        assert_int_equal(store_mend_enrolled_at(p->store, &mending, &n), 0);
        assert_int_equal(n, 0);
        found = find(p);
        assert_int_equal(found.n, 3);
        expect_stray(&found.stray[0], &one, NOW + 5000);
        expect_stray(&found.stray[1], &two, NOW + 1000);
        expect_stray(&found.stray[2], &three, NOW + 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, store_place_set_up, store_place_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_stray_is_what_was_removed_without_being_released),
                TEST(test_stray_is_what_was_replaced),
                TEST(test_stray_goes_when_it_is_released_and_its_key_with_it),
                TEST(test_stray_goes_when_its_device_is_enrolled_again),
                TEST(test_stray_goes_when_it_is_too_old),
                TEST(test_stray_that_is_oldest_goes_when_there_are_too_many),
                TEST(test_stray_has_its_time_mended_with_the_clock),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
