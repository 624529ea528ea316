/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/diagnostic.h"
#include "wire/program.h"

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

static void test_program_describe_step_says_verb_and_arguments(void **state)
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
                { "[[17,1,\"a b\",2,[70]]]",       "set name to \"a b\", location to $70" },
                { "[[17,66,h'00ff',67,true]]",     "set 66 to 0x00ff, 67 to yes" },
                { "[[18,3]]",                      "call function 3" },
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

static void test_program_describe_channel_says_what_flows(void **state)
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
static void test_program_describe_text_that_is_not_printable_is_not_shown(void **state)
{
        (void)state;
        assert_string_equal(described("[[17,1,\"\x1b[2J\"]]", 256), "set name to \"?\"");
        assert_string_equal(described("[[17,1,\"\xe2\x80\xae\x67\"]]", 256), "set name to \"?\"");
}

static void test_program_describe_is_cut_to_its_room(void **state)
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

static void test_program_describe_value_of_each_kind(void **state)
{
        static const uint8_t bytes[] = {0x00, 0xff, 'h', 'i'};
        const struct {
                struct program_value value;
                const char *text;
        } cases[] = {
                {{.kind = PROGRAM_INTEGER, .number = INT64_MIN}, "-9223372036854775808"},
                {{.kind = PROGRAM_BOOLEAN, .number = 0}, "no"},
                {{.kind = PROGRAM_BOOLEAN, .number = 1}, "yes"},
                {{.kind = PROGRAM_TEXT, .span = {bytes + 2, 2}}, "\"hi\""},
                {{.kind = PROGRAM_BYTES, .span = {bytes, 2}}, "0x00ff"},
                {{.kind = PROGRAM_REFERENCE, .number = 2}, "$location"},
                {{.kind = PROGRAM_NOTHING}, "?"},
        };
        char text[64];

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                program_describe_value(&cases[i].value, text, sizeof(text));
                assert_string_equal(text, cases[i].text);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_program_describe_step_says_verb_and_arguments),
                cmocka_unit_test(test_program_describe_channel_says_what_flows),
                cmocka_unit_test(test_program_describe_text_that_is_not_printable_is_not_shown),
                cmocka_unit_test(test_program_describe_is_cut_to_its_room),
                cmocka_unit_test(test_program_describe_value_of_each_kind),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
