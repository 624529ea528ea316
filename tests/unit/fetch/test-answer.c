/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fetch/answer.h"
#include "util/defer.h"

static const struct order order = {
        .url = "https://example.org", .ids = {"96385074", "36000291452"}, .n_ids = 2};

/* What was heard: "96385074=enr1.x;36000291452=-;" */
struct heard {
        char text[256];
        bool is_deaf;
};

static bool on_line(void *userdata, const char *id, const char *code, size_t n_code)
{
        struct heard *heard = userdata;
        size_t n = strlen(heard->text);

        (void)snprintf(heard->text + n, sizeof(heard->text) - n, "%s=%.*s;", id,
                       code ? (int)n_code : 1, code ? code : "-");
        return !heard->is_deaf;
}

/* The whole text in pieces of @n bytes. */
static enum reason take_pieces(const char *text, size_t n, struct heard *heard)
{
        enum reason why = REASON_NONE;
        size_t n_text = strlen(text);
        struct answer answer;

        memset(heard->text, 0, sizeof(heard->text));
        answer_init(&answer, &order, on_line, heard);
        for (size_t i = 0; why == REASON_NONE && i < n_text; i += n)
                why = answer_take(&answer, text + i, n_text - i < n ? n_text - i : n);
        if (why == REASON_NONE)
                why = answer_end(&answer);
        answer_done(&answer);
        return why;
}

#define ONE  "{\"id\": \"96385074\", \"code\": \"enr1.x\"}"
#define NONE "{\"id\": \"36000291452\", \"error\": \"unknown\"}"

static void test_answer_is_heard_in_pieces_of_any_size(void **state)
{
        static const struct {
                const char *text, *heard;
        } cases[] = {
                {"", ""},
                {"\n\r\n", ""},
                {ONE, "96385074=enr1.x;"},
                {ONE "\n" NONE "\r\n", "96385074=enr1.x;36000291452=-;"},
                {NONE "\n\n" ONE, "36000291452=-;96385074=enr1.x;"},
        };
        struct heard heard = {.is_deaf = false};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                for (size_t n = 1; n < 80; n += 13) {
                        assert_int_equal(take_pieces(cases[i].text, n, &heard), REASON_NONE);
                        assert_string_equal(heard.text, cases[i].heard);
                }
}

static void test_answer_that_is_wrong_is_refused(void **state)
{
        static const struct {
                const char *text;
                enum reason why;
                const char *heard;
        } cases[] = {
                {"<html>", REASON_FETCH_MALFORMED, ""},
                {ONE "\n<html>", REASON_FETCH_MALFORMED, "96385074=enr1.x;"},
                {ONE "\n" ONE, REASON_FETCH_UNASKED, "96385074=enr1.x;"},
                {"{\"id\": \"A12425GABC1234002M\", \"code\": \"x\"}", REASON_FETCH_UNASKED, ""},
                {"{\"code\": \"x\"}", REASON_FETCH_UNASKED, ""},
                {"{\"id\": \"96385074\"", REASON_FETCH_MALFORMED, ""}, /* cut */
        };
        struct heard heard = {.is_deaf = false};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(take_pieces(cases[i].text, 7, &heard), cases[i].why);
                assert_string_equal(heard.text, cases[i].heard);
        }
        heard.is_deaf = true;
        assert_int_equal(take_pieces(ONE "\n" NONE, 1000, &heard), REASON_STOPPING);
        assert_string_equal(heard.text, "96385074=enr1.x;");
}

static void test_answer_has_an_end(void **state)
{
        struct heard heard = {.is_deaf = false};
        char piece[1024];
        struct answer answer;
        enum reason why;
        size_t n = 0;

        (void)state;
        memset(piece, ' ', sizeof(piece));
        answer_init(&answer, &order, on_line, &heard);
        for (why = REASON_NONE; why == REASON_NONE && n < 100; n++)
                why = answer_take(&answer, piece, sizeof(piece));
        assert_int_equal(why, REASON_FETCH_TOO_LONG); /* the line */
        assert_int_equal(n, LINE_BYTES_MAX / sizeof(piece) + 1);
        memset(piece, '\n', sizeof(piece));
        answer_init(&answer, &order, on_line, &heard);
        for (n = 0, why = REASON_NONE; why == REASON_NONE && n < 10000; n++)
                why = answer_take(&answer, piece, sizeof(piece));
        assert_int_equal(why, REASON_FETCH_TOO_LONG); /* the whole */
        assert_int_equal(n, ANSWER_BYTES_MAX / sizeof(piece) + 1);
        answer_done(&answer);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_answer_is_heard_in_pieces_of_any_size),
                cmocka_unit_test(test_answer_that_is_wrong_is_refused),
                cmocka_unit_test(test_answer_has_an_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
