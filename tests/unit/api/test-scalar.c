/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/scalar.h"
#include "util/defer.h"

static void test_scalar_numbers_are_read_and_written_again(void **state)
{
        static const struct {
                const char *json;
                enum message_value_type type;
                int64_t integer;
                int exponent;
        } cases[] = {
                {"0", MESSAGE_INTEGER, 0, 0},
                {"-7", MESSAGE_INTEGER, -7, 0},
                {"9223372036854775807", MESSAGE_INTEGER, INT64_MAX, 0},
                {"21.5", MESSAGE_DECIMAL, 215, -1},
                {"-0.001", MESSAGE_DECIMAL, -1, -3},
                {"0.1", MESSAGE_DECIMAL, 1, -1},
                {"123456.789012345", MESSAGE_DECIMAL, 123456789012345, -9},
                {"1e20", MESSAGE_DECIMAL, 100000000000000, 6},
                {"21.0", MESSAGE_INTEGER, 21, 0},
                {"0.0", MESSAGE_INTEGER, 0, 0},
                {"true", MESSAGE_BOOLEAN, 1, 0},
                {"false", MESSAGE_BOOLEAN, 0, 0},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                json_t *json = json_loads(cases[i].json, JSON_DECODE_ANY, NULL), *again;
                struct message_value value;

                assert_true(scalar_read(json, &value));
                assert_int_equal(value.type, cases[i].type);
                assert_true(value.integer == cases[i].integer);
                assert_int_equal(value.exponent, cases[i].exponent);
                again = scalar_json(&value);
                if (json_is_number(json))
                        assert_true(json_number_value(again) == json_number_value(json));
                else
                        assert_true(json_equal(json, again));
                json_decref(again);
                json_decref(json);
        }
}

static void test_scalar_texts_are_read(void **state)
{
        json_t *json = json_string("day \u00e9"), *again;
        struct message_value value;

        (void)state;
        assert_true(scalar_read(json, &value));
        assert_int_equal(value.type, MESSAGE_TEXT);
        assert_int_equal(value.text.n_bytes, strlen("day \u00e9"));
        again = scalar_json(&value);
        assert_true(json_equal(json, again));
        json_decref(again);
        json_decref(json);
}

static void test_scalar_refuses_what_no_channel_can_have(void **state)
{
        static const char *const cases[] = {
                "null",
                "[1]",
                "{}",
                "1e300",
                "1e-40",
                "\"a\\u0007\"",
                "\"12345678901234567890123456789012345678901234567890123456789012345\"",
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                json_t *json = json_loads(cases[i], JSON_DECODE_ANY, NULL);
                struct message_value value;

                assert_non_null(json);
                assert_false(scalar_read(json, &value));
                json_decref(json);
        }
        assert_false(scalar_read(NULL, &(struct message_value){.type = 0}));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_scalar_numbers_are_read_and_written_again),
                cmocka_unit_test(test_scalar_texts_are_read),
                cmocka_unit_test(test_scalar_refuses_what_no_channel_can_have),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
