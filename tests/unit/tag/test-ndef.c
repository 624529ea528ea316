/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tag/ndef.h"
#include "util/defer.h"

static uint8_t message[TAG_MESSAGE_MAX], code[TEXT_CHARS_MAX], binary[CODE_BYTES_MAX];

#define FIND(bytes, ret_n) ndef_find((const uint8_t *)(bytes), sizeof(bytes) - 1, code, ret_n)

static void assert_code(const char *bytes, size_t n_bytes, const char *wanted)
{
        size_t n = 0;

        assert_int_equal(ndef_find((const uint8_t *)bytes, n_bytes, code, &n), 0);
        assert_int_equal(n, strlen(wanted));
        assert_memory_equal(code, wanted, n);
}

#define ASSERT_CODE(bytes, wanted) assert_code(bytes, sizeof(bytes) - 1, wanted)

static void test_ndef_what_is_made_is_found(void **state)
{
        static const size_t sizes[] = {1, 150, 222, 223, 400, CODE_BYTES_MAX};
        char text[TEXT_CHARS_MAX + 1];

        (void)state;
        for (size_t i = 0; i < sizeof(binary); i++)
                binary[i] = (uint8_t)(i * 7);
        memcpy(binary, "\xd2\x84\x4d", 3);
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                size_t n_message, n;

                assert_int_equal(
                        ndef_make(NDEF_FORM_MIME, binary, sizes[i], NULL, message, &n_message), 0);
                assert_int_equal(ndef_find(message, n_message, code, &n), 0);
                assert_int_equal(n, sizes[i]);
                assert_memory_equal(code, binary, n);

                assert_int_equal(
                        ndef_make(NDEF_FORM_TEXT, binary, sizes[i], NULL, message, &n_message), 0);
                assert_int_equal(ndef_find(message, n_message, code, &n), 0);
                text_encode(TEXT_FORM_QR, binary, sizes[i], text);
                assert_int_equal(n, strlen(text));
                assert_memory_equal(code, text, n);

                assert_int_equal(ndef_make(NDEF_FORM_URI, binary, sizes[i],
                                           "https://www.example.com/e?a=1", message, &n_message),
                                 0);
                assert_int_equal(ndef_find(message, n_message, code, &n), 0);
                text_encode(TEXT_FORM_PASTE, binary, sizes[i], text);
                assert_int_equal(n, strlen(text));
                assert_memory_equal(code, text, n);
        }
}

static void test_ndef_bytes_are_those_of_the_specification(void **state)
{
        static const uint8_t mime[] = "\xd2\x1a\x02"
                                      "application/vnd.enrolld.code\xd2\x84";
        static const uint8_t uri[] = "\xd1\x01\x17U\x04"
                                     "example.com/#enr1.0oQ";
        size_t n;

        (void)state;
        assert_int_equal(
                ndef_make(NDEF_FORM_MIME, (const uint8_t *)"\xd2\x84", 2, NULL, message, &n), 0);
        assert_int_equal(n, 3 + 28 + 2);
        assert_int_equal(message[1], 28);
        assert_memory_equal(message + 3, mime + 3, 30);
        assert_int_equal(ndef_make(NDEF_FORM_URI, (const uint8_t *)"\xd2\x84", 2,
                                   "https://example.com/", message, &n),
                         0);
        assert_int_equal(n, 4 + message[2]);
        assert_memory_equal(message + 3, uri + 3, n - 3);
}

static void test_ndef_base_must_be_a_uri_without_fragment(void **state)
{
        static const char *const wrong[] = {
                "",   "example.com", "https:", "https://a b",      "https://a#",
                ":x", "Https://a",   "1a:b",   "https://\xc3\xa9", "a:\"b\""};
        char longest[NDEF_BASE_MAX + 2];
        size_t n;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
                assert_int_equal(ndef_make(NDEF_FORM_URI, binary, 9, wrong[i], message, &n),
                                 -EINVAL);
        memset(longest, 'x', sizeof(longest));
        memcpy(longest, "a:", 2);
        longest[NDEF_BASE_MAX + 1] = '\0';
        assert_int_equal(ndef_make(NDEF_FORM_URI, binary, 9, longest, message, &n), -EINVAL);
        longest[NDEF_BASE_MAX] = '\0';
        assert_int_equal(ndef_make(NDEF_FORM_URI, binary, 9, longest, message, &n), 0);
        assert_int_equal(ndef_make(NDEF_FORM_URI, binary, 9, NULL, message, &n), -EINVAL);
        assert_int_equal(ndef_make(NDEF_FORM_MIME, binary, 0, NULL, message, &n), -EINVAL);
}

