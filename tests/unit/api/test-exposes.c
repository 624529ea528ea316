/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/exposes.h"
#include "util/defer.h"

static void test_exposes_say_what_can_be_done_with_a_channel(void **state)
{
        static const struct {
                unsigned direction, access;
        } cases[] = {
                {STORE_PUBLISH, EXPOSES_PUBLISHED | EXPOSES_GET},
                {STORE_COMMAND, EXPOSES_SET},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const struct store_channel channel = {
                        .direction = (enum store_direction)cases[i].direction};

                assert_int_equal(exposes_access(&channel), cases[i].access);
        }
}

static void test_exposes_of_numbers_have_their_unit(void **state)
{
        static const struct store_channel channels[] = {
                {.number = 1,
                 .leaf = "outdoor_temperature",
                 .class = "temperature",
                 .unit = "\xc2\xb0"
                         "C",
                 .direction = STORE_PUBLISH},
                {.number = 2, .leaf = "identify", .direction = STORE_COMMAND},
        };
        json_t *exposes = exposes_json(channels, ELEMENTSOF(channels));
        char *text = json_dumps(exposes, JSON_COMPACT | JSON_SORT_KEYS);

        (void)state;
        assert_string_equal(
                text,
                "[{\"access\":5,\"device_class\":\"temperature\",\"label\":\"Outdoor temperature\","
                "\"name\":\"outdoor_temperature\",\"property\":\"outdoor_temperature\","
                "\"type\":\"numeric\",\"unit\":\"\xc2\xb0"
                "C\"},"
                "{\"access\":2,\"label\":\"Identify\",\"name\":\"identify\","
                "\"property\":\"identify\",\"type\":\"numeric\"}]");
        free(text);
        json_decref(exposes);
}

static void test_exposes_of_no_channel_are_an_empty_array(void **state)
{
        json_t *exposes = exposes_json(NULL, 0);

        (void)state;
        assert_true(json_is_array(exposes));
        assert_int_equal(json_array_size(exposes), 0);
        json_decref(exposes);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_exposes_say_what_can_be_done_with_a_channel),
                cmocka_unit_test(test_exposes_of_numbers_have_their_unit),
                cmocka_unit_test(test_exposes_of_no_channel_are_an_empty_array),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
