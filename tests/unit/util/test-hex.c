/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "util/hex.h"

static void test_hex_there_and_back_is_the_same(void **state)
{
        uint8_t bytes[256], back[256];
        char text[513];

        (void)state;
        for (int i = 0; i < 256; i++)
                bytes[i] = (uint8_t)i;
        assert_string_equal(hex_encode(bytes + 0xab, 1, text), "ab");
        hex_encode(bytes, sizeof(bytes), text);
        assert_int_equal(hex_decode(text, back, sizeof(back)), 0);
        assert_memory_equal(bytes, back, sizeof(bytes));
}

static void test_hex_anything_else_is_refused(void **state)
{
        static const char *const bad[] = {"", "a", "abc", "abcdef", "zz00", "0x00", "ab c"};
        uint8_t two[2];

        (void)state;
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                assert_int_equal(hex_decode(bad[i], two, sizeof(two)), -EINVAL);
        assert_int_equal(hex_decode("AbcD", two, sizeof(two)), 0);
        assert_int_equal(two[0], 0xab);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_hex_there_and_back_is_the_same),
                cmocka_unit_test(test_hex_anything_else_is_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