static void test_ndef_text_record_may_have_any_language_and_encoding(void **state)
{
        (void)state;
        ASSERT_CODE("\xd1\x01\x09T\x02"
                    "enENR1:A",
                    "ENR1:A");
        ASSERT_CODE("\xd1\x01\x0cT\x05"
                    "de-ATenr1.A",
                    "enr1.A");
        ASSERT_CODE("\xd1\x01\x07T\x00"
                    "ENR1:A",
                    "ENR1:A");
        ASSERT_CODE("\xd1\x01\x0fT\x82"
                    "en\0E\0N\0R\0001\0:\0A",
                    "ENR1:A");
        ASSERT_CODE("\xd1\x01\x11T\x82"
                    "en\xff\xfe"
                    "E\0N\0R\0001\0:\0A\0",
                    "ENR1:A");
        ASSERT_CODE("\xd1\x01\x13T\x82"
                    "en\xfe\xff\0E\x20\x0b\0N\0R\0001\0:\0A",
                    "ENR1:A");
        ASSERT_CODE("\xd1\x01\x12T\x02"
                    "enMy lamp: ENR1:A",
                    "My lamp: ENR1:A");
}

static void test_ndef_uri_has_the_code_in_its_fragment(void **state)
{
        size_t n;

        (void)state;
        ASSERT_CODE("\xd1\x01\x0cU\x04"
                    "a.b/#enr1.Q",
                    "enr1.Q");
        ASSERT_CODE("\xd1\x01\x0aU\x00"
                    "x:#ENR1.Q",
                    "ENR1.Q");
        assert_int_equal(FIND("\xd1\x01\x0cU\x04"
                              "a.b/?enr1.Q",
                              &n),
                         TAG_FOREIGN);
        assert_int_equal(FIND("\xd1\x01\x06U\x04"
                              "a.b/#",
                              &n),
                         TAG_FOREIGN);
        assert_int_equal(FIND("\xd1\x01\x01U\x04", &n), TAG_FOREIGN);
        assert_int_equal(FIND("\xd1\x01\x00U", &n), TAG_FOREIGN);
}

static void test_ndef_code_may_stand_among_other_records(void **state)
{
        (void)state;
        /* an external record with an identifier, the code, an unknown one */
        ASSERT_CODE("\x9c\x03\x02\x01"
                    "a:bIxy"
                    "\x11\x01\x09T\x02"
                    "enENR1:A"
                    "\x55\x00\x02??",
                    "ENR1:A");
        /* in a smart poster */
        ASSERT_CODE("\xd1\x02\x0fSp"
                    "\xd1\x01\x0bU\x03"
                    "a/#enr1.QQ",
                    "enr1.QQ");
        /* the first of two */
        ASSERT_CODE("\x91\x01\x09T\x02"
                    "enENR1:A"
                    "\x51\x01\x09T\x02"
                    "enENR1:B",
                    "ENR1:A");
        /* the type of a MIME record in other letters, a payload in the long form */
        ASSERT_CODE("\xc2\x1c\0\0\0\2Application/VND.enrolld.CODE\xd2\x84", "\xd2\x84");
}

