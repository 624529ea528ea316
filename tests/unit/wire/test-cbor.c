/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/hex.h"
#include "wire/cbor.h"

/* Decodes the hexadecimal text of a test row and returns its length. */
static size_t bytes_of(const char *hex, uint8_t bytes[256])
{
        size_t n = strlen(hex) / 2;

        assert_true(n <= 256);
        assert_int_equal(hex_decode(hex, bytes, n), 0);
        return n;
}

static enum cbor_error skip_bytes(const uint8_t *bytes, size_t n)
{
        struct cbor_reader r;
        struct cbor_span item;

        cbor_reader_init(&r, bytes, n);
        item = cbor_get_item(&r);
        if (cbor_finish(&r) == CBOR_OK) {
                assert_ptr_equal(item.bytes, bytes);
                assert_int_equal(item.n_bytes, n);
        }
        return cbor_error(&r);
}

static enum cbor_error skip_hex(const char *hex)
{
        uint8_t bytes[256];

        return skip_bytes(bytes, bytes_of(hex, bytes));
}

static void assert_written(struct cbor_writer *w, const char *hex)
{
        uint8_t expected[256];
        size_t n = bytes_of(hex, expected);

        assert_true(cbor_writer_fits(w));
        assert_int_equal(w->n_written, n);
        assert_memory_equal(w->bytes, expected, n);
}

static void test_cbor_integers_go_both_ways(void **state)
{
        /* RFC 8949, appendix A, and the edges of each head. */
        static const struct {
                const char *hex;
                int64_t value;
        } cases[] = {
                {"00", 0},
                {"01", 1},
                {"0a", 10},
                {"17", 23},
                {"1818", 24},
                {"1819", 25},
                {"1864", 100},
                {"18ff", 255},
                {"190100", 256},
                {"1903e8", 1000},
                {"19ffff", 65535},
                {"1a00010000", 65536},
                {"1a000f4240", 1000000},
                {"1affffffff", 4294967295},
                {"1b0000000100000000", 4294967296},
                {"1b000000e8d4a51000", 1000000000000},
                {"1b7fffffffffffffff", INT64_MAX},
                {"20", -1},
                {"29", -10},
                {"37", -24},
                {"3818", -25},
                {"3863", -100},
                {"38ff", -256},
                {"3903e7", -1000},
                {"3a00010000", -65537},
                {"3b7fffffffffffffff", INT64_MIN},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                uint8_t bytes[256], out[16];
                size_t n = bytes_of(cases[i].hex, bytes);
                struct cbor_reader r;
                struct cbor_writer w;

                cbor_reader_init(&r, bytes, n);
                assert_true(cbor_get_int(&r) == cases[i].value);
                assert_int_equal(cbor_finish(&r), CBOR_OK);

                cbor_reader_init(&r, bytes, n);
                if (cases[i].value >= 0) {
                        assert_true(cbor_get_uint(&r) == (uint64_t)cases[i].value);
                        assert_int_equal(cbor_finish(&r), CBOR_OK);
                } else {
                        assert_true(cbor_get_uint(&r) == 0);
                        assert_int_equal(cbor_error(&r), CBOR_UNEXPECTED);
                }

                cbor_writer_init(&w, out, sizeof(out));
                cbor_put_int(&w, cases[i].value);
                assert_written(&w, cases[i].hex);
        }
}

