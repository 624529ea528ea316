/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/hex.h"
#include "wire/hmac.h"

/* RFC 4231 section 4: a byte repeated, or a text. Case 5 is a truncated code. */
static const struct {
        uint8_t key_byte;
        size_t n_key;
        const char *key;
        uint8_t data_byte;
        size_t n_data;
        const char *data;
        const char *code;
} cases[] = {
        {0x0b, 20, NULL, 0, 0, "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {0, 0, "Jefe", 0, 0, "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {0xaa, 20, NULL, 0xdd, 50, NULL,
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {0, 0,
         "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16"
         "\x17\x18\x19",
         0xcd, 50, NULL, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {0x0c, 20, NULL, 0, 0, "Test With Truncation", "a3b6167473100ee06e0c796c2955552b"},
        {0xaa, 131, NULL, 0, 0, "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {0xaa, 131, NULL, 0, 0,
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static size_t fill(const char *text, uint8_t byte, size_t n, uint8_t ret[160])
{
        if (text)
                return strlen(strcpy((char *)ret, text));
        memset(ret, byte, n);
        return n;
}

static void test_hmac_known_codes(void **state)
{
        uint8_t key[160], data[160], code[HMAC_BYTES], should[HMAC_BYTES];
        struct hmac h;

        (void)state;
        for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
                size_t n_key = fill(cases[c].key, cases[c].key_byte, cases[c].n_key, key);
                size_t n_data = fill(cases[c].data, cases[c].data_byte, cases[c].n_data, data);
                size_t n_code = strlen(cases[c].code) / 2;

                assert_int_equal(hex_decode(cases[c].code, should, n_code), 0);
                for (size_t cut = 0; cut <= n_data; cut++) {
                        hmac_init(&h, key, n_key);
                        hmac_update(&h, data, cut);
                        hmac_update(&h, data + cut, n_data - cut);
                        hmac_final(&h, code);
                        assert_memory_equal(code, should, n_code);
                }
        }
}

static void test_hmac_copy_goes_on_alone(void **state)
{
        uint8_t one[HMAC_BYTES], two[HMAC_BYTES];
        struct hmac keyed, h;

        (void)state;
        hmac_init(&keyed, (const uint8_t *)"Jefe", 4);
        h = keyed;
        hmac_update(&h, "what do ya want for nothing?", 28);
        hmac_final(&h, one);
        h = keyed;
        hmac_update(&h, "what do ya want for nothing?", 28);
        hmac_final(&h, two);
        assert_memory_equal(one, two, sizeof(one));
}

static void test_hmac_final_leaves_no_key(void **state)
{
        static const struct hmac zero;
        uint8_t code[HMAC_BYTES];
        struct hmac h;

        (void)state;
        hmac_init(&h, (const uint8_t *)"Jefe", 4);
        hmac_final(&h, code);
        assert_memory_equal(&h, &zero, sizeof(h));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_hmac_known_codes),
                cmocka_unit_test(test_hmac_copy_goes_on_alone),
                cmocka_unit_test(test_hmac_final_leaves_no_key),
        };

        if (crypto_init() < 0)
                return 1;
        return cmocka_run_group_tests(tests, NULL, NULL);
}
