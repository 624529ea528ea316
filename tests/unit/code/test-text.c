/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "code/text.h"

static uint8_t bytes[CODE_BYTES_MAX], back[CODE_BYTES_MAX];
static char text[TEXT_CHARS_MAX + 1];

static void test_text_base45_examples_of_rfc9285_go_both_ways(void **state)
{
        static const struct {
                const char *bytes, *text;
        } cases[] = {
                {"", ""},
                {"AB", "BB8"},
                {"Hello!!", "%69 VD92EX0"},
                {"base-45", "UJCLQE7W581"},
                {"ietf!", "QED8WEX0"},
                {"a", "72"},
                {"\xff\xff", "FGW"},
                {"\xff", "U5"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                size_t n = strlen(cases[i].bytes), n_back = 99;

                base45_encode((const uint8_t *)cases[i].bytes, n, text);
                assert_string_equal(text, cases[i].text);
                assert_int_equal(strlen(text), BASE45_CHARS(n));
                assert_int_equal(base45_decode(text, strlen(text), back, sizeof(back), &n_back),
                                 TEXT_DONE);
                assert_int_equal(n_back, n);
                assert_memory_equal(back, cases[i].bytes, n);
        }
}

static void test_text_every_group_goes_both_ways(void **state)
{
        size_t n;

        (void)state;
        for (unsigned group = 0; group <= UINT16_MAX; group++) {
                const uint8_t pair[2] = {(uint8_t)(group >> 8), (uint8_t)group};

                base45_encode(pair, 2, text);
                assert_int_equal(base45_decode(text, 3, back, 2, &n), TEXT_DONE);
                assert_memory_equal(back, pair, 2);
                assert_int_not_equal(text[2], ' ');
        }
        for (unsigned byte = 0; byte <= UINT8_MAX; byte++) {
                const uint8_t one = (uint8_t)byte;

                base45_encode(&one, 1, text);
                assert_int_equal(base45_decode(text, 2, back, 1, &n), TEXT_DONE);
                assert_int_equal(back[0], byte);
                assert_int_not_equal(text[1], ' ');
        }
}

static void test_text_every_group_of_characters_that_is_not_base45_is_refused(void **state)
{
        static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
        unsigned n_good = 0;
        size_t n;

        (void)state;
        for (unsigned i = 0; i < 45 * 45 * 45; i++) {
                const char group[3] = {alphabet[i % 45], alphabet[i / 45 % 45], alphabet[i / 2025]};
                enum text_outcome outcome = base45_decode(group, 3, back, 2, &n);

                assert_int_equal(outcome, i <= UINT16_MAX ? TEXT_DONE : TEXT_WRONG);
                n_good += outcome == TEXT_DONE;
        }
        assert_int_equal(n_good, 65536);
        for (int c = 0; c < 256; c++) {
                const char group[3] = {(char)c, '0', '0'};

                assert_int_equal(base45_decode(group, 3, back, 2, &n),
                                 c && strchr(alphabet, c) ? TEXT_DONE : TEXT_WRONG);
        }
        assert_int_equal(base45_decode("000000", 6, back, 3, &n), TEXT_TOO_LONG);
}

static void test_text_rest_of_a_group_is_cut(void **state)
{
        size_t n = 99;

        (void)state;
        assert_int_equal(base45_decode("BB8B", 4, back, sizeof(back), &n), TEXT_CUT);
        assert_int_equal(n, 2);
        assert_int_equal(base45_decode("BB8::", 5, back, sizeof(back), &n), TEXT_CUT);
        assert_int_equal(n, 2);
        assert_int_equal(base45_decode("B", 1, back, sizeof(back), &n), TEXT_CUT);
        assert_int_equal(n, 0);
        assert_int_equal(base45_decode("BB8b", 4, back, sizeof(back), &n), TEXT_WRONG);
}

static void test_text_base64url_examples_of_rfc4648_go_both_ways(void **state)
{
        static const struct {
                const char *bytes, *text;
        } cases[] = {
                {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},       {"foo", "Zm9v"},
                {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"\xfb\xff", "-_8"}, {"\xff", "_w"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                size_t n = strlen(cases[i].bytes), n_back = 99;

                base64url_encode((const uint8_t *)cases[i].bytes, n, text);
                assert_string_equal(text, cases[i].text);
                assert_int_equal(base64url_decode(text, strlen(text), back, sizeof(back), &n_back),
                                 TEXT_DONE);
                assert_int_equal(n_back, n);
                assert_memory_equal(back, cases[i].bytes, n);
        }
}

static void test_text_what_is_not_base64url_is_refused(void **state)
{
        size_t n = 99;

        (void)state;
        for (int c = 0; c < 256; c++) {
                const char group[2] = {(char)c, 'A'};
                bool good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                            (c >= 'A' && c <= 'Z') || c == '-' || c == '_';

                assert_int_equal(base64url_decode(group, 2, back, 1, &n),
                                 good ? TEXT_DONE : TEXT_WRONG);
        }
        assert_int_equal(base64url_decode("Zm9vY", 5, back, 9, &n), TEXT_CUT);
        assert_int_equal(n, 3);
        assert_int_equal(base64url_decode("Zm9v", 4, back, 2, &n), TEXT_TOO_LONG);
}

static void test_text_form_is_told_by_the_beginning(void **state)
{
        /* clang-format off */
        static const struct {
                const char *input;
                enum text_form form;
        } cases[] = {
                { "",                    TEXT_FORM_OTHER },
                { " ",                   TEXT_FORM_OTHER },
                { "\xd2",                TEXT_FORM_BINARY },
                { "\xd2 ",               TEXT_FORM_OTHER },
                { "\xd2\x84",            TEXT_FORM_BINARY },
                { "\xd2\x84\x4d",        TEXT_FORM_BINARY },
                { " \xd2\x84",           TEXT_FORM_OTHER },
                { "\xd2\x83",            TEXT_FORM_OTHER },
                { "\x84\x4d",            TEXT_FORM_OTHER },
                { "ENR1:",               TEXT_FORM_QR },
                { "enr1:X",              TEXT_FORM_QR },
                { " \t\r\nEnR1:X \n",    TEXT_FORM_QR },
                { "ENR1;",               TEXT_FORM_OTHER },
                { "ENR:",                TEXT_FORM_OTHER },
                { "ENRX:",               TEXT_FORM_OTHER },
                { "ENR",                 TEXT_FORM_OTHER },
                { "XENR1:",              TEXT_FORM_OTHER },
                { "enr1.",               TEXT_FORM_PASTE },
                { "\nENR1.X",            TEXT_FORM_PASTE },
                { "ENR1",                TEXT_FORM_OTHER },
                { "ENR2:",               TEXT_FORM_NEWER },
                { "enr2.",               TEXT_FORM_NEWER },
                { "enr10:ABC",           TEXT_FORM_NEWER },
                { "ENR0:",               TEXT_FORM_NEWER },
                { "HC1:6BF",             TEXT_FORM_OTHER },
                { "https://example.org", TEXT_FORM_OTHER },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
                if (text_form_of((const uint8_t *)cases[i].input, strlen(cases[i].input)) !=
                    cases[i].form)
                        fail_msg("row %zu", i);
}

static void assert_goes_both_ways(enum text_form form, size_t n, size_t n_text)
{
        const char *body = text + TEXT_PREFIX_CHARS;
        size_t n_back = 99;

        text_encode(form, bytes, n, text);
        assert_int_equal(strlen(text), n_text);
        assert_int_equal(text_form_of((const uint8_t *)text, n_text), form);
        assert_int_equal((form == TEXT_FORM_QR ? base45_decode : base64url_decode)(
                                 body, strlen(body), back, sizeof(back), &n_back),
                         TEXT_DONE);
        assert_int_equal(n_back, n);
        assert_memory_equal(back, bytes, n);
}

static void test_text_every_length_goes_both_ways(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof(bytes); i++)
                bytes[i] = (uint8_t)(i * 7 + i / 256);
        for (size_t n = 0; n <= CODE_BYTES_MAX; n += n < 20 ? 1 : 419) {
                assert_goes_both_ways(TEXT_FORM_QR, n, TEXT_QR_CHARS(n));
                assert_goes_both_ways(TEXT_FORM_PASTE, n, TEXT_PASTE_CHARS(n));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_text_base45_examples_of_rfc9285_go_both_ways),
                cmocka_unit_test(test_text_every_group_goes_both_ways),
                cmocka_unit_test(test_text_every_group_of_characters_that_is_not_base45_is_refused),
                cmocka_unit_test(test_text_rest_of_a_group_is_cut),
                cmocka_unit_test(test_text_base64url_examples_of_rfc4648_go_both_ways),
                cmocka_unit_test(test_text_what_is_not_base64url_is_refused),
                cmocka_unit_test(test_text_form_is_told_by_the_beginning),
                cmocka_unit_test(test_text_every_length_goes_both_ways),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