static void test_cbor_integers_beyond_the_type_are_unexpected(void **state)
{
        static const char *const hexes[] = {"1b8000000000000000", "1bffffffffffffffff",
                                            "3b8000000000000000", "3bffffffffffffffff"};
        uint8_t bytes[256], out[16];
        struct cbor_reader r;
        struct cbor_writer w;

        (void)state;
        for (size_t i = 0; i < 4; i++) {
                cbor_reader_init(&r, bytes, bytes_of(hexes[i], bytes));
                assert_true(cbor_get_int(&r) == 0);
                assert_int_equal(cbor_error(&r), CBOR_UNEXPECTED);
                assert_int_equal(skip_hex(hexes[i]), CBOR_OK);
        }
        cbor_writer_init(&w, out, sizeof(out));
        cbor_put_uint(&w, UINT64_MAX);
        assert_written(&w, "1bffffffffffffffff");
        cbor_reader_init(&r, out, 9);
        assert_true(cbor_get_uint(&r) == UINT64_MAX);

        cbor_reader_init(&r, bytes, bytes_of("190100", bytes));
        assert_int_equal(cbor_get_uint_max(&r, 256), 256);
        assert_int_equal(cbor_finish(&r), CBOR_OK);
        cbor_reader_init(&r, bytes, 3);
        assert_int_equal(cbor_get_uint_max(&r, 255), 0);
        assert_int_equal(cbor_error(&r), CBOR_UNEXPECTED);
}

static void test_cbor_strings_go_both_ways(void **state)
{
        static const struct {
                const char *hex, *text;
        } cases[] = {
                {"60", ""},
                {"6161", "a"},
                {"6449455446", "IETF"},
                {"62225c", "\"\\"},
                {"62c3bc", "\xc3\xbc"},
                {"63e6b0b4", "\xe6\xb0\xb4"},
                {"64f0908591", "\xf0\x90\x85\x91"},
                {"7818616161616161616161616161616161616161616161616161",
                 "aaaaaaaaaaaaaaaaaaaaaaaa"},
        };
        uint8_t bytes[256], out[64];
        struct cbor_reader r;
        struct cbor_writer w;
        struct cbor_span span;

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                size_t n = bytes_of(cases[i].hex, bytes), n_text = strlen(cases[i].text);

                cbor_reader_init(&r, bytes, n);
                span = cbor_get_text(&r);
                assert_int_equal(cbor_finish(&r), CBOR_OK);
                assert_int_equal(span.n_bytes, n_text);
                assert_memory_equal(span.bytes, cases[i].text, n_text);

                cbor_writer_init(&w, out, sizeof(out));
                cbor_put_text(&w, cases[i].text, n_text);
                assert_written(&w, cases[i].hex);

                cbor_reader_init(&r, bytes, n);
                assert_int_equal(cbor_get_bytes(&r).n_bytes, 0);
                assert_int_equal(cbor_error(&r), CBOR_UNEXPECTED);
        }

        cbor_reader_init(&r, bytes, bytes_of("4401020304", bytes));
        span = cbor_get_bytes(&r);
        assert_int_equal(cbor_finish(&r), CBOR_OK);
        assert_int_equal(span.n_bytes, 4);
        assert_ptr_equal(span.bytes, bytes + 1);

        cbor_reader_init(&r, bytes, 5);
        assert_ptr_equal(cbor_get_fixed(&r, 4), bytes + 1);
        cbor_reader_init(&r, bytes, 5);
        assert_null(cbor_get_fixed(&r, 3));
        assert_int_equal(cbor_error(&r), CBOR_UNEXPECTED);

        cbor_writer_init(&w, out, sizeof(out));
        cbor_put_bytes(&w, (const uint8_t *)"\1\2\3\4", 4);
        assert_written(&w, "4401020304");
        cbor_writer_init(&w, out, sizeof(out));
        cbor_put_bytes_head(&w, 2);
        cbor_put_raw(&w, (const uint8_t *)"\1\2", 2);
        cbor_put_bytes(&w, NULL, 0);
        assert_written(&w, "42010240");
}

static void test_cbor_other_scalars_go_both_ways(void **state)
{
        uint8_t bytes[256], out[16];
        struct cbor_reader r;
        struct cbor_writer w;

        (void)state;
        cbor_reader_init(&r, bytes, bytes_of("f5f4d2c1", bytes));
        assert_int_equal(cbor_peek(&r), CBOR_SIMPLE);
        assert_true(cbor_get_bool(&r));
        assert_false(cbor_get_bool(&r));
        assert_int_equal(cbor_peek(&r), CBOR_TAG);
        assert_true(cbor_get_tag(&r) == 18);
        assert_true(cbor_get_tag(&r) == 1);
        assert_int_equal(cbor_peek(&r), CBOR_NONE);
        assert_int_equal(cbor_finish(&r), CBOR_OK);

        cbor_writer_init(&w, out, sizeof(out));
        cbor_put_bool(&w, true);
        cbor_put_bool(&w, false);
        cbor_put_tag(&w, 18);
        cbor_put_tag(&w, 1000);
        assert_written(&w, "f5f4d2d903e8");
}

