/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/drawing.h"
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

static void test_scanner_ean_is_a_reference_when_asked_for(void **state)
{
        struct picture p = {.luma = NULL};
        struct scanner *s = NULL;

        (void)state;
        drawing_bars(&p, ean);
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

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_scanner_binary_bytes_survive),
                cmocka_unit_test(test_scanner_symbology_not_asked_for_is_not_seen),
                cmocka_unit_test(test_scanner_ean_is_a_reference_when_asked_for),
                cmocka_unit_test(test_scanner_thousands_of_frames_read_the_same),
                cmocka_unit_test(test_scanner_free_takes_null),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
