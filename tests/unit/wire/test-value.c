/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/diagnostic.h"
#include "wire/value.h"

static void test_value_of_each_kind_is_found_and_written_back(void **state)
{
        static const char text[] = "{1:\"a\",4:[1,500],5:h'0102',9:-300,64:true,65:false}";
        static const unsigned numbers[] = {1, 4, 5, 9, 64, 65};
        struct diagnostic d;
        struct cbor_span map = diagnostic(&d, text);
        struct value value = {0};
        struct cbor_writer w;
        uint8_t out[64];

        (void)state;
        cbor_writer_init(&w, out, sizeof(out));
        cbor_put_map(&w, 6);
        for (size_t i = 0; i < 6; i++) {
                assert_true(value_find(map, numbers[i], &value));
                cbor_put_uint(&w, numbers[i]);
                value_put(&w, &value);
        }
        assert_int_equal(w.n_written, map.n_bytes);
        assert_memory_equal(out, map.bytes, map.n_bytes);

        value.number = 4711;
        assert_false(value_find(map, 2, &value));
        assert_true(value.number == 4711);
        cbor_writer_init(&w, out, sizeof(out));
        value_put(&w, &(struct value){.kind = VALUE_NOTHING});
        assert_int_equal(w.n_written, 0);
}

static void test_value_of_another_form_is_refused(void **state)
{
        static const char text65[] =
                "\"01234567890123456789012345678901234567890123456789012345678901234\"";
        static const char *const cases[] = {
                "{}",           "[[1]]", "[-1]", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]",
                "[4294967296]", text65,
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct value value = {.kind = VALUE_TEXT};
                struct cbor_reader r;
                struct diagnostic d;
                struct cbor_span span = diagnostic(&d, cases[i]);

                cbor_reader_init(&r, span.bytes, span.n_bytes);
                value_get(&r, &value);
                if (value.kind != VALUE_NOTHING || cbor_error(&r) != CBOR_UNEXPECTED)
                        fail_msg("%s: kind %d, error %d", cases[i], value.kind, cbor_error(&r));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_value_of_each_kind_is_found_and_written_back),
                cmocka_unit_test(test_value_of_another_form_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
