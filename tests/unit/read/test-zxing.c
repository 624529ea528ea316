/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <malloc.h>

#include "read/zxing.h"
#include "support/drawing.h"

#define QR (1u << SYMBOLOGY_QR)

static struct picture picture;
static struct symbol symbol;
static uint8_t data[SYMBOL_BYTES_MAX];

static int teardown(void **state)
{
        (void)state;
        picture_done(&picture);
        return 0;
}

static int look(unsigned symbologies, bool thorough)
{
        struct offer found = {.n = 0};
        int r;

        r = zxing_scan(&picture, symbologies, thorough, &found, &symbol);
        assert_int_equal(found.n, r == 0 ? 1 : 0);
        return r;
}

static void test_zxing_scan_text_and_binary_are_exact(void **state)
{
        static const size_t sizes[] = {20, 207, 1000, 2000};
        struct drawing d = {.module = 4, .light = 255};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++)
                for (int text = 0; text < 2; text++) {
                        if (text)
                                drawing_fill_text(data, sizes[i], (uint32_t)i);
                        else
                                drawing_fill_binary(data, sizes[i], (uint32_t)i);
                        drawing_make(&picture, &d, data, sizes[i]);
                        assert_int_equal(look(QR, true), 0);
                        assert_int_equal(symbol.symbology, SYMBOLOGY_QR);
                        assert_int_equal(symbol.n_bytes, sizes[i]);
                        assert_memory_equal(symbol.bytes, data, sizes[i]);
                }
}

static void test_zxing_scan_other_code_is_foreign(void **state)
{
        struct drawing d = {.module = 4, .light = 255};

        (void)state;
        drawing_make(&picture, &d, (const uint8_t *)"HTTP://EXAMPLE.COM", 18);
        assert_int_equal(look(QR, true), ZXING_E_FOREIGN);
}

/* EAN-13 of 4006381333931, one digit of the picture a module (GS1 General Specifications, 5.2). */
static const char ean[] = "101"
                          "000110101001110101111011110100010010110011"
                          "01010"
                          "100001010000101000010111010010000101100110"
                          "101";

static void test_zxing_scan_bars_only_when_asked_for(void **state)
{
        (void)state;
        drawing_bars(&picture, ean);
        assert_int_equal(look(QR, true), ZXING_E_NOTHING);
        assert_int_equal(look(1u << SYMBOLOGY_EAN, true), 0);
        assert_int_equal(symbol.symbology, SYMBOLOGY_EAN);
        assert_int_equal(symbol.n_bytes, 13);
        assert_memory_equal(symbol.bytes, "4006381333931", 13);
}

static void test_zxing_scan_nothing_is_nothing(void **state)
{
        static const uint32_t sizes[][2] = {{1, 1},    {2, 1}, {1, 4096},
                                            {4096, 1}, {3, 3}, {640, 480}};

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(sizes); i++) {
                drawing_blank(&picture, sizes[i][0], sizes[i][1], 128);
                assert_int_equal(look(QR, true), ZXING_E_NOTHING);
                drawing_noise(&picture, 127, (uint32_t)i);
                assert_int_equal(look(QR, true), ZXING_E_NOTHING);
        }
}

/* A reader that watches for an hour looks at it tens of thousands of times. */
static void test_zxing_scan_memory_stays_flat(void **state)
{
        struct drawing d = {.module = 3, .light = 255};
        size_t before = 0;

        (void)state;
        drawing_fill_text(data, 100, 1);
        drawing_make(&picture, &d, data, 100);
        for (unsigned i = 0; i < 200; i++) {
                if (i == 20)
                        before = mallinfo2().uordblks;
                assert_int_equal(look(QR, false), 0);
        }
        assert_true(mallinfo2().uordblks <= before + 4096);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
        const struct CMUnitTest tests[] = {
                TEST(test_zxing_scan_text_and_binary_are_exact),
                TEST(test_zxing_scan_other_code_is_foreign),
                TEST(test_zxing_scan_bars_only_when_asked_for),
                TEST(test_zxing_scan_nothing_is_nothing),
                TEST(test_zxing_scan_memory_stays_flat),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
