/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalogue/line.h"
#include "util/defer.h"

static void test_line_has_a_reference_and_a_code(void **state)
{
        static const struct {
                const char *text, *reference, *code;
        } cases[] = {
                {"{\"id\": \"96385074\", \"code\": \"enr1.abc\"}", "96385074", "enr1.abc"},
                {" {\"code\":\"x\",\"id\":\"A12425GABC1234002M\"}\r", "A12425GABC1234002M", "x"},
                {"{\"code\": \"enr1.abc\"}", "", "enr1.abc"},
                {"{\"id\": \"96385074\", \"error\": \"unknown\"}", "96385074", NULL},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char detail[LINE_DETAIL_SIZE];
                struct line line;

                assert_int_equal(line_read(cases[i].text, strlen(cases[i].text), &line, detail),
                                 REASON_NONE);
                assert_string_equal(line.reference, cases[i].reference);
                if (cases[i].code) {
                        assert_string_equal(line.code, cases[i].code);
                        assert_int_equal(line.n_code, strlen(cases[i].code));
                } else {
                        assert_null(line.code);
                }
                line_done(&line);
                assert_null(line.json);
        }
}

static void test_line_that_is_wrong_says_how(void **state)
{
        static const struct {
                const char *text, *detail, *reference;
        } cases[] = {
                {"", "it is not a JSON object", ""},
                {"{", "it is not a JSON object", ""},
                {"[]", "it is not a JSON object", ""},
                {"{\"id\":\"96385074\",\"id\":\"1\"}", "it is not a JSON object", ""},
                {"{\"id\":\"96385074\"}", "its 'code' is missing or not a text", "96385074"},
                {"{\"id\":\"96385074\",\"code\":1}", "its 'code' is missing or not a text",
                 "96385074"},
                {"{\"id\":\"96385074\",\"code\":\"\"}", "its 'code' is missing or not a text",
                 "96385074"},
                {"{\"id\":1,\"code\":\"x\"}", "its 'id' is not a text", ""},
                {"{\"id\":\"hello\",\"code\":\"x\"}", "its 'id' is not a reference", ""},
                {"{\"id\":\"96385073\",\"code\":\"x\"}",
                 "the last character of its 'id' does not match the others", ""},
                {"{\"id\":\"9638 5074\",\"code\":\"x\"}", "its 'id' is not in the canonical form",
                 ""},
                {"{\"id\":\"96385074\",\"code\":\"x\",\"more\":1}",
                 "it has another key than 'id' and 'code'", ""},
                {"{\"error\":\"x\"}", "its 'error' is not one of an 'id'", ""},
                {"{\"id\":\"96385074\",\"code\":\"x\",\"error\":\"x\"}",
                 "its 'error' is not one of an 'id'", "96385074"},
        };
        char detail[LINE_DETAIL_SIZE], large[LINE_BYTES_MAX + 1];
        struct line line;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(line_read(cases[i].text, strlen(cases[i].text), &line, detail),
                                 REASON_CATALOGUE_MALFORMED);
                assert_string_equal(detail, cases[i].detail);
                assert_string_equal(line.reference, cases[i].reference);
                assert_null(line.code);
                line_done(&line);
        }
        memset(large, ' ', sizeof(large));
        assert_int_equal(line_read(large, sizeof(large), &line, detail),
                         REASON_CATALOGUE_MALFORMED);
        assert_string_equal(detail, "it is longer than 8192 bytes");
}

static void test_line_next_goes_through_a_text(void **state)
{
        static const char text[] = "one\n\n \t\r\ntwo";
        static const struct {
                size_t n;
                bool blank;
        } lines[] = {{3, false}, {0, true}, {3, true}, {3, false}};
        const char *bytes;
        size_t at = 0, n;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                assert_true(line_next(text, sizeof(text) - 1, &at, &bytes, &n));
                assert_int_equal(n, lines[i].n);
                assert_int_equal(line_is_blank(bytes, n), lines[i].blank);
        }
        assert_memory_equal(bytes, "two", 3);
        assert_false(line_next(text, sizeof(text) - 1, &at, &bytes, &n));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_line_has_a_reference_and_a_code),
                cmocka_unit_test(test_line_that_is_wrong_says_how),
                cmocka_unit_test(test_line_next_goes_through_a_text),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
