/* SPDX-License-Identifier: Apache-2.0 */

/* The table of reasons; with --print, the document that is made of it, for doc/reasons.md. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event/condition.h"
#include "reason/reason.h"

#define DOCUMENT_SIZE 65536

static const char head[] =
        "# Codes\n\n"
        "Every failure has one of these codes, on every interface: D-Bus, MQTT, `enrollctl`, "
        "`enroll-code` and the\n"
        "journal. Codes do not change; the sentences may. A code with an *A* is also an alert\n"
        "(`bridge/alert/<code>`) for as long as the problem lasts. A program that meets a code "
        "which is not in\n"
        "this table shows what comes with it.\n\n"
        "This file is printed by `tests/unit/reason/test-reason --print`.\n\n"
        "| code | | meaning | remedy |\n"
        "|---|---|---|---|\n";

/* The document, to be freed. */
static char *document(void)
{
        char *text = malloc(DOCUMENT_SIZE);
        int n;

        assert_non_null(text);
        n = snprintf(text, DOCUMENT_SIZE, "%s", head);
        for (int i = REASON_NONE + 1; i < REASON_MAX; i++) {
                enum reason reason = (enum reason)i;

                n += snprintf(text + n, DOCUMENT_SIZE - (size_t)n, "| `%s` | %s | %s | %s |\n",
                              reason_code(reason), condition_known(reason) ? "A" : "",
                              reason_text(reason), reason_remedy(reason));
                assert_in_range(n, 1, DOCUMENT_SIZE - 1);
        }
        return text;
}

static void test_reason_document_is_the_table(void **state)
{
        char *expected = document(), *found = calloc(1, DOCUMENT_SIZE);
        FILE *file = fopen(REASONS, "r");

        (void)state;
        assert_non_null(found);
        assert_non_null(file);
        assert_true(fread(found, 1, DOCUMENT_SIZE - 1, file) > 0);
        (void)fclose(file);
        assert_string_equal(found, expected);
        free(found);
        free(expected);
}

static void test_reason_every_one_has_code_text_and_remedy(void **state)
{
        (void)state;
        for (int i = 0; i < REASON_MAX; i++) {
                const char *text = reason_text((enum reason)i),
                           *remedy = reason_remedy((enum reason)i);

                assert_non_null(text);
                assert_non_null(remedy);
                assert_int_equal(text[strlen(text) - 1], '.');
                assert_int_equal(remedy[strlen(remedy) - 1], '.');
        }
}

static void test_reason_codes_are_distinct_and_lead_back(void **state)
{
        (void)state;
        for (int i = 0; i < REASON_MAX; i++)
                assert_int_equal(reason_from_code(reason_code((enum reason)i)), i);
        assert_int_equal(reason_from_code("no such code"), REASON_INTERNAL);
}

static void test_reason_detail_becomes_part_of_the_sentence(void **state)
{
        char text[REASON_TEXT_SIZE];

        (void)state;
        reason_explain(REASON_REQUEST_INVALID, "", text);
        assert_string_equal(text, "The request is not valid.");
        reason_explain(REASON_REQUEST_INVALID, "'code' is missing", text);
        assert_string_equal(text, "The request is not valid: 'code' is missing.");
}

int main(int argc, char **argv)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reason_every_one_has_code_text_and_remedy),
                cmocka_unit_test(test_reason_codes_are_distinct_and_lead_back),
                cmocka_unit_test(test_reason_detail_becomes_part_of_the_sentence),
                cmocka_unit_test(test_reason_document_is_the_table),
        };

        if (argc > 1 && strcmp(argv[1], "--print") == 0) {
                char *text = document();

                (void)fputs(text, stdout);
                free(text);
                return 0;
        }
        return cmocka_run_group_tests(tests, NULL, NULL);
}
