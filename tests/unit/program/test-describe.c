/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "program/describe.h"
#include "support/diagnostic.h"

/* The first step of a half, in words. */
static const char *described(const char *half, size_t size)
{
        static struct diagnostic d;
        static char text[256];
        struct program_step step;

        assert_true(program_step_at(diagnostic(&d, half), 0, &step));
        memset(text, 'x', sizeof(text));
        program_describe_step(&step, text, size);
        return text;
}

static void test_describe_step_says_verb_and_arguments(void **state)
{
        /* clang-format off */
        static const struct {
                const char *half, *text;
        } cases[] = {
                { "[[1,1,2,3]]",                   "supply name, location, owner" },
                { "[[16,2,70]]",                   "require location, 70" },
                { "[[2]]",                         "deliver the device's half" },
                { "[[3,1,2]]",                     "expect serial, public_key" },
                { "[[5,6,2]]",                     "forward identity, public_key" },
                { "[[6,9]]",                       "sync at point 9" },
                { "[[17,1,[1]]]",                  "set name to $name" },
                { "[[17,1,[2]]]",                  "set name to $location" },
                { "[[17,1,\"a b\",2,[70]]]",       "set name to \"a b\", location to $70" },
                { "[[17,66,h'00ff',67,true]]",     "set 66 to 0x00ff, 67 to yes" },
                { "[[18,4]]",                      "call function 4" },
                { "[[18,1,1,-60]]",                "call function 1 with interval -60" },
                { "[[19,1,127]]",                  "report serial, 127" },
                { "[[20,0]]",                      "finish" },
                { "[[20,1]]",                      "finish, forget the secret" },
                { "[[20,3]]",                      "finish, forget the secret, for good" },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                assert_string_equal(described(cases[i].half, 256), cases[i].text);
}

static void test_describe_channel_says_what_flows(void **state)
{
        (void)state;
        assert_string_equal(
                described("[[4,1,\"temperature\",\"temperature\",\"\xc2\xb0\x43\",1,60]]", 256),
                "channel 1: publish temperature in \xc2\xb0\x43 as temperature every 60 s");
        assert_string_equal(described("[[4,2,\"level\",\"\",\"\",1,0]]", 256),
                            "channel 2: publish level on change");
        assert_string_equal(described("[[4,3,\"identify\",\"\",\"\",2,0]]", 256),
                            "channel 3: command identify");
}

/* A code's text goes to a terminal, so what a terminal would obey is not shown. */
static void test_describe_text_that_is_not_printable_is_not_shown(void **state)
{
        (void)state;
        assert_string_equal(described("[[17,1,\"\x1b[2J\"]]", 256), "set name to \"?\"");
        assert_string_equal(described("[[17,1,\"\xe2\x80\xae\x67\"]]", 256), "set name to \"?\"");
}

static void test_describe_is_cut_to_its_room(void **state)
{
        static const char whole[] = "supply name, location, owner";

        (void)state;
        for (size_t size = 1; size <= sizeof(whole); size++) {
                const char *text = described("[[1,1,2,3]]", size);

                assert_int_equal(strlen(text), size - 1);
                assert_memory_equal(text, whole, size - 1);
                assert_int_equal(text[size], 'x');
        }
}

static void test_describe_value_of_each_kind(void **state)
{
        static const uint8_t bytes[] = {0x00, 0xff, 'h', 'i'};
        const struct {
                struct value value;
                const char *text;
        } cases[] = {
                {{.kind = VALUE_INTEGER, .number = INT64_MIN}, "-9223372036854775808"},
                {{.kind = VALUE_BOOLEAN, .number = 0}, "no"},
                {{.kind = VALUE_BOOLEAN, .number = 1}, "yes"},
                {{.kind = VALUE_TEXT, .span = {bytes + 2, 2}}, "\"hi\""},
                {{.kind = VALUE_BYTES, .span = {bytes, 2}}, "0x00ff"},
                {{.kind = VALUE_NOTHING}, "?"},
        };
        char text[64];

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                program_describe_value(&cases[i].value, text, sizeof(text));
                assert_string_equal(text, cases[i].text);
        }
}

