/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "read/symbol.h"
#include "util/defer.h"

static struct symbol symbol_of(enum symbology symbology, const char *bytes, size_t n_bytes)
{
        struct symbol s = {.symbology = symbology, .n_bytes = n_bytes};

        memcpy(s.bytes, bytes, n_bytes);
        return s;
}

static void test_symbol_prefix_tells_enrollment_code(void **state)
{
        static const struct {
                enum symbology symbology;
                const char *bytes;
                size_t n_bytes;
                bool enrollment;
        } cases[] = {
                {SYMBOLOGY_QR, "ENR1:ABC", 8, true},
                {SYMBOLOGY_QR, "ENR1:", 5, true},
                {SYMBOLOGY_QR, "enr1.ABC", 8, true},
                {SYMBOLOGY_QR, "ENR1", 4, false},
                {SYMBOLOGY_QR, "enr1:ABC", 8, true},
                {SYMBOLOGY_QR, " \nEnR1:ABC\n", 11, true},
                {SYMBOLOGY_QR, "ENR2:ABC", 8, true},
                {SYMBOLOGY_QR, "enr2:", 5, true},
                {SYMBOLOGY_QR, "ENR10:ABC", 9, true},
                {SYMBOLOGY_QR, "ENR:ABC", 7, false},
                {SYMBOLOGY_QR, "ENR1 :ABC", 9, false},
                {SYMBOLOGY_QR, "ENR1;ABC", 8, false},
                {SYMBOLOGY_QR, "XENR1:ABC", 9, false},
                {SYMBOLOGY_QR, "ENR", 3, false},
                {SYMBOLOGY_QR, "\xd2\x84\x00", 3, true},
                {SYMBOLOGY_QR, "\xd2\x84", 2, true},
                {SYMBOLOGY_QR, "\xd2", 1, true},
                {SYMBOLOGY_QR, "\xd2\x83\x00", 3, false},
                {SYMBOLOGY_QR, "https://example.com", 19, false},
                {SYMBOLOGY_CODE128, "12345", 5, false},
                {SYMBOLOGY_CODE128, "A12425GABC1234002M", 18, true},
                {SYMBOLOGY_CODE128, "A12425GABC1234002N", 18, false},
                {SYMBOLOGY_EAN, "4006381333931", 13, true},
        };

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct symbol s = symbol_of(cases[i].symbology, cases[i].bytes, cases[i].n_bytes);

                assert_int_equal(symbol_is_enrollment(&s), cases[i].enrollment);
        }
}

static void test_symbol_control_or_high_byte_is_not_text(void **state)
{
        struct symbol s = symbol_of(SYMBOLOGY_QR, "ENR1: ~", 7);

        (void)state;
        assert_true(symbol_is_text(&s));
        s.bytes[6] = 0x7f;
        assert_false(symbol_is_text(&s));
        s.bytes[6] = 0x1b;
        assert_false(symbol_is_text(&s));
        s.bytes[6] = 0xe4;
        assert_false(symbol_is_text(&s));
}

static void test_symbology_list_names_become_a_set(void **state)
{
        unsigned set = 0;

        (void)state;
        assert_int_equal(symbology_parse_list("qr", &set), 0);
        assert_int_equal(set, 1u << SYMBOLOGY_QR);
        assert_int_equal(symbology_parse_list("ean,qr,code128", &set), 0);
        assert_int_equal(set, 1u << SYMBOLOGY_QR | 1u << SYMBOLOGY_CODE128 | 1u << SYMBOLOGY_EAN);
}

static void test_symbology_list_with_mistake_is_refused(void **state)
{
        static const char *const lists[] = {"",   ",", "qr,", ",qr",   "qr,,ean",
                                            "QR", "q", "qrr", "qr ean"};
        unsigned set = 77;

        (void)state;
        for (size_t i = 0; i < ELEMENTSOF(lists); i++)
                assert_int_equal(symbology_parse_list(lists[i], &set), -EINVAL);
        assert_int_equal(set, 77);
}

static void test_symbology_name_of_unknown_is_null(void **state)
{
        (void)state;
        assert_string_equal(symbology_name(SYMBOLOGY_EAN), "ean");
        assert_null(symbology_name((enum symbology)0));
        assert_null(symbology_name(SYMBOLOGY_MAX));
        assert_null(symbology_name((enum symbology)255));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_symbol_prefix_tells_enrollment_code),
                cmocka_unit_test(test_symbol_control_or_high_byte_is_not_text),
                cmocka_unit_test(test_symbology_list_names_become_a_set),
                cmocka_unit_test(test_symbology_list_with_mistake_is_refused),
                cmocka_unit_test(test_symbology_name_of_unknown_is_null),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
