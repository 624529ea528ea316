/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "enrollment/replacement.h"
#include "support/store-sample.h"

/* A store that has device 1, and a device 2 that may take its place. */
static void prepare(struct store_place *p, struct sample *one, struct sample *two)
{
        sample_init(one, 1);
        sample_init(two, 2);
        assert_int_equal(store_enroll(p->store, &one->enrollment), 0);
}

static void test_replacement_has_name_values_and_lineage_of_the_former(void **state)
{
        struct store_place *p = *state;
        struct replacement r = {.is_due = false};
        char detail[REASON_TEXT_SIZE], text[256];
        struct sample one, two;

        prepare(p, &one, &two);
        assert_int_equal(replacement_values(&r).n_bytes, 0);
        assert_int_equal(
                replacement_make(&r, p->store, one.device.device_id, false, &two.device, detail),
                REASON_NONE);
        assert_true(r.is_due);
        assert_true(r.is_alike);
        assert_string_equal(two.device.name, "device-1");
        assert_memory_equal(two.device.known_as, one.device.device_id, STORE_DEVICE_ID_BYTES);
        sample_assert_same(&r.former, &one.device);
        assert_int_equal(replacement_values(&r).n_bytes, one.device.n_config);
        assert_memory_equal(replacement_values(&r).bytes, one.device.config, one.device.n_config);

        replacement_text(&r, text, sizeof(text));
        assert_string_equal(text, " It takes the place of device-1 with the serial number "
                                  "NL-00000001, which is removed as soon as this device is owned.");
        r.former.serial[0] = '\0';
        replacement_text(&r, text, sizeof(text));
        assert_string_equal(text, " It takes the place of device-1, which is removed as soon as "
                                  "this device is owned.");
}

static void test_replacement_of_another_model_must_be_allowed(void **state)
{
        struct store_place *p = *state;
        struct replacement r = {.is_due = false};
        char detail[REASON_TEXT_SIZE];
        struct sample one, two;

        prepare(p, &one, &two);
        (void)snprintf(two.device.model, sizeof(two.device.model), "Lamp");
        assert_int_equal(
                replacement_make(&r, p->store, one.device.device_id, false, &two.device, detail),
                REASON_MODEL_DIFFERS);
        assert_string_equal(detail, "the code is for Nordlicht Lamp, and device-1 is Nordlicht "
                                    "Thermo One");
        assert_false(r.is_due);
        assert_string_equal(two.device.name, "device-2");
        assert_int_equal(
                replacement_make(&r, p->store, one.device.device_id, true, &two.device, detail),
                REASON_NONE);
        assert_true(r.is_due);
        assert_false(r.is_alike);

        sample_init(&two, 2);
        (void)snprintf(two.device.maker, sizeof(two.device.maker), "Polarstern");
        assert_int_equal(
                replacement_make(&r, p->store, one.device.device_id, false, &two.device, detail),
                REASON_MODEL_DIFFERS);
}

static void test_replacement_needs_a_device_and_another_one(void **state)
{
        struct store_place *p = *state;
        struct replacement r = {.is_due = false};
        char detail[REASON_TEXT_SIZE];
        struct sample one, two;

        prepare(p, &one, &two);
        assert_int_equal(
                replacement_make(&r, p->store, two.device.device_id, false, &one.device, detail),
                REASON_NO_SUCH_DEVICE);
        assert_int_equal(
                replacement_make(&r, p->store, one.device.device_id, false, &one.device, detail),
                REASON_NONE);
        assert_false(r.is_due);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, store_place_set_up, store_place_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_replacement_has_name_values_and_lineage_of_the_former),
                TEST(test_replacement_of_another_model_must_be_allowed),
                TEST(test_replacement_needs_a_device_and_another_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
