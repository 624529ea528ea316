/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/drawing.h"
#include "read/finder.h"
#include "read/scanner.h"

static struct symbol symbol;
static uint8_t data[SYMBOL_BYTES_MAX];

static void test_scanner_binary_bytes_survive(void **state)
{
        struct drawing d = {.module = 4, .light = 255};
        struct picture p = {.luma = NULL};
        struct scanner *s = NULL;

        (void)state;
        assert_int_equal(scanner_new(&s, 1u << SYMBOLOGY_QR), 0);
        for (uint32_t seed = 0; seed < 20; seed++) {
                drawing_fill_binary(data, 100 + seed * 10, seed);
                drawing_make(&p, &d, data, 100 + seed * 10);
                assert_int_equal(scanner_scan(s, &p, &symbol), 0);
                assert_int_equal(symbol.n_bytes, 100 + seed * 10);
                assert_memory_equal(symbol.bytes, data, symbol.n_bytes);
        }
        scanner_free(s);
        picture_done(&p);
}

static void test_scanner_symbology_not_asked_for_is_not_seen(void **state)
{
        struct drawing d = {.module = 4, .light = 255};
        struct picture p = {.luma = NULL};
        struct scanner *s = NULL;

        (void)state;
        drawing_fill_text(data, 50, 1);
        drawing_make(&p, &d, data, 50);
        assert_int_equal(scanner_new(&s, 1u << SYMBOLOGY_CODE128), 0);
        assert_int_equal(scanner_scan(s, &p, &symbol), SCANNER_E_NOTHING);
        scanner_free(s);
        picture_done(&p);
}

/* EAN-13 of 4006381333931, one digit of the picture a module (GS1 General Specifications, 5.2). */
static const char ean[] = "101"
                          "000110101001110101111011110100010010110011"
                          "01010"
                          "100001010000101000010111010010000101100110"
                          "101";

static void draw_bars(struct picture *p, const char *bars)
{
        uint32_t n = (uint32_t)strlen(bars);

        drawing_blank(p, (n + 30) * 3, 120, 255);
        for (uint32_t y = 10; y < 110; y++)
                for (uint32_t x = 0; x < n * 3; x++)
                        p->luma[y * p->width + 45 + x] = bars[x / 3] == '1' ? 0 : 255;
}

static void test_scanner_ean_is_a_reference_when_asked_for(void **state)
{
        struct picture p = {.luma = NULL};
        struct scanner *s = NULL;

        (void)state;
        draw_bars(&p, ean);
        assert_int_equal(scanner_new(&s, 1u << SYMBOLOGY_QR | 1u << SYMBOLOGY_EAN), 0);
        assert_int_equal(scanner_scan(s, &p, &symbol), 0);
        assert_int_equal(symbol.symbology, SYMBOLOGY_EAN);
        assert_int_equal(symbol.n_bytes, 13);
        assert_memory_equal(symbol.bytes, "4006381333931", 13);
        s = scanner_free(s);
        assert_int_equal(scanner_new(&s, 1u << SYMBOLOGY_QR), 0);
        assert_int_equal(scanner_scan(s, &p, &symbol), SCANNER_E_NOTHING);
        scanner_free(s);
        picture_done(&p);
}

/* Long enough for the library's scanner to be replaced twice. */
static void test_scanner_thousands_of_frames_read_the_same(void **state)
{
        struct drawing d = {.module = 2, .light = 255};
        struct picture p = {.luma = NULL};
        struct scanner *s = NULL;

        (void)state;
        drawing_fill_text(data, 20, 1);
        drawing_make(&p, &d, data, 20);
        assert_int_equal(scanner_new(&s, 1u << SYMBOLOGY_QR), 0);
        for (unsigned i = 0; i < 2100; i++) {
                symbol.n_bytes = 0;
                assert_int_equal(scanner_scan(s, &p, &symbol), 0);
                assert_int_equal(symbol.n_bytes, 20);
        }
        assert_memory_equal(symbol.bytes, data, 20);
        scanner_free(s);
        picture_done(&p);
}

static void test_scanner_free_takes_null(void **state)
{
        (void)state;
        assert_null(scanner_free(NULL));
}

static void test_finder_sees_codes_of_every_module_size(void **state)
{
        struct picture p = {.luma = NULL};

        (void)state;
        drawing_fill_text(data, 100, 1);
        for (uint32_t module = 2; module <= 12; module++) {
                struct drawing d = {.module = module, .dark = 30, .light = 200, .damage = 100};

                drawing_make(&p, &d, data, 100);
                assert_true(finder_sees_code(&p));
        }
        picture_done(&p);
}

static void test_finder_does_not_see_what_is_not_there(void **state)
{
        struct picture p = {.luma = NULL};

        (void)state;
        for (uint32_t seed = 0; seed < 10; seed++) {
                drawing_blank(&p, 640, 480, 128);
                assert_false(finder_sees_code(&p));
                drawing_noise(&p, 20 + seed * 10, seed);
                assert_false(finder_sees_code(&p));
        }
        draw_bars(&p, ean);
        assert_false(finder_sees_code(&p));
        drawing_blank(&p, 1, 1, 0);
        assert_false(finder_sees_code(&p));
        picture_done(&p);
}

/* Stripes cross every row with a finder's runs, but no column. */
static void test_finder_is_not_fooled_by_stripes(void **state)
{
        static const uint8_t pattern[] = {0, 255, 0, 0, 0, 255, 0, 255, 255, 255};
        struct picture p = {.luma = NULL};

        (void)state;
        drawing_blank(&p, 600, 400, 255);
        for (uint32_t y = 0; y < 400; y++)
                for (uint32_t x = 0; x < 600; x++)
                        p.luma[y * 600 + x] = pattern[x / 3 % sizeof(pattern)];
        assert_false(finder_sees_code(&p));
        picture_done(&p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_scanner_binary_bytes_survive),
                cmocka_unit_test(test_scanner_symbology_not_asked_for_is_not_seen),
                cmocka_unit_test(test_scanner_ean_is_a_reference_when_asked_for),
                cmocka_unit_test(test_scanner_thousands_of_frames_read_the_same),
                cmocka_unit_test(test_scanner_free_takes_null),
                cmocka_unit_test(test_finder_sees_codes_of_every_module_size),
                cmocka_unit_test(test_finder_does_not_see_what_is_not_there),
                cmocka_unit_test(test_finder_is_not_fooled_by_stripes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
