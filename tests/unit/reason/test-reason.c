/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reason/reason.h"

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

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_reason_every_one_has_code_text_and_remedy),
                cmocka_unit_test(test_reason_codes_are_distinct_and_lead_back),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
