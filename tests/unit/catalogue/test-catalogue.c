/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/catalogue-sample.h"
#include "util/hex.h"

#define SERIAL     "A12425GABC1234002"
#define IDENTIFIER "A12425GABC1234002M"

static enum reason keep(struct shop *s, const struct store_entry *entry)
{
        enum reason why;

        catalogue_keep(&s->catalogue, entry, 1, &why);
        return why;
}

static void test_catalogue_gives_back_what_it_keeps(void **state)
{
        uint8_t code[CODE_BYTES_MAX], key[KDF_KEY_BYTES], expected[KDF_KEY_BYTES];
        char id[2 * STORE_DEVICE_ID_BYTES + 1];
        struct store_entry entry, got;
        struct shop *s = *state;
        size_t n_code = 0;

        assert_int_equal(shop_check(s, IDENTIFIER, shop_code(s, 1, SERIAL), &entry), REASON_NONE);
        assert_int_equal(keep(s, &entry), REASON_NONE);
        assert_int_equal(catalogue_find(&s->catalogue, "a12425-gabc-1234002-m", &got), REASON_NONE);
        assert_string_equal(got.model, "Thermo One");
        assert_string_equal(got.serial, SERIAL);
        assert_string_equal(got.issuer, "Nordlicht");
        assert_int_equal(catalogue_open(&s->catalogue, &got, code, &n_code), 0);
        assert_int_equal(n_code, s->sample.n_bytes);
        assert_memory_equal(code, s->sample.bytes, n_code);
        kdf_adv_key(s->sample.payload.secret, expected);
        assert_int_equal(catalogue_adv_key(&s->catalogue, &got, key), 0);
        assert_memory_equal(key, expected, sizeof(key));
        hex_encode(entry.device_id, sizeof(entry.device_id), id);
        assert_int_equal(catalogue_find(&s->catalogue, id, &got), REASON_NONE);
        assert_int_equal(catalogue_find(&s->catalogue, "96385074", &got), REASON_NO_SUCH_ENTRY);
        assert_int_equal(catalogue_find(&s->catalogue, "96385073", &got),
                         REASON_REFERENCE_MISTYPED);
        assert_int_equal(catalogue_find(&s->catalogue, "hall", &got), REASON_NO_SUCH_ENTRY);
}

/* Neither the code nor its secret is in the files, and what was altered does not open. */
static void test_catalogue_is_sealed(void **state)
{
        struct store_entry entry, other;
        uint8_t code[CODE_BYTES_MAX];
        struct shop *s = *state;
        size_t n_code = 0;

        assert_int_equal(shop_check(s, "", shop_code(s, 1, ""), &entry), REASON_NONE);
        assert_null(memmem(entry.sealed, entry.n_sealed, s->sample.payload.secret, 8));
        for (size_t i = 0; i < entry.n_sealed; i += 7) {
                other = entry;
                other.sealed[i] ^= 1;
                assert_int_equal(catalogue_open(&s->catalogue, &other, code, &n_code), -EBADMSG);
        }
        other = entry;
        other.device_id[0] ^= 1;
        assert_int_equal(catalogue_open(&s->catalogue, &other, code, &n_code), -EBADMSG);
        other = entry;
        other.n_sealed = 20;
        assert_int_equal(catalogue_open(&s->catalogue, &other, code, &n_code), -EBADMSG);
        s->master[0] ^= 1;
        assert_int_equal(catalogue_open(&s->catalogue, &entry, code, &n_code), -EBADMSG);
        assert_int_equal(n_code, 0);
}

static void test_catalogue_refuses_what_an_enrollment_would(void **state)
{
        struct store_entry entry;
        struct shop *s = *state;

        assert_int_equal(shop_check(s, "", "hello", &entry), REASON_CODE_NOT_ENROLLMENT);
        (void)shop_code(s, 1, "");
        s->text[40] = s->text[40] == 'A' ? 'B' : 'A';
        assert_int_not_equal(shop_check(s, "", s->text, &entry), REASON_NONE);
        s->catalogue.ceiling = 0;
        assert_int_equal(shop_check(s, "", shop_code(s, 1, ""), &entry), REASON_CODE_NOT_PERMITTED);
        s->catalogue.ceiling = CAPABILITY_ALL;
        s->issuers.n_list = 0;
        assert_int_equal(shop_check(s, "", shop_code(s, 1, ""), &entry),
                         REASON_CODE_ISSUER_UNKNOWN);
}

static void test_catalogue_reference_names_its_own_device_only(void **state)
{
        struct store_entry one, other;
        struct shop *s = *state;

        assert_int_equal(shop_check(s, IDENTIFIER, shop_code(s, 1, "A12425GABC1234003"), &one),
                         REASON_REFERENCE_DIFFERS);
        assert_int_equal(shop_check(s, "96385074", shop_code(s, 1, ""), &one), REASON_NONE);
        assert_int_equal(shop_check(s, "96385074", shop_code(s, 2, ""), &other), REASON_NONE);
        assert_int_equal(keep(s, &one), REASON_NONE);
        assert_int_equal(keep(s, &other), REASON_REFERENCE_TAKEN);
        assert_int_equal(keep(s, &one), REASON_NONE);
}

static void test_catalogue_has_an_end(void **state)
{
        struct store_entry *entries = calloc(CATALOGUE_ENTRIES_MAX, sizeof(*entries));
        enum reason *reasons = calloc(CATALOGUE_ENTRIES_MAX, sizeof(*reasons)), why;
        struct shop *s = *state;
        struct store_entry last;

        assert_non_null(entries);
        assert_non_null(reasons);
        for (unsigned i = 0; i < CATALOGUE_ENTRIES_MAX; i++) {
                entries[i].device_id[0] = (uint8_t)i;
                entries[i].device_id[1] = (uint8_t)(i >> 8);
                entries[i].n_sealed = 1;
        }
        catalogue_keep(&s->catalogue, entries, CATALOGUE_ENTRIES_MAX - 1, reasons);
        for (unsigned i = 0; i < CATALOGUE_ENTRIES_MAX - 1; i++)
                assert_int_equal(reasons[i], REASON_NONE);
        last = entries[5];
        entries[0].device_id[2] = 1;
        entries[1].device_id[2] = 1;
        catalogue_keep(&s->catalogue, entries, 3, reasons);
        assert_int_equal(reasons[0], REASON_NONE);
        assert_int_equal(reasons[1], REASON_CATALOGUE_FULL);
        assert_int_equal(reasons[2], REASON_NONE); /* it is there already */
        catalogue_keep(&s->catalogue, &last, 1, &why);
        assert_int_equal(why, REASON_NONE);
        free(entries);
        free(reasons);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, shop_set_up, shop_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_catalogue_gives_back_what_it_keeps),
                TEST(test_catalogue_is_sealed),
                TEST(test_catalogue_refuses_what_an_enrollment_would),
                TEST(test_catalogue_reference_names_its_own_device_only),
                TEST(test_catalogue_has_an_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
