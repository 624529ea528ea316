/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/hub-source.h"
#include "util/defer.h"

static void test_presence_compiles_to_its_bytes(void **state)
{
        /* clang-format off */
        static const struct hub_source cases[] = {
                { " - presence: mains\n",
                  "[7,0]", 0, 0 },
                { " - presence: sleeps 6 h\n",
                  "[7,21600]", 0, 0 },
                { " - presence: sleeps 30 d\n",
                  "[7,2592000]", 0, 0 },
                { " - presence: sleeps 90 s\n",
                  "[7,90]", 0, 0 },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                hub_source_assert(&cases[i]);
}

static void test_presence_that_is_wrong_is_reported_where_it_is(void **state)
{
        /* clang-format off */
        static const struct hub_source cases[] = {
                { " - presence: sleeps\n",
                  "presence: must be mains, or sleeps and a time in s, min, h or d up to 30 d, such as sleeps 6 h, not \"sleeps\"", 5, 14 },
                { " - presence: battery\n",
                  "presence: must be mains, or sleeps and a time in s, min, h or d up to 30 d, such as sleeps 6 h, not \"battery\"", 5, 14 },
                { " - presence: sleeps 31 d\n",
                  "presence: must be mains, or sleeps and a time in s, min, h or d up to 30 d, such as sleeps 6 h, not \"sleeps 31 d\"", 5, 14 },
                { " - presence: sleeps 0 s\n",
                  "presence: must be mains, or sleeps and a time in s, min, h or d up to 30 d, such as sleeps 6 h, not \"sleeps 0 s\"", 5, 14 },
                { " - presence: 6 h\n",
                  "presence: must be mains, or sleeps and a time in s, min, h or d up to 30 d, such as sleeps 6 h, not \"6 h\"", 5, 14 },
                { " - presence: [mains]\n",
                  "presence: must be a single value", 5, 14 },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++)
                hub_source_assert(&cases[i]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_presence_compiles_to_its_bytes),
                cmocka_unit_test(test_presence_that_is_wrong_is_reported_where_it_is),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
