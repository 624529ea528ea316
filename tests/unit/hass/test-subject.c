/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"
#include "hass/subject.h"
#include "util/defer.h"

static const struct subject_means means = {"home", "1.2.3", true};

static void expect_json(const json_t *json, const char *expected)
{
        char *text = json_dumps(json, JSON_COMPACT);

        assert_non_null(text);
        for (char *at = text; *at; at++)
                if (*at == '"')
                        *at = '\'';
        assert_string_equal(text, expected);
        free(text);
}

static void test_subject_says_who_a_device_is(void **state)
{
        struct store_device device = {.name = "hall", .maker = "Nordlicht", .serial = "TH-1"};
        const struct exposes_source source = {.n_channels = 0};
        struct subject subject;

        (void)state;
        memset(device.known_as, 0xab, sizeof(device.known_as));
        assert_int_equal(subject_from_device(&means, &device, &source, &subject), 0);
        assert_string_equal(subject.identifier, "enrolld_abababababababababababababababab");
        expect_json(subject.device,
                    "{'identifiers':['enrolld_abababababababababababababababab'],'name':'hall',"
                    "'via_device':'enrolld_hub_home','manufacturer':'Nordlicht','serial_number':"
                    "'TH-1'}");
        expect_json(subject.origin, "{'name':'enrolld','sw_version':'1.2.3'}");
        expect_json(subject.availability,
                    "[{'topic':'enrolld/home/bridge/state','value_template':"
                    "'{{ value_json.state }}'},{'topic':'enrolld/home/hall/availability',"
                    "'value_template':'{{ value_json.state }}'}]");
        expect_json(subject.components, "{}");
        subject_clear(&subject);
}

static void test_subject_has_each_channel_once(void **state)
{
        static const struct store_channel channels[] = {
                {.number = 1, .leaf = "on", .direction = STORE_BOTH, .type = STORE_SWITCH},
                {.number = 2, .leaf = "power", .direction = STORE_PUBLISH},
                {.number = 3, .leaf = "dim", .direction = STORE_BOTH, .has_range = true, .high = 9},
        };
        static const struct store_member members[] = {
                {.group = 1, .kind = "light", .role = "state", .channel = 1},
                {.group = 1, .kind = "light", .role = "brightness", .channel = 3},
        };
        const struct exposes_source source = {channels, 3, members, 2};
        const struct subject_means silent = {"home", "1.2.3", false};
        struct store_device device = {.name = "hall"};
        struct subject subject;
        const json_t *on;

        (void)state;
        assert_int_equal(subject_from_device(&means, &device, &source, &subject), 0);
        assert_int_equal(json_object_size(subject.components), 2);
        on = json_object_get(subject.components, "on");
        assert_string_equal(json_string_value(json_object_get(on, "platform")), "light");
        assert_non_null(json_object_get(subject.components, "power"));
        subject_clear(&subject);

        assert_int_equal(subject_from_device(&silent, &device, &source, &subject), 0);
        assert_int_equal(json_object_size(subject.components), 3);
        on = json_object_get(subject.components, "on");
        assert_string_equal(json_string_value(json_object_get(on, "platform")), "binary_sensor");
        subject_clear(&subject);
}

static void test_subject_is_the_hub(void **state)
{
        struct subject subject;

        (void)state;
        assert_int_equal(subject_from_hub(&means, &subject), 0);
        assert_string_equal(subject.identifier, "enrolld_hub_home");
        expect_json(subject.device,
                    "{'identifiers':['enrolld_hub_home'],'name':'enrolld home','manufacturer':"
                    "'enrolld','model':'Enrollment gateway','sw_version':'1.2.3'}");
        expect_json(subject.availability, "[{'topic':'enrolld/home/bridge/state','value_template':"
                                          "'{{ value_json.state }}'}]");
        subject_clear(&subject);
        subject_clear(&subject);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_subject_says_who_a_device_is),
                cmocka_unit_test(test_subject_has_each_channel_once),
                cmocka_unit_test(test_subject_is_the_hub),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
