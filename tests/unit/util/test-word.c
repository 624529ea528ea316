/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/defer.h"
#include "util/word.h"

static void test_word_is_one_to_32_of_its_alphabet(void **state)
{
        static const char *const bad[] = {
                "",  "a/b",  "a+", "#",   "a b",
                "é", "a\nb", "$",  "a.b", "123456789012345678901234567890123",
        };
        static const char *const good[] = {"a", "Thermo_one-2", "12345678901234567890123456789012"};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(bad); i++)
                assert_false(word_valid(bad[i], strlen(bad[i])));
        for (size_t i = 0; i < ELEMENTSOF(good); i++)
                assert_true(word_valid(good[i], strlen(good[i])));
        assert_false(word_valid("a\0b", 3));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_word_is_one_to_32_of_its_alphabet),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