static void test_cbor_nested_items_go_both_ways(void **state)
{
        uint8_t bytes[256], out[64];
        struct cbor_reader r;
        struct cbor_writer w;
        struct cbor_map map;
        uint32_t key;

        (void)state;
        /* RFC 8949, appendix A: [1, [2, 3], [4, 5]] and {1: 2, 3: 4}. */
        cbor_writer_init(&w, out, sizeof(out));
        cbor_put_array(&w, 3);
        cbor_put_uint(&w, 1);
        cbor_put_array(&w, 2);
        cbor_put_uint(&w, 2);
        cbor_put_uint(&w, 3);
        cbor_put_array(&w, 2);
        cbor_put_uint(&w, 4);
        cbor_put_uint(&w, 5);
        cbor_put_map(&w, 2);
        for (unsigned i = 1; i <= 4; i++)
                cbor_put_uint(&w, i);
        assert_written(&w, "8301820203820405a201020304");

        cbor_reader_init(&r, bytes, bytes_of("8301820203820405a201020304", bytes));
        assert_int_equal(cbor_get_array(&r), 3);
        assert_true(cbor_get_uint(&r) == 1);
        assert_int_equal(cbor_get_item(&r).n_bytes, 3);
        assert_int_equal(cbor_get_item(&r).n_bytes, 3);
        cbor_get_map(&r, &map);
        assert_true(cbor_map_next(&r, &map, &key));
        assert_int_equal(key, 1);
        assert_true(cbor_get_uint(&r) == 2);
        assert_true(cbor_map_next(&r, &map, &key));
        assert_int_equal(key, 3);
        assert_true(cbor_get_uint(&r) == 4);
        assert_false(cbor_map_next(&r, &map, &key));
        assert_int_equal(cbor_finish(&r), CBOR_OK);
}

static void test_cbor_items_of_the_subset_are_taken_whole(void **state)
{
        static const char *const hexes[] = {
                "00",
                "3863",
                "f4",
                "f5",
                "40",
                "4401020304",
                "64f0908591",
                "80",
                "83010203",
                "8301820203820405",
                "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
                "a0",
                "a201020304",
                "a26161016162820203",
                "826161a161626163",
                "a56161614161626142616361436164614461656145",
                "a201802001",
                "a3182a00614100f400",
                "858080808080",
                "818181818180", /* six deep */
                "a101a101a101a101a101a0",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(hexes) / sizeof(hexes[0]); i++)
                if (skip_hex(hexes[i]) != CBOR_OK)
                        fail_msg("refused: %s", hexes[i]);
}

static void test_cbor_what_is_outside_the_subset_is_malformed(void **state)
{
        static const char *const hexes[] = {
                /* heads that could be shorter */
                "1800",
                "1817",
                "190000",
                "1900ff",
                "1a00000000",
                "1a0000ffff",
                "1b0000000000000000",
                "1b00000000ffffffff",
                "3817",
                "3900ff",
                "5800",
                "580161",
                "7800",
                "780161",
                "9800",
                "980100",
                "b800",
                "590001ff",
                "b9000100",
                /* reserved */
                "1c",
                "1d",
                "1e",
                "3c",
                "5d",
                "7e",
                "9c",
                "bd",
                "fc",
                /* indefinite lengths */
                "1f",
                "3f",
                "5f4100ff",
                "7f6100ff",
                "9fff",
                "9f0102ff",
                "bfff",
                "bf0102ff",
                "ff",
                /* floats, null, undefined, other simple values, tags; RFC 8949, appendix A */
                "f90000",
                "f93c00",
                "fa47c35000",
                "fb3ff199999999999a",
                "f97e00",
                "f6",
                "f7",
                "e0",
                "f0",
                "f816",
                "f818",
                "f8ff",
                "c074",
                "c11a514b67b0",
                "d74401020304",
                "c249010000000000000000",
                /* not UTF-8 */
                "61ff",
                "62c328",
                "63eda080",
                "62c080",
                /* keys out of order, double, or not scalar */
                "a202000100",
                "a201000100",
                "a2200018180000",
                "a2616200616100",
                "a2616100616100",
                "a18000",
                "a1a000",
                "a10182f600",
                /* seven deep */
                "81818181818180",
                "a101a101a101a101a101a101a0",
                /* something after the item */
                "8080",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(hexes) / sizeof(hexes[0]); i++) {
                enum cbor_error error = skip_hex(hexes[i]);

                if (error != CBOR_MALFORMED)
                        fail_msg("%s: %d", hexes[i], error);
        }
}

