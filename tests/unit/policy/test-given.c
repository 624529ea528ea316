/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/given.h"
#include "program/program.h"
#include "util/defer.h"

static struct value value_of(const char *parameter, const char *text)
{
        static uint8_t bytes[VALUE_STRING_MAX];
        const struct given given = {parameter, text};
        struct value value = {0};

        if (!given_value(&given, given_number(&given), bytes, &value))
                fail_msg("refused: %s=%s", parameter, text);
        return value;
}

static void test_given_position_is_in_degrees_and_metres(void **state)
{
        static const struct {
                const char *parameter, *text;
                int64_t number;
        } cases[] = {
                {"latitude", "53.55", 535500000},
                {"latitude", "53.55N", 535500000},
                {"latitude", "53.55S", -535500000},
                {"latitude", "-53.55", -535500000},
                {"latitude", "90", 900000000},
                {"latitude", "-90", -900000000},
                {"latitude", "0", 0},
                {"longitude", "9.99", 99900000},
                {"longitude", "9.99E", 99900000},
                {"longitude", "122.4194W", -1224194000},
                {"longitude", "180", 1800000000},
                {"altitude", "12.5", 1250},
                {"altitude", "-3", -300},
                {"latitude", "59.3300001", 593300001},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct value value = value_of(cases[i].parameter, cases[i].text);

                assert_int_equal(value.kind, VALUE_INTEGER);
                assert_int_equal(value.number, cases[i].number);
        }
}

static void test_given_makers_own_is_a_number_if_it_looks_like_one(void **state)
{
        struct value value;

        (void)state;
        value = value_of("64", "7");
        assert_int_equal(value.kind, VALUE_INTEGER);
        assert_int_equal(value.number, 7);
        value = value_of("127", "-7");
        assert_int_equal(value.number, -7);
        value = value_of("64", "7 days");
        assert_int_equal(value.kind, VALUE_TEXT);
        assert_int_equal(value.span.n_bytes, 6);
}

static void test_given_kinds_follow_the_parameter(void **state)
{
        struct value value;

        (void)state;
        value = value_of("location", "7");
        assert_int_equal(value.kind, VALUE_TEXT);
        value = value_of("time", "1234");
        assert_int_equal(value.number, 1234);
        value = value_of("gateway_key",
                         "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
        assert_int_equal(value.kind, VALUE_BYTES);
        assert_int_equal(value.span.bytes[31], 0xff);
}

static void test_given_wrong_names_and_kinds_are_told_apart(void **state)
{
        static const struct {
                struct given given;
                enum reason reason;
                const char *detail;
        } cases[] = {
                {{"colour", "red"}, REASON_PARAMETER_UNKNOWN, "colour"},
                {{"locaton", "Hall"}, REASON_PARAMETER_UNKNOWN, "locaton (did you mean location?)"},
                {{"lat", "1"}, REASON_PARAMETER_UNKNOWN, "lat (did you mean latitude?)"},
                {{"", "1"}, REASON_PARAMETER_UNKNOWN, ""},
                {{"63", "1"}, REASON_PARAMETER_UNKNOWN, "63"},
                {{"128", "1"}, REASON_PARAMETER_UNKNOWN, "128"},
                {{"latitude", "91"},
                 REASON_PARAMETER_INVALID,
                 "latitude takes degrees from -90 to 90 such as 53.55 or 53.55N"},
                {{"latitude", "535500000"},
                 REASON_PARAMETER_INVALID,
                 "latitude takes degrees from -90 to 90 such as 53.55 or 53.55N"},
                {{"longitude", "north"},
                 REASON_PARAMETER_INVALID,
                 "longitude takes degrees from -180 to 180 such as 9.99 or 9.99E"},
                {{"altitude", "high"},
                 REASON_PARAMETER_INVALID,
                 "altitude takes metres from -1000 to 10000 such as 12.5"},
                {{"time", "-1"},
                 REASON_PARAMETER_INVALID,
                 "time takes a whole number that is not negative"},
                {{"system_key", "abcd"},
                 REASON_PARAMETER_INVALID,
                 "system_key takes 64 hexadecimal digits"},
                {{"room", ""}, REASON_PARAMETER_INVALID, "room takes a text of 1 to 64 bytes"},
                {{"64", ""},
                 REASON_PARAMETER_INVALID,
                 "64 takes a whole number or a text of 1 to 64 bytes"},
                {{"room", "attic"}, REASON_NONE, "unchanged"},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char detail[GIVEN_DETAIL_SIZE] = "unchanged";

                assert_int_equal(given_check(&cases[i].given, detail), cases[i].reason);
                assert_string_equal(detail, cases[i].detail);
        }
}

static void test_given_numbers_are_whole_and_decimal(void **state)
{
        static const struct given bad[] = {
                {"latitude", "53,55"},
                {"latitude", "53.55E"},
                {"latitude", "-53.55S"},
                {"latitude", "53.55NN"},
                {"latitude", "N"},
                {"latitude", ""},
                {"latitude", "."},
                {"latitude", "1-2"},
                {"latitude", "0x10"},
                {"latitude", "nan"},
                {"latitude", " 5"},
                {"latitude", "1e1"},
                {"latitude", "00000000000000000000000000000000000001"},
                {"time", "1.5"},
                {"time", " 1"},
                {"time", "12 "},
                {"time", "99999999999999999999"},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
                char detail[GIVEN_DETAIL_SIZE];

                if (given_check(&bad[i], detail) != REASON_PARAMETER_INVALID)
                        fail_msg("taken: %s=%s", bad[i].parameter, bad[i].value);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_given_position_is_in_degrees_and_metres),
                cmocka_unit_test(test_given_makers_own_is_a_number_if_it_looks_like_one),
                cmocka_unit_test(test_given_kinds_follow_the_parameter),
                cmocka_unit_test(test_given_wrong_names_and_kinds_are_told_apart),
                cmocka_unit_test(test_given_numbers_are_whole_and_decimal),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
