/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/code-sample.h"

static const uint8_t payload[] = "any bytes will do, the envelope does not look at them";

/* Signs @payload and returns the length. */
static size_t make(uint8_t bytes[256])
{
        return envelope_sign(payload, sizeof(payload), sample_seed, bytes);
}

static void test_envelope_begins_as_the_document_says(void **state)
{
        static const uint8_t start[] = {0xd2, 0x84, 0x4d, 0xa2, 0x01, 0x27, 0x04, 0x48};
        struct issuer issuer;
        uint8_t bytes[256];
        size_t n = make(bytes);

        (void)state;
        sample_issuers(&issuer);
        assert_memory_equal(bytes, start, 8);
        assert_memory_equal(bytes + 8, issuer.kid, 8);
        assert_int_equal(bytes[16], 0xa0);
        assert_int_equal(n, 17 + 2 + sizeof(payload) + 2 + 64);
        assert_true(n <= ENVELOPE_BYTES(sizeof(payload)));
        assert_memory_equal(bytes + 17 + 2, payload, sizeof(payload));
}

static void test_envelope_goes_both_ways(void **state)
{
        struct envelope envelope;
        struct issuer issuer;
        uint8_t bytes[256];
        size_t n = make(bytes);

        (void)state;
        sample_issuers(&issuer);
        assert_int_equal(envelope_parse(bytes, n, &envelope), REASON_NONE);
        assert_memory_equal(envelope.kid, issuer.kid, sizeof(issuer.kid));
        assert_ptr_equal(envelope.payload.bytes, bytes + 19);
        assert_int_equal(envelope.payload.n_bytes, sizeof(payload));
        assert_int_equal(envelope_verify(&envelope, issuer.key), REASON_NONE);

        n = envelope_wrap(payload, sizeof(payload), issuer.kid, bytes);
        assert_int_equal(envelope_parse(bytes, n, &envelope), REASON_NONE);
        assert_int_equal(envelope_verify(&envelope, issuer.key), REASON_CODE_UNSIGNED);
}

/* The structure of RFC 9052, section 4.4, put together by hand here. */
static void test_envelope_signature_is_over_the_sig_structure(void **state)
{
        uint8_t bytes[256],
                expected[256] = {0x84, 0x6a, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};
        struct issuer issuer;
        size_t n = 12, n_bytes = make(bytes);

        (void)state;
        sample_issuers(&issuer);
        memcpy(expected + n, bytes + 2, 14);
        n += 14;
        expected[n++] = 0x40;
        memcpy(expected + n, bytes + 17, 2 + sizeof(payload));
        n += 2 + sizeof(payload);
        assert_int_equal(crypto_sign_verify_detached(bytes + n_bytes - 64, expected, n, issuer.key),
                         0);
}

static void test_envelope_every_truncation_is_named(void **state)
{
        struct envelope envelope;
        uint8_t bytes[256];
        size_t n = make(bytes);

        (void)state;
        for (size_t cut = 1; cut < n; cut++)
                assert_int_equal(envelope_parse(bytes, cut, &envelope), REASON_CODE_TRUNCATED);
        assert_int_equal(envelope_parse(bytes, 0, &envelope), REASON_CODE_NOT_ENROLLMENT);
}

static void test_envelope_every_flipped_bit_is_refused(void **state)
{
        struct issuer issuer;
        struct issuers issuers = sample_issuers(&issuer);
        uint8_t bytes[256];
        size_t n = make(bytes);

        (void)state;
        for (size_t bit = 0; bit < 8 * n; bit++) {
                struct envelope envelope;
                enum reason reason;

                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                reason = envelope_parse(bytes, n, &envelope);
                if (!reason && !issuers_find(&issuers, envelope.kid))
                        reason = REASON_CODE_ISSUER_UNKNOWN;
                else if (!reason)
                        reason = envelope_verify(&envelope, issuer.key);
                bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);

                if (bit < 16)
                        assert_int_equal(reason, REASON_CODE_NOT_ENROLLMENT);
                else if (bit >= 64 && bit < 128)
                        assert_int_equal(reason, REASON_CODE_ISSUER_UNKNOWN);
                else
                        assert_true(reason == REASON_CODE_ALTERED ||
                                    reason == REASON_CODE_TRUNCATED);
        }
}