static void test_cbor_nesting_bomb_ends_at_the_limit(void **state)
{
        static uint8_t bomb[100000];
        struct cbor_reader r;

        (void)state;
        memset(bomb, 0x81, sizeof(bomb));
        cbor_reader_init(&r, bomb, sizeof(bomb));
        assert_int_equal(cbor_get_item(&r).n_bytes, 0);
        assert_int_equal(cbor_error(&r), CBOR_MALFORMED);
        assert_true(r.at - bomb <= CBOR_DEPTH_MAX + 1);
}

static void test_cbor_huge_lengths_are_truncated(void **state)
{
        static const char *const hexes[] = {
                "5affffffff",
                "5bffffffffffffffff",
                "7b7fffffffffffffff",
                "9affffffff",
                "9bffffffffffffffff",
                "9b000000010000000000",
                "baffffffff",
                "bb7fffffffffffffff",
                "bb8000000000000000",
                "bbffffffffffffffff",
                "8281",
                "a2010203",
                "5818ff",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(hexes) / sizeof(hexes[0]); i++)
                if (skip_hex(hexes[i]) != CBOR_TRUNCATED)
                        fail_msg("not truncated: %s", hexes[i]);
}

static void test_cbor_every_truncation_is_told_from_damage(void **state)
{
        /* One of everything, with heads of every length. */
        static const char hex[] = "a7"
                                  "0183182a1903e81a000f4240"
                                  "021b000000e8d4a51000"
                                  "033b000000e8d4a51000"
                                  "045818000102030405060708090a0b0c0d0e0f1011121314151617"
                                  "0564f0908591"
                                  "06a26161f56162818181f4"
                                  "0780";
        uint8_t bytes[256], *copy;
        size_t n = bytes_of(hex, bytes);

        (void)state;
        assert_int_equal(skip_bytes(bytes, n), CBOR_OK);
        assert_int_equal(skip_bytes(NULL, 0), CBOR_TRUNCATED);
        for (size_t cut = 0; cut < n; cut++) {
                copy = test_malloc(cut + 1);
                memcpy(copy, bytes, cut);
                assert_int_equal(skip_bytes(copy, cut), CBOR_TRUNCATED);
                test_free(copy);
        }
        bytes[n] = 0;
        assert_int_equal(skip_bytes(bytes, n + 1), CBOR_MALFORMED);
}

