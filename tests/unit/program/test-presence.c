/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "program/outline.h"
#include "program/verify.h"
#include "support/diagnostic.h"

static void test_presence_is_decoded(void **state)
{
        static const struct {
                const char *half;
                bool is_right;
                uint32_t sleep_sec;
        } cases[] = {
                {"[[2],[7,0]]", true, 0},
                {"[[2],[7,1]]", true, 1},
                {"[[2],[7,2592000]]", true, PROGRAM_SLEEP_MAX},
                {"[[2],[7,2592001]]", false, 0},
                {"[[2],[7,-1]]", false, 0},
                {"[[2],[7,true]]", false, 0},
                {"[[2],[7]]", false, 0},
                {"[[2],[7,1,1]]", false, 0},
                {"[[2]]", false, 0},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct program_presence presence = {0};
                struct diagnostic d;

                if (program_presence(diagnostic(&d, cases[i].half), &presence) != cases[i].is_right)
                        fail_msg("%s", cases[i].half);
                assert_int_equal(presence.sleep_sec, cases[i].sleep_sec);
        }
}

static void test_presence_is_said_once(void **state)
{
        struct diagnostic d;
        struct program_fault fault;

        (void)state;
        assert_int_equal(program_verify_hub(diagnostic(&d, "[[2],[7,60]]"), &fault), PROGRAM_OK);
        assert_int_equal(program_verify_hub(diagnostic(&d, "[[2],[7,60],[7,60]]"), &fault),
                         PROGRAM_E_DOUBLE);
        assert_int_equal(fault.step, 2);
        assert_int_equal(program_verify_hub(diagnostic(&d, "[[7,60],[2]]"), &fault),
                         PROGRAM_E_ORDER);
        assert_int_equal(program_verify_hub(diagnostic(&d, "[[2],[7]]"), &fault),
                         PROGRAM_E_ARGUMENTS);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_presence_is_decoded),
                cmocka_unit_test(test_presence_is_said_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