static void test_envelope_of_another_shape_is_altered(void **state)
{
        /* clang-format off */
        static const struct {
                const char *what, *hex;
        } cases[] = {
                { "three elements",        "d2834da2012704480001020304050607a0" "4100" },
                { "another algorithm",     "d2844da2012604480001020304050607a0" "4100" "40" },
                { "a longer kid",          "d2844ea201270449000102030405060708a0" "4100" "40" },
                { "unprotected content",   "d2844da2012704480001020304050607a10126" "4100" "40" },
                { "a detached payload",    "d2844da2012704480001020304050607a0" "f6" "40" },
                { "a payload of text",     "d2844da2012704480001020304050607a0" "6161" "40" },
                { "a signature of 1 byte", "d2844da2012704480001020304050607a0" "4100" "4100" },
                { "something after it",    "d2844da2012704480001020304050607a0" "4100" "40" "00" },
                { "a head too long",       "d2844da2012704480001020304050607a0" "580100" "40" },
                { "an indefinite length",  "d2844da2012704480001020304050607a0" "5f4100ff" "40" },
                { "an indefinite map",     "d2844da2012704480001020304050607bfff" "4100" "40" },
        };
        /* clang-format on */

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct envelope envelope;
                uint8_t bytes[64];
                size_t n = strlen(cases[i].hex) / 2;
                enum reason reason;

                assert_int_equal(hex_decode(cases[i].hex, bytes, n), 0);
                reason = envelope_parse(bytes, n, &envelope);
                if (reason != (i == 0 ? REASON_CODE_NOT_ENROLLMENT : REASON_CODE_ALTERED))
                        fail_msg("%s: %s", cases[i].what, reason_code(reason));
        }
}

static void test_envelope_of_another_issuer_is_altered(void **state)
{
        const uint8_t other_seed[32] = {9};
        uint8_t bytes[256], other_key[32], secret_key[64];
        struct envelope envelope;
        size_t n = make(bytes);

        (void)state;
        crypto_sign_seed_keypair(other_key, secret_key, other_seed);
        assert_int_equal(envelope_parse(bytes, n, &envelope), REASON_NONE);
        assert_int_equal(envelope_verify(&envelope, other_key), REASON_CODE_ALTERED);
}

static void test_envelope_larger_than_any_code_is_altered(void **state)
{
        static uint8_t large[CODE_BYTES_MAX], bytes[ENVELOPE_BYTES(CODE_BYTES_MAX)];
        struct envelope envelope;
        size_t n;

        (void)state;
        n = envelope_sign(large, CODE_BYTES_MAX - 17 - 3 - 66, sample_seed, bytes);
        assert_int_equal(n, CODE_BYTES_MAX);
        assert_int_equal(envelope_parse(bytes, n, &envelope), REASON_NONE);
        n = envelope_wrap(large, CODE_BYTES_MAX - 17 - 3 - 1 + 1, sample_seed, bytes);
        assert_int_equal(n, CODE_BYTES_MAX + 1);
        assert_int_equal(envelope_parse(bytes, n, &envelope), REASON_CODE_ALTERED);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_envelope_begins_as_the_document_says),
                cmocka_unit_test(test_envelope_goes_both_ways),
                cmocka_unit_test(test_envelope_signature_is_over_the_sig_structure),
                cmocka_unit_test(test_envelope_every_truncation_is_named),
                cmocka_unit_test(test_envelope_every_flipped_bit_is_refused),
                cmocka_unit_test(test_envelope_of_another_shape_is_altered),
                cmocka_unit_test(test_envelope_of_another_issuer_is_altered),
                cmocka_unit_test(test_envelope_larger_than_any_code_is_altered),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