static void test_cbor_first_error_sticks_and_getters_give_nothing(void **state)
{
        uint8_t bytes[256];
        struct cbor_reader r;
        struct cbor_map map;
        uint32_t key = 77;
        const uint8_t *at;

        (void)state;
        cbor_reader_init(&r, bytes, bytes_of("616101020304a10102", bytes));
        assert_true(cbor_get_uint(&r) == 0);
        at = r.at;
        assert_true(cbor_get_int(&r) == 0);
        assert_false(cbor_get_bool(&r));
        assert_int_equal(cbor_get_uint_max(&r, 9), 0);
        assert_int_equal(cbor_get_bytes(&r).n_bytes, 0);
        assert_int_equal(cbor_get_text(&r).n_bytes, 0);
        assert_null(cbor_get_fixed(&r, 0));
        assert_int_equal(cbor_get_array(&r), 0);
        assert_true(cbor_get_tag(&r) == 0);
        assert_int_equal(cbor_get_item(&r).n_bytes, 0);
        cbor_get_map(&r, &map);
        assert_int_equal(map.n_left, 0);
        assert_false(cbor_map_next(&r, &map, &key));
        assert_int_equal(key, 77);
        assert_int_equal(cbor_peek(&r), CBOR_NONE);
        assert_ptr_equal(r.at, at);
        cbor_fail(&r, CBOR_TRUNCATED);
        assert_int_equal(cbor_error(&r), CBOR_UNEXPECTED);
        assert_int_equal(cbor_finish(&r), CBOR_UNEXPECTED);
}

static void test_cbor_map_keys_must_be_ascending_integers(void **state)
{
        static const struct {
                const char *hex;
                enum cbor_error expected;
        } cases[] = {
                {"a20102181803", CBOR_OK},
                {"a0", CBOR_OK},
                {"a10005", CBOR_OK},
                {"a11afffffffe05", CBOR_OK},
                {"a202050105", CBOR_MALFORMED},
                {"a201050105", CBOR_MALFORMED},
                {"a11affffffff05", CBOR_UNEXPECTED},
                {"a12005", CBOR_UNEXPECTED},
                {"a1616105", CBOR_UNEXPECTED},
                {"a20105", CBOR_TRUNCATED},
                {"8105", CBOR_UNEXPECTED},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                uint8_t bytes[256];
                struct cbor_reader r;
                struct cbor_map map;
                uint32_t key;

                cbor_reader_init(&r, bytes, bytes_of(cases[i].hex, bytes));
                cbor_get_map(&r, &map);
                while (cbor_map_next(&r, &map, &key))
                        cbor_get_uint(&r);
                if (cbor_finish(&r) != cases[i].expected)
                        fail_msg("%s: %d", cases[i].hex, cbor_error(&r));
        }
}

static void test_cbor_writer_out_of_room_writes_nothing_more(void **state)
{
        uint8_t out[8];
        struct cbor_writer w;

        (void)state;
        for (size_t size = 0; size <= 6; size++) {
                memset(out, 0xee, sizeof(out));
                cbor_writer_init(&w, out, size);
                cbor_put_uint(&w, 1000);
                cbor_put_text(&w, "a", 1);
                cbor_put_bool(&w, true);
                assert_int_equal(w.n_written, 6);
                assert_int_equal(cbor_writer_fits(&w), size == 6);
                for (size_t i = size; i < sizeof(out); i++)
                        assert_int_equal(out[i], 0xee);
        }
        cbor_writer_init(&w, NULL, 0);
        cbor_put_bytes(&w, (const uint8_t *)"abc", 3);
        assert_int_equal(w.n_written, 4);
        assert_false(cbor_writer_fits(&w));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cbor_integers_go_both_ways),
                cmocka_unit_test(test_cbor_integers_beyond_the_type_are_unexpected),
                cmocka_unit_test(test_cbor_strings_go_both_ways),
                cmocka_unit_test(test_cbor_other_scalars_go_both_ways),
                cmocka_unit_test(test_cbor_nested_items_go_both_ways),
                cmocka_unit_test(test_cbor_items_of_the_subset_are_taken_whole),
                cmocka_unit_test(test_cbor_what_is_outside_the_subset_is_malformed),
                cmocka_unit_test(test_cbor_nesting_bomb_ends_at_the_limit),
                cmocka_unit_test(test_cbor_huge_lengths_are_truncated),
                cmocka_unit_test(test_cbor_every_truncation_is_told_from_damage),
                cmocka_unit_test(test_cbor_first_error_sticks_and_getters_give_nothing),
                cmocka_unit_test(test_cbor_map_keys_must_be_ascending_integers),
                cmocka_unit_test(test_cbor_writer_out_of_room_writes_nothing_more),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
