/* SPDX-License-Identifier: Apache-2.0 */

/* The texts of templates; what they make of values, tests/hub/hass shows. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"
#include "hass/template.h"
#include "util/defer.h"

static void expect_text(json_t *take, const char *text)
{
        assert_non_null(take);
        assert_string_equal(json_string_value(take), text);
        json_decref(take);
}

static void test_template_of_a_leaf(void **state)
{
        (void)state;
        expect_text(template_leaf("mode", TEMPLATE_UNKNOWN),
                    "{{ value_json.mode | default('None') }}");
        expect_text(template_leaf("mode", TEMPLATE_IGNORED), "{{ value_json.mode | default('') }}");
        expect_text(template_boolean("on"), "{{ value_json.on | default('') | lower }}");
        expect_text(template_event("ring"),
                    "{% if value_json.ring is defined %}"
                    "{{ {'event_type': value_json.ring} | to_json }}{% endif %}");
}

#define RANGE(l, h, s, e)                                                                          \
        {                                                                                          \
                .leaf = "x", .type = STORE_NUMBER, .has_range = true, .low = (l), .high = (h),     \
                .step = (s), .exponent = (e)                                                       \
        }

/* clang-format off */
static const struct {
        struct store_channel channel;
        int64_t highest;
        const char *to, *from;
} scales[] = {
        { RANGE(0, 100, 0, 0), 100, "{{ 0 + (value * 100 / 255) | round | int * 1 }}",
          "{% if value_json.x is defined %}{{ ((value_json.x / 1 - 0) * 255 / 100) | round | int }}{% endif %}" },
        { RANGE(-5, 10, 4, 0), 7, "{{ -5 + (value * 3 / 255) | round | int * 4 }}",
          "{% if value_json.x is defined %}{{ ((value_json.x / 1 - -5) * 255 / 12) | round | int }}{% endif %}" },
        { RANGE(1, 9, 2, -1), 9, "{{ ((1 + (value * 4 / 255) | round | int * 2) / 10) | round(1) }}",
          "{% if value_json.x is defined %}{{ ((value_json.x * 10 - 1) * 255 / 8) | round | int }}{% endif %}" },
        { RANGE(1, 3, 1, 2), 3, "{{ (1 + (value * 2 / 255) | round | int * 1) * 100 }}",
          "{% if value_json.x is defined %}{{ ((value_json.x / 100 - 1) * 255 / 2) | round | int }}{% endif %}" },
};
/* clang-format on */

static void test_template_scales(void **state)
{
        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(scales); i++) {
                const struct store_channel *channel = &scales[i].channel;

                assert_true(template_scales(channel));
                assert_int_equal(template_highest(channel), scales[i].highest);
                expect_text(template_to_channel(channel, "value", 255), scales[i].to);
                expect_text(template_from_channel(channel, 255), scales[i].from);
        }
        expect_text(template_to_step(&scales[1].channel),
                    "{{ -5 + ((value / 1 - -5) / 4) | round | int * 4 }}");
}

static void test_template_does_not_scale_what_has_no_two_values(void **state)
{
        static const struct store_channel others[] = {
                RANGE(5, 5, 0, 0),      RANGE(0, 3, 4, 0),      RANGE(INT64_MIN, INT64_MAX, 0, 0),
                {.type = STORE_NUMBER}, {.type = STORE_SWITCH},
        };
        static const struct store_channel wide = RANGE(INT64_MIN, -1, 1, 18);
        static const struct store_channel *const widest = &wide;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(others); i++)
                assert_false(template_scales(&others[i]));
        assert_true(template_scales(widest));
        assert_int_equal(template_highest(widest), -1);
        expect_text(
                template_to_channel(widest, "position", 100),
                "{{ (-9223372036854775808 + (position * 9223372036854775807 / 100) | round | int "
                "* 1) * 1000000000000000000 }}");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_template_of_a_leaf),
                cmocka_unit_test(test_template_scales),
                cmocka_unit_test(test_template_does_not_scale_what_has_no_two_values),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
