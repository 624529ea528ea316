/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "util/defer.h"
#include "order/value.h"

static void test_value_words_are_split_at_blanks(void **state)
{
        static const char line[] = "  after\t20ms loss  a>b 0.5 # every other";
        struct words words;

        (void)state;
        assert_int_equal(words_split(line, &words), 0);
        assert_int_equal(words.n, 5);
        assert_string_equal(words.at[0], "after");
        assert_string_equal(words.at[4], "0.5");
        assert_ptr_equal(words.rest[2], strstr(line, "loss"));
        assert_int_equal(words_split("", &words), 0);
        assert_int_equal(words.n, 0);
        assert_int_equal(words_split(" # nothing", &words), 0);
        assert_int_equal(words.n, 0);
        assert_int_equal(words_split("list#1 x", &words), 0);
        assert_int_equal(words.n, 2);
}

static void test_value_words_are_bounded(void **state)
{
        char line[WORDS_LINE_MAX + 2];
        struct words words;

        (void)state;
        memset(line, 'x', sizeof(line));
        line[WORDS_LINE_MAX] = 0;
        assert_int_equal(words_split(line, &words), 0);
        line[WORDS_LINE_MAX] = 'x';
        line[WORDS_LINE_MAX + 1] = 0;
        assert_int_equal(words_split(line, &words), -EMSGSIZE);
        assert_int_equal(words_split("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", &words), 0);
        assert_int_equal(words_split("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17", &words), -E2BIG);
}

static void test_value_integers(void **state)
{
        static const char *const bad[] = {"",   "-",   "x",    "1x", "0x", "0xg",
                                          "1.", "101", "-101", "+1", " 1", "99999999999999999999",
                                          "--1"};
        long value;

        (void)state;
        assert_true(value_integer("-70", -127, 20, &value));
        assert_int_equal(value, -70);
        assert_true(value_integer("0x1f", 0, 255, &value));
        assert_int_equal(value, 31);
        assert_true(value_integer("010", 0, 255, &value));
        assert_int_equal(value, 10);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(value_integer(bad[i], -100, 100, &value));
        assert_int_equal(value, 10);
}

static void test_value_numbers(void **state)
{
        static const char *const bad[] = {"",    ".5", "1.",  "1.1.1", "-1",
                                          "nan", "1e", "1e0", "0x1",   "1.01"};
        double value;

        (void)state;
        assert_true(value_number("0.05", 0, 1, &value));
        assert_float_equal(value, 0.05, 1e-9);
        assert_true(value_number("1", 0, 1, &value));
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(value_number(bad[i], 0, 1, &value));
}

static void test_value_durations(void **state)
{
        static const char *const bad[] = {"", "1", "ms", "1 ms", "-1ms", "1h", "86401s", "1mss"};
        uint64_t usec;

        (void)state;
        assert_true(value_duration("250us", &usec));
        assert_int_equal(usec, 250);
        assert_true(value_duration("20ms", &usec));
        assert_int_equal(usec, 20000);
        assert_true(value_duration("1.5s", &usec));
        assert_int_equal(usec, 1500000);
        assert_true(value_duration("0.0011ms", &usec));
        assert_int_equal(usec, 1);
        assert_true(value_duration("0s", &usec));
        assert_int_equal(usec, 0);
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(value_duration(bad[i], &usec));
}

static void test_value_addresses(void **state)
{
        static const char *const bad[] = {"",
                                          "00:AA:01:00:00",
                                          "00:AA:01:00:00:0",
                                          "00:AA:01:00:00:001",
                                          "00-AA-01-00-00-01",
                                          "0G:AA:01:00:00:01"};
        static const uint8_t expected[6] = {0x2f, 0, 0, 1, 0xaa, 0};
        uint8_t address[6];
        char text[ADDRESS_TEXT];

        (void)state;
        assert_true(value_address("00:aA:01:00:00:2F", address));
        assert_memory_equal(address, expected, 6);
        assert_string_equal(address_text(address, text), "00:AA:01:00:00:2F");
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(value_address(bad[i], address));
        assert_memory_equal(address, expected, 6);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_value_words_are_split_at_blanks),
                cmocka_unit_test(test_value_words_are_bounded),
                cmocka_unit_test(test_value_integers),
                cmocka_unit_test(test_value_numbers),
                cmocka_unit_test(test_value_durations),
                cmocka_unit_test(test_value_addresses),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
