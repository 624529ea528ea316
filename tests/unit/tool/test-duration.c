/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tool/duration.h"
#include "util/defer.h"

static void test_duration_is_a_number_and_a_unit(void **state)
{
        static const struct {
                const char *text;
                uint32_t sec; /* 0: it is not one */
        } cases[] = {
                {"1 s", 1},    {"60 s", 60},    {"5 min", 300},    {"24 h", 86400}, {"1 d", 86400},
                {"60s", 60},   {"0 s", 0},      {"25 h", 0},       {"2 d", 0},      {"1441 min", 0},
                {"60", 0},     {"s", 0},        {"", 0},           {"-1 s", 0},     {"1.5 h", 0},
                {"1 week", 0}, {"1 s more", 0}, {"99999999 s", 0},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint32_t sec = 0;

                if (duration_read(cases[i].text, 86400, &sec) != (cases[i].sec > 0) ||
                    sec != cases[i].sec)
                        fail_msg("%s: %u", cases[i].text, (unsigned)sec);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_duration_is_a_number_and_a_unit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
