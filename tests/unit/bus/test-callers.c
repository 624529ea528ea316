/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "bus/callers.h"

static void use_up(struct callers *callers, const char *name)
{
        for (unsigned i = 0; i < CALLERS_ANSWERS_MAX; i++)
                assert_true(callers_admit(callers, name));
        assert_false(callers_admit(callers, name));
}

static void test_callers_each_has_its_own_number_of_answers(void **state)
{
        struct callers callers = {0};

        (void)state;
        use_up(&callers, ":1.7");
        assert_true(callers_admit(&callers, ":1.70"));
        assert_true(callers_admit(&callers, ":1.8"));
        assert_false(callers_admit(&callers, ":1.7"));
        callers_clear(&callers);
        assert_true(callers_admit(&callers, ":1.7"));
}

static void test_callers_beyond_the_table_are_one(void **state)
{
        struct callers callers = {0};
        unsigned n_admitted = 0;

        (void)state;
        for (unsigned i = 0; i < 10 * CALLERS_MAX * CALLERS_ANSWERS_MAX; i++) {
                char name[CALLERS_NAME_SIZE];

                (void)snprintf(name, sizeof(name), ":1.%u", i);
                n_admitted += callers_admit(&callers, name);
        }
        assert_int_equal(n_admitted, CALLERS_MAX - 1 + CALLERS_ANSWERS_MAX);
        assert_true(callers_admit(&callers, ":1.0"));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_callers_each_has_its_own_number_of_answers),
                cmocka_unit_test(test_callers_beyond_the_table_are_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