static void test_ndef_without_a_code_is_foreign_or_empty(void **state)
{
        size_t n;

        (void)state;
        assert_int_equal(ndef_find(NULL, 0, code, &n), TAG_EMPTY);
        assert_int_equal(FIND("\xd0\0\0", &n), TAG_EMPTY);
        assert_int_equal(FIND("\xd1\x01\x08T\x02"
                              "enhello",
                              &n),
                         TAG_FOREIGN);
        assert_int_equal(FIND("\xd2\x0a\x01text/plainA", &n), TAG_FOREIGN);
        assert_int_equal(FIND("\xd2\x1c\x00" NDEF_MIME_TYPE, &n), TAG_FOREIGN);
        /* a smart poster in a smart poster is not opened, and a broken one is not ours */
        assert_int_equal(FIND("\xd1\x02\x14Sp"
                              "\xd1\x02\x0fSp"
                              "\xd1\x01\x0bU\x03"
                              "a/#enr1.QQ",
                              &n),
                         TAG_FOREIGN);
        assert_int_equal(FIND("\xd1\x02\x03Sp???", &n), TAG_FOREIGN);
        /* a language longer than the record */
        assert_int_equal(FIND("\xd1\x01\x03T\x3f"
                              "en",
                              &n),
                         TAG_FOREIGN);
        assert_int_equal(FIND("\xd1\x01\x00T", &n), TAG_FOREIGN);
}

static void test_ndef_lies_are_refused(void **state)
{
        size_t n;

        (void)state;
        assert_int_equal(FIND("\xd1\x01\x0aT\x02"
                              "enENR1:A",
                              &n),
                         TAG_BROKEN); /* longer than the message */
        assert_int_equal(FIND("\xc1\x01\xff\xff\xff\xffT\x02"
                              "enENR1:A",
                              &n),
                         TAG_BROKEN);
        assert_int_equal(FIND("\xd1\xff\x09T\x02"
                              "enENR1:A",
                              &n),
                         TAG_BROKEN);
        assert_int_equal(FIND("\x51\x01\x09T\x02"
                              "enENR1:A",
                              &n),
                         TAG_BROKEN); /* without a beginning */
        assert_int_equal(FIND("\x91\x01\x09T\x02"
                              "enENR1:A",
                              &n),
                         TAG_BROKEN); /* without an end */
        assert_int_equal(FIND("\x91\x01\x09T\x02"
                              "enENR1:A"
                              "\xd1\x01\x09T\x02"
                              "enENR1:A",
                              &n),
                         TAG_BROKEN); /* two beginnings */
        assert_int_equal(FIND("\xb1\x01\x03T\x02"
                              "en"
                              "\x56\x00\x06"
                              "ENR1:A",
                              &n),
                         TAG_BROKEN); /* chunks */
        assert_int_equal(FIND("\xd7\x01\x09T\x02"
                              "enENR1:A",
                              &n),
                         TAG_BROKEN); /* a reserved type */
        assert_int_equal(FIND("\xd0\x01\x00T", &n), TAG_BROKEN);
        assert_int_equal(FIND("\xd9\x01\x09", &n), TAG_BROKEN);
        assert_int_equal(FIND("\xd1", &n), TAG_BROKEN);
}

/* Every beginning of a message is broken, and nothing behind it is read. */
static void test_ndef_cut_short_is_broken(void **state)
{
        size_t n_message, n;

        (void)state;
        for (enum ndef_form form = NDEF_FORM_MIME; form <= NDEF_FORM_URI; form++) {
                assert_int_equal(ndef_make(form, binary, 300, "a:b", message, &n_message), 0);
                for (size_t cut = 1; cut < n_message; cut++) {
                        uint8_t *part = malloc(cut);

                        memcpy(part, message, cut);
                        assert_int_equal(ndef_find(part, cut, code, &n), TAG_BROKEN);
                        free(part);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_ndef_what_is_made_is_found),
                cmocka_unit_test(test_ndef_bytes_are_those_of_the_specification),
                cmocka_unit_test(test_ndef_base_must_be_a_uri_without_fragment),
                cmocka_unit_test(test_ndef_text_record_may_have_any_language_and_encoding),
                cmocka_unit_test(test_ndef_uri_has_the_code_in_its_fragment),
                cmocka_unit_test(test_ndef_code_may_stand_among_other_records),
                cmocka_unit_test(test_ndef_without_a_code_is_foreign_or_empty),
                cmocka_unit_test(test_ndef_lies_are_refused),
                cmocka_unit_test(test_ndef_cut_short_is_broken),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
