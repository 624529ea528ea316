/* SPDX-License-Identifier: Apache-2.0 */

/* The classes, units and state classes, against the transcription of Home Assistant's own. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"
#include "hass/platform.h"

static int load_schema(void **state)
{
        *state = json_load_file(SCHEMA, 0, NULL);
        return *state ? 0 : -1;
}

static int free_schema(void **state)
{
        *state = json_free(*state);
        return 0;
}

/* As Home Assistant reads a unit; "" is none. */
static const char *unit_there(const json_t *schema, const char *unit)
{
        const json_t *other = json_object_get(json_object_get(schema, "ambiguous_units"), unit);

        return other ? json_string_value(other) : unit;
}

static bool is_among(const json_t *texts, const char *text)
{
        const json_t *one;
        size_t i;

        json_array_foreach(texts, i, one)
        {
                if (strcmp(json_is_null(one) ? "" : json_string_value(one), text) == 0)
                        return true;
        }
        return false;
}

/* Each class with each unit of any class, as the codes write them. */
static void test_platform_numbers_are_those_of_home_assistant(void **state)
{
        json_t *schema = *state, *numbers = json_object_get(schema, "numbers"), *facts, *other,
               *one;
        const char *class, *of;
        size_t i, n_fitting = 0;

        json_object_foreach(numbers, class, facts)
        {
                json_object_foreach(numbers, of, other)
                {
                        json_array_foreach(json_object_get(other, "units"), i, one)
                        {
                                const char *unit = json_is_null(one) ? "" : json_string_value(one);
                                bool fits = platform_has_class(PLATFORM_SENSOR, class, unit);

                                assert_int_equal(platform_has_class(PLATFORM_NUMBER, class, unit),
                                                 fits);
                                n_fitting += fits;
                                assert_true(!fits ||
                                            is_among(json_object_get(facts, "units"), unit));
                        }
                }
        }
        assert_true(n_fitting > 100);
        assert_false(platform_has_class(PLATFORM_SENSOR, "temperature", ""));
        assert_false(platform_has_class(PLATFORM_SENSOR, "temperature", "\xc2\xb0"));
        assert_false(platform_has_class(PLATFORM_SENSOR, "", ""));
        assert_true(platform_has_class(PLATFORM_SENSOR, "power_factor", ""));
        assert_true(platform_has_class(PLATFORM_SENSOR, "power_factor", "%"));
}

static void test_platform_writes_micro_as_every_version_reads_it(void **state)
{
        static const struct {
                const char *class, *unit;
        } cases[] = {
                {"pm10", "\xc2\xb5g/m\xc2\xb3"},
                {"voltage", "\xc2\xb5V"},
                {"weight", "\xc2\xb5g"},
                {"conductivity", "\xc2\xb5S/cm"},
        };
        const json_t *numbers = json_object_get(*state, "numbers");

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                const json_t *facts = json_object_get(numbers, cases[i].class);

                assert_true(platform_has_class(PLATFORM_SENSOR, cases[i].class, cases[i].unit));
                assert_true(is_among(json_object_get(facts, "units"),
                                     unit_there(*state, cases[i].unit)));
        }
}

static void test_platform_state_classes_are_allowed(void **state)
{
        const json_t *facts;
        const char *class;

        json_object_foreach(json_object_get(*state, "numbers"), class, facts)
        {
                const char *state_class = platform_state_class(class);

                assert_true(!state_class ||
                            is_among(json_object_get(facts, "state_classes"), state_class) ||
                            strcmp(class, "wind_direction") == 0);
        }
        assert_null(platform_state_class("wind_direction"));
        assert_string_equal(platform_state_class("energy"), "total_increasing");
        assert_string_equal(platform_state_class("anything"), "measurement");
}

static void test_platform_other_classes_are_those_of_home_assistant(void **state)
{
        const json_t *platforms = json_object_get(*state, "platforms");

        for (int i = 0; i < PLATFORM_MAX; i++) {
                enum platform platform = (enum platform)i;
                const json_t *facts = json_object_get(platforms, platform_name(platform));
                const json_t *classes = json_object_get(facts, "device_classes"), *one;
                size_t at;

                assert_non_null(facts);
                assert_int_equal(platform_only_shows(platform),
                                 platform == PLATFORM_EVENT ||
                                         json_object_get(facts, "forbidden_categories") != NULL);
                if (platform == PLATFORM_SENSOR || platform == PLATFORM_NUMBER)
                        continue;
                json_array_foreach(classes, at, one)
                {
                        assert_true(platform_has_class(platform, json_string_value(one), ""));
                }
                assert_false(platform_has_class(platform, "temperature", ""));
                assert_false(platform_has_class(platform, "outle", ""));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_platform_numbers_are_those_of_home_assistant),
                cmocka_unit_test(test_platform_writes_micro_as_every_version_reads_it),
                cmocka_unit_test(test_platform_state_classes_are_allowed),
                cmocka_unit_test(test_platform_other_classes_are_those_of_home_assistant),
        };

        return cmocka_run_group_tests(tests, load_schema, free_schema);
}
