/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "read/offer.h"

static struct symbol symbol_of(enum symbology symbology, const char *text)
{
        struct symbol symbol = {.symbology = symbology, .n_bytes = strlen(text)};

        memcpy(symbol.bytes, text, symbol.n_bytes);
        return symbol;
}

static void add(struct offer *offer, enum symbology symbology, const char *text)
{
        const struct symbol symbol = symbol_of(symbology, text);

        offer_add(offer, &symbol);
}

static void test_offer_counts_different_codes(void **state)
{
        struct offer offer = {.n = 0};

        (void)state;
        add(&offer, SYMBOLOGY_QR, "ENR1:A");
        add(&offer, SYMBOLOGY_QR, "ENR1:A");
        assert_int_equal(offer.n, 1);
        add(&offer, SYMBOLOGY_QR, "ENR1:AB");
        add(&offer, SYMBOLOGY_QR, "ENR1:B");
        assert_int_equal(offer.n, 3);
        assert_memory_equal(offer.symbols[2].bytes, "ENR1:B", 6);
}

/* A label has its device's number, and perhaps a retail one, beside the code. */
static void test_offer_code_takes_precedence_over_references(void **state)
{
        struct offer offer = {.n = 0};

        (void)state;
        add(&offer, SYMBOLOGY_CODE128, "A12425GABC1234029");
        add(&offer, SYMBOLOGY_EAN, "4006381333931");
        assert_int_equal(offer.n, 2);
        assert_false(offer_has_code(&offer));
        add(&offer, SYMBOLOGY_QR, "ENR1:A");
        assert_int_equal(offer.n, 1);
        assert_true(offer_has_code(&offer));
        assert_memory_equal(offer.symbols[0].bytes, "ENR1:A", 6);
        add(&offer, SYMBOLOGY_CODE128, "A12425GABC1234029");
        assert_int_equal(offer.n, 1);
}

static void test_offer_keeps_no_more_than_it_can(void **state)
{
        struct offer offer = {.n = 0};
        char text[] = "ENR1:A";

        (void)state;
        for (; text[5] <= 'Z'; text[5]++)
                add(&offer, SYMBOLOGY_QR, text);
        assert_int_equal(offer.n, OFFER_MAX);
        assert_memory_equal(offer.symbols[OFFER_MAX - 1].bytes, "ENR1:D", 6);
}

static void test_offer_done_wipes(void **state)
{
        static const struct offer blank;
        struct offer offer = {.n = 0};

        (void)state;
        add(&offer, SYMBOLOGY_QR, "ENR1:A");
        offer_done(&offer);
        assert_memory_equal(&offer, &blank, sizeof(offer));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_offer_counts_different_codes),
                cmocka_unit_test(test_offer_code_takes_precedence_over_references),
                cmocka_unit_test(test_offer_keeps_no_more_than_it_can),
                cmocka_unit_test(test_offer_done_wipes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
