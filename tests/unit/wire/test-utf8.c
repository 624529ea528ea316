/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/utf8.h"

static bool valid(const char *text)
{
        return utf8_valid((const uint8_t *)text, strlen(text));
}

static bool printable(const char *text)
{
        return utf8_printable((const uint8_t *)text, strlen(text));
}

/* Encodes without looking at what is allowed. */
static size_t encode(uint32_t point, uint8_t bytes[4])
{
        size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;

        if (n == 1) {
                bytes[0] = (uint8_t)point;
                return 1;
        }
        for (size_t i = n; i-- > 1; point >>= 6)
                bytes[i] = (uint8_t)(0x80 | (point & 0x3f));
        bytes[0] = (uint8_t)(0xf00 >> n | point);
        return n;
}

static void test_utf8_every_code_point_is_taken_back(void **state)
{
        uint8_t bytes[4];

        (void)state;
        for (uint32_t point = 0; point < 0x120000; point++) {
                uint32_t found = UINT32_MAX;
                size_t n = encode(point, bytes);
                size_t taken = utf8_take(bytes, n, &found);

                if ((point >= 0xd800 && point <= 0xdfff) || point > 0x10ffff) {
                        assert_int_equal(taken, 0);
                        continue;
                }
                assert_int_equal(taken, n);
                assert_int_equal(found, point);
                for (size_t cut = 1; cut < n; cut++)
                        assert_int_equal(utf8_take(bytes, cut, &found), 0);
        }
}

static void test_utf8_wrong_bytes_are_invalid(void **state)
{
        static const char *const wrong[] = {"\x80",
                                            "\xbf",
                                            "\xc0\x80",
                                            "\xc1\xbf",
                                            "\xe0\x9f\xbf",
                                            "\xed\xa0\x80",
                                            "\xf0\x8f\xbf\xbf",
                                            "\xf4\x90\x80\x80",
                                            "\xf5\x80",
                                            "\xff",
                                            "\xc2\x41",
                                            "\xe2\x82\x41",
                                            "\xc3\xa9\xa9",
                                            "a\xe2\x82",
                                            "\xf8\x88\x80\x80\x80"};

        (void)state;
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
                if (valid(wrong[i]) || printable(wrong[i]))
                        fail_msg("taken for valid: row %zu", i);
        assert_true(valid(""));
        assert_true(valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91"));
}

static void test_utf8_what_deceives_is_not_printable(void **state)
{
        static const char *const hidden[] = {"\t",
                                             "a\nb",
                                             "\x1b[2J",
                                             "\x7f",
                                             "\xc2\x9b",
                                             "\xe2\x80\xae",
                                             "\xe2\x81\xa6",
                                             "\xe2\x80\x8b",
                                             "\xe2\x80\xa8",
                                             "\xef\xbb\xbf",
                                             "\xc2\xad",
                                             "\xd8\x9c",
                                             "\xf3\xa0\x81\x81",
                                             "\xef\xb7\x90",
                                             "\xef\xb7\xaf",
                                             "\xef\xbf\xbe",
                                             "\xef\xbf\xbf",
                                             "\xf0\x9f\xbf\xbe",
                                             "\xf4\x8f\xbf\xbf"};

        (void)state;
        for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
                if (!valid(hidden[i]))
                        fail_msg("invalid: row %zu", i);
                if (printable(hidden[i]))
                        fail_msg("taken for printable: row %zu", i);
        }
        assert_true(printable(""));
        assert_true(printable("Thermo One \xc2\xb0\x43 \xe6\xb8\xa9\xe5\xba\xa6 \xf0\x9f\x94\x91"));
        assert_false(utf8_printable((const uint8_t *)"a\0b", 3));
}

static void test_utf8_only_what_may_be_shown_stays(void **state)
{
        static const struct {
                const char *before, *after;
        } cases[] = {
                {"", ""},
                {"Thermo One", "Thermo One"},
                {"21 \xc2\xb0\x43, \xe6\xb8\xa9, \xf0\x9f\x8c\xa1",
                 "21 \xc2\xb0\x43, \xe6\xb8\xa9, \xf0\x9f\x8c\xa1"},
                {"a\033[1mb", "a?[1mb"},
                {"a\r\n\tb\x7f", "a???b?"},
                {"csi \xc2\x9b", "csi ?"},
                {"rtl \xe2\x80\xae x", "rtl ? x"},
                {"zero \xe2\x80\x8b width", "zero ? width"},
                {"over \xc0\xaf long", "over ?? long"},
                {"half \xe6\xb8", "half ??"},
                {"\xed\xa0\x80", "???"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                char *text = strdup(cases[i].before);

                utf8_make_printable(text);
                assert_string_equal(text, cases[i].after);
                free(text);
        }
}

static void test_utf8_a_copy_is_a_text(void **state)
{
        static const uint8_t bytes[] = {'a', 0, 0xef, 0xbf, 0xbe, 0xc3, 0xbc};
        char text[16], small[3];

        (void)state;
        utf8_copy_printable(bytes, sizeof(bytes), text, sizeof(text));
        assert_string_equal(text, "a??\xc3\xbc");
        utf8_copy_printable(bytes, sizeof(bytes), small, sizeof(small));
        assert_string_equal(small, "a?");
        utf8_copy_printable(NULL, 0, text, sizeof(text));
        assert_string_equal(text, "");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_utf8_every_code_point_is_taken_back),
                cmocka_unit_test(test_utf8_wrong_bytes_are_invalid),
                cmocka_unit_test(test_utf8_what_deceives_is_not_printable),
                cmocka_unit_test(test_utf8_only_what_may_be_shown_stays),
                cmocka_unit_test(test_utf8_a_copy_is_a_text),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