static void test_describe_every_step_in_words(void **state)
{
        static const struct {
                const char *step, *text;
        } cases[] = {
                {"[1,1,2,64]", "supply name, location, 64"},
                {"[2]", "deliver the device's half"},
                {"[3,1,2]", "expect serial, public_key"},
                {"[4,1,\"temperature\",\"temperature\",\"\xc2\xb0\x43\",1,60]",
                 "channel 1: publish temperature in \xc2\xb0\x43 as temperature every 60 s"},
                {"[4,2,\"door\",\"\",\"\",1,0]", "channel 2: publish door on change"},
                {"[4,3,\"identify\",\"\",\"\",2,0]", "channel 3: command identify"},
                {"[4,3,\"\n\",\"\",\"\",2,0]", "channel 3: command ?"},
                {"[4,1,\"a\",\"\",\"\",3,0]", "channel 1: publish and command a on change"},
                {"[4,1,\"a\",\"\",\"%\",3,60,[0,50,300,-1,5],1]",
                 "channel 1: publish and command a in % every 60 s, from 5 to 30 in steps of 0.5; "
                 "a setting of the device"},
                {"[4,1,\"a\",\"\",\"\",1,0,[0,-5,25,-2],2]",
                 "channel 1: publish a on change, from -0.05 to 0.25; for diagnosis"},
                {"[4,1,\"a\",\"\",\"\",1,0,[0,-2,3,2]]",
                 "channel 1: publish a on change, from -200 to 300"},
                {"[4,1,\"a\",\"\",\"\",1,0,1]", "channel 1: publish a on change, yes or no"},
                {"[4,1,\"a\",\"\",\"\",3,0,[2,67,68]]",
                 "channel 1: publish and command a on change, one of on, off"},
                {"[4,1,\"a\",\"\",\"\",2,0,3]", "channel 1: command a, a text of up to 64 bytes"},
                {"[4,1,\"a\",\"\",\"\",2,0,4]", "channel 1: command a, a button"},
                {"[4,1,\"a\",\"\",\"\",1,0,[5,79,80]]",
                 "channel 1: publish a, an event: single, double"},
                {"[7,0]", "presence: on the mains"},
                {"[7,3600]", "presence: sleeps for up to 3600 s"},
                {"[8,2,3,4]", "group lock: state is channel 3, command is channel 4"},
                {"[8,1,3,0,4]", "group light: state is channel 3, colour_temp is channel 4"},
                {"[5,6]", "forward identity"},
                {"[6,7]", "sync at point 7"},
                {"[16,3]", "require owner"},
                {"[17,1,[1],8,5,64,\"a\",65,h'00ff',66,true,67,[64]]",
                 "set name to $name, time to 5, 64 to \"a\", 65 to 0x00ff, 66 to yes, 67 to $64"},
                {"[18,1]", "call function 1"},
                {"[18,1,1,60,70,-5]", "call function 1 with interval 60, 70 -5"},
                {"[19,4]", "report functions"},
                {"[20,0]", "finish"},
                {"[20,3]", "finish, forget the secret, for good"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct diagnostic d;
                struct program_run run;
                struct program_step step;
                char half[256], text[256], cut[8];

                (void)snprintf(half, sizeof(half), "[%s]", cases[i].step);
                program_run_init(&run, diagnostic(&d, half));
                assert_true(program_run_next(&run, &step));
                program_describe_step(&step, text, sizeof(text));
                assert_string_equal(text, cases[i].text);
                program_describe_step(&step, cut, sizeof(cut));
                assert_int_equal(strncmp(cut, text, 7), 0);
                assert_in_range(strlen(cut), 4, 7);
        }
}

static void test_describe_decimal_as_its_digits(void **state)
{
        static const struct {
                int64_t mantissa;
                int exponent;
                const char *text;
        } cases[] = {
                {0, 0, "0"},
                {0, -18, "0"},
                {0, 18, "0"},
                {215, -1, "21.5"},
                {2150, -2, "21.5"},
                {-5, -2, "-0.05"},
                {7, 3, "7000"},
                {INT64_MIN, 18, "-9223372036854775808000000000000000000"},
                {INT64_MIN, -18, "-9.223372036854775808"},
                {INT64_MAX, 0, "9223372036854775807"},
        };
        char text[PROGRAM_DECIMAL_SIZE];

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                program_describe_decimal(cases[i].mantissa, cases[i].exponent, text);
                assert_string_equal(text, cases[i].text);
        }
}

static void test_describe_values_in_words(void **state)
{
        struct value value = {VALUE_INTEGER, -5, {NULL, 0}};
        char text[16];

        (void)state;
        program_describe_value(&value, text, sizeof(text));
        assert_string_equal(text, "-5");
        value = (struct value){VALUE_LIST, 0, {NULL, 0}};
        program_describe_value(&value, text, sizeof(text));
        assert_string_equal(text, "?");
        value = (struct value){VALUE_TEXT, 0, {(const uint8_t *)"\xff", 1}};
        program_describe_value(&value, text, sizeof(text));
        assert_string_equal(text, "\"?\"");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_describe_step_says_verb_and_arguments),
                cmocka_unit_test(test_describe_channel_says_what_flows),
                cmocka_unit_test(test_describe_text_that_is_not_printable_is_not_shown),
                cmocka_unit_test(test_describe_is_cut_to_its_room),
                cmocka_unit_test(test_describe_value_of_each_kind),
                cmocka_unit_test(test_describe_every_step_in_words),
                cmocka_unit_test(test_describe_decimal_as_its_digits),
                cmocka_unit_test(test_describe_values_in_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
