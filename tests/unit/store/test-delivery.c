/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/delivery.h"
#include "store/enrollment.h"
#include "store/removal.h"
#include "support/store-sample.h"

static void enroll(struct store_place *p, struct sample *s, unsigned number)
{
        sample_init(s, number);
        assert_int_equal(store_enroll(p->store, &s->enrollment), 0);
}

static void expect_delivery(struct store_place *p, const struct sample *s, bool retain,
                            uint32_t throttle_s)
{
        struct store_delivery delivery;

        assert_int_equal(store_delivery_get(p->store, s->device.device_id, &delivery), 0);
        assert_int_equal(delivery.retain, retain);
        assert_int_equal(delivery.throttle_s, throttle_s);
}

static void set(struct store_place *p, const struct sample *s, bool retain, uint32_t throttle_s)
{
        const struct store_delivery delivery = {retain, throttle_s};

        assert_int_equal(store_delivery_set(p->store, s->device.device_id, &delivery), 0);
}

static void test_delivery_is_plain_until_it_is_set(void **state)
{
        struct store_place *p = *state;
        struct sample one;

        enroll(p, &one, 1);
        expect_delivery(p, &one, false, 0);
        set(p, &one, true, 5);
        set(p, &one, true, 10);
        store_place_reopen(p);
        expect_delivery(p, &one, true, 10);
}

static void test_delivery_survives_an_enrollment_and_not_a_removal(void **state)
{
        struct store_place *p = *state;
        struct sample one;

        enroll(p, &one, 1);
        set(p, &one, true, 5);
        assert_int_equal(store_enroll(p->store, &one.enrollment), 0);
        expect_delivery(p, &one, true, 5);
        assert_int_equal(store_remove(p->store, one.device.device_id, NULL, 0), 0);
        expect_delivery(p, &one, false, 0);
}

static void test_delivery_of_a_stranger_is_not_set(void **state)
{
        static const uint8_t stranger[STORE_DEVICE_ID_BYTES] = {9};
        const struct store_delivery delivery = {true, 1};
        struct store_place *p = *state;
        uint8_t id[STORE_DEVICE_ID_BYTES];
        struct store_delivery found;

        assert_int_equal(store_delivery_set(p->store, stranger, &delivery), STORE_E_NONE);
        assert_int_equal(store_delivery_after(p->store, NULL, id, &found), STORE_E_NONE);
}

static void test_delivery_walk_goes_by_every_device_that_has_one(void **state)
{
        struct store_place *p = *state;
        uint8_t id[STORE_DEVICE_ID_BYTES];
        struct sample samples[3];
        struct store_delivery found;
        size_t n = 0;

        for (unsigned i = 0; i < 3; i++)
                enroll(p, &samples[i], i + 1);
        set(p, &samples[2], false, 3);
        set(p, &samples[0], true, 1);
        for (int r = store_delivery_after(p->store, NULL, id, &found); r == 0;
             r = store_delivery_after(p->store, id, id, &found)) {
                const struct sample *s = found.throttle_s == 1 ? &samples[0] : &samples[2];

                assert_memory_equal(id, s->device.device_id, sizeof(id));
                assert_int_equal(found.retain, s == &samples[0]);
                n++;
        }
        assert_int_equal(n, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, store_place_set_up, store_place_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_delivery_is_plain_until_it_is_set),
                TEST(test_delivery_survives_an_enrollment_and_not_a_removal),
                TEST(test_delivery_of_a_stranger_is_not_set),
                TEST(test_delivery_walk_goes_by_every_device_that_has_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
