/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "code/capability.h"

static void test_capability_names_go_both_ways(void **state)
{
        (void)state;
        for (unsigned i = 0; i < 16; i++) {
                const char *name = capability_name(i);

                assert_int_equal(name != NULL, i == 1 || i == 2 || i == 4);
                if (name)
                        assert_int_equal(capability_from_name(name, strlen(name)), i);
        }
        assert_int_equal(capability_from_name("key", 3), 0);
        assert_int_equal(capability_from_name("key.forwards", 12), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_capability_names_go_both_ways),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
