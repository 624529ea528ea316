/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read/locator.h"
#include "read/symbol.h"
#include "support/drawing.h"

static uint8_t data[SYMBOL_BYTES_MAX];

static void test_locator_sees_codes_of_every_module_size(void **state)
{
        struct picture p = {.luma = NULL};

        (void)state;
        drawing_fill_text(data, 100, 1);
        for (uint32_t module = 2; module <= 12; module++) {
                struct drawing d = {.module = module, .dark = 30, .light = 200, .damage = 100};

                drawing_make(&p, &d, data, 100);
                assert_true(locator_sees_code(&p));
        }
        picture_done(&p);
}

static void test_locator_does_not_see_what_is_not_there(void **state)
{
        static const char bars[] = "1010001101010011101011110111101000100101100110101";
        struct picture p = {.luma = NULL};

        (void)state;
        for (uint32_t seed = 0; seed < 10; seed++) {
                drawing_blank(&p, 640, 480, 128);
                assert_false(locator_sees_code(&p));
                drawing_noise(&p, 20 + seed * 10, seed);
                assert_false(locator_sees_code(&p));
        }
        drawing_bars(&p, bars);
        assert_false(locator_sees_code(&p));
        drawing_blank(&p, 1, 1, 0);
        assert_false(locator_sees_code(&p));
        picture_done(&p);
}

/* Stripes cross every row with a pattern's runs, but no column. */
static void test_locator_is_not_fooled_by_stripes(void **state)
{
        static const uint8_t pattern[] = {0, 255, 0, 0, 0, 255, 0, 255, 255, 255};
        struct picture p = {.luma = NULL};

        (void)state;
        drawing_blank(&p, 600, 400, 255);
        for (uint32_t y = 0; y < 400; y++)
                for (uint32_t x = 0; x < 600; x++)
                        p.luma[y * 600 + x] = pattern[x / 3 % sizeof(pattern)];
        assert_false(locator_sees_code(&p));
        picture_done(&p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_locator_sees_codes_of_every_module_size),
                cmocka_unit_test(test_locator_does_not_see_what_is_not_there),
                cmocka_unit_test(test_locator_is_not_fooled_by_stripes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
