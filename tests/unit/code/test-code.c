/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "code/code.h"
#include "support/code-sample.h"

#define HUB_VERSION 0x0001 /* 0.1 */

struct fixture {
        struct sample sample;
        struct issuer issuer;
        struct issuers issuers;
        struct code code;
        char text[TEXT_QR_CHARS(CODE_BYTES_MAX + 512) + 1];
};

static int setup(void **state)
{
        static struct fixture f;

        memset(&f, 0, sizeof(f));
        f.issuers = sample_issuers(&f.issuer);
        sample_init(&f.sample);
        sample_encode(&f.sample);
        sample_sign(&f.sample);
        *state = &f;
        return 0;
}

static enum reason open_bytes(struct fixture *f)
{
        return code_open(&f->code, f->sample.bytes, f->sample.n_bytes, &f->issuers, HUB_VERSION);
}

static enum reason open_text(struct fixture *f, const char *text, size_t n)
{
        return code_open(&f->code, (const uint8_t *)text, n, &f->issuers, HUB_VERSION);
}

/* Signs @payload as it is and opens it. */
static enum reason open_payload(struct fixture *f, const char *payload)
{
        sample_payload(&f->sample, payload);
        sample_sign(&f->sample);
        return open_bytes(f);
}

static bool is_wiped(const struct code *code)
{
        const uint8_t *bytes = (const uint8_t *)code;

        for (size_t i = 0; i < offsetof(struct code, detail); i++)
                if (bytes[i] != 0)
                        return false;
        return true;
}

static void test_code_opens_in_every_form(void **state)
{
        static const enum text_form forms[] = {TEXT_FORM_BINARY, TEXT_FORM_QR, TEXT_FORM_PASTE};
        struct fixture *f = *state;
        uint8_t hash[32];

        for (unsigned i = 0; i < 3; i++) {
                text_encode(forms[i], f->sample.bytes, f->sample.n_bytes, f->text);
                assert_int_equal(i ? open_text(f, f->text, strlen(f->text)) : open_bytes(f),
                                 REASON_NONE);
                assert_int_equal(f->code.n_bytes, f->sample.n_bytes);
                assert_memory_equal(f->code.bytes, f->sample.bytes, f->sample.n_bytes);
                assert_string_equal(f->code.payload.maker, "Nordlicht");
                assert_string_equal(f->code.issuer_name, "Nordlicht");
                assert_int_equal(f->code.issuer_capabilities, 7);
                crypto_hash_sha256(hash, f->sample.encoded, f->sample.n_encoded);
                assert_memory_equal(f->code.payload_hash, hash, 32);
                assert_in_range((uintptr_t)f->code.payload.applications[0].device.bytes,
                                (uintptr_t)f->code.bytes, (uintptr_t)f->code.bytes + 2953);
                assert_string_equal(f->code.detail, "");
                code_done(&f->code);
                assert_true(is_wiped(&f->code));
        }
}

static void test_code_what_is_no_code_is_told(void **state)
{
        struct fixture *f = *state;

        assert_int_equal(open_text(f, "", 0), REASON_CODE_NOT_ENROLLMENT);
        assert_int_equal(open_text(f, "https://example.org", 19), REASON_FOREIGN_WEB);
        assert_int_equal(open_text(f, "ENR1", 4), REASON_CODE_NOT_ENROLLMENT);
        assert_int_equal(open_text(f, "\xd2\x83", 2), REASON_CODE_NOT_ENROLLMENT);
        assert_int_equal(open_text(f, "ENR1:BB8", 8), REASON_CODE_MISCOPIED);
        assert_int_equal(open_text(f, "ENR2:whatever", 13), REASON_CODE_FORMAT_NEWER);
}

static void test_code_every_truncation_is_told(void **state)
{
        struct fixture *f = *state;
        size_t n = f->sample.n_bytes, n_text;

        for (size_t cut = 1; cut < n; cut++) {
                assert_int_equal(
                        code_open(&f->code, f->sample.bytes, cut, &f->issuers, HUB_VERSION),
                        REASON_CODE_TRUNCATED);
                assert_true(is_wiped(&f->code));
        }
        for (unsigned form = TEXT_FORM_QR; form <= TEXT_FORM_PASTE; form++) {
                text_encode(form, f->sample.bytes, n, f->text);
                n_text = strlen(f->text);
                for (size_t cut = TEXT_PREFIX_CHARS; cut < n_text; cut++)
                        assert_int_equal(open_text(f, f->text, cut), REASON_CODE_TRUNCATED);
        }
}

static void test_code_damaged_text_is_miscopied_and_nothing_is_left(void **state)
{
        static const enum text_form forms[] = {TEXT_FORM_QR, TEXT_FORM_PASTE};
        struct fixture *f = *state;

        for (unsigned i = 0; i < 2; i++) {
                text_encode(forms[i], f->sample.bytes, f->sample.n_bytes, f->text);
                f->text[40] = '#';
                assert_int_equal(open_text(f, f->text, strlen(f->text)), REASON_CODE_MISCOPIED);
                assert_true(is_wiped(&f->code));
        }
}

static void test_code_every_flipped_bit_is_refused_and_nothing_is_left(void **state)
{
        struct fixture *f = *state;

        for (size_t bit = 0; bit < 8 * f->sample.n_bytes; bit++) {
                f->sample.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_int_not_equal(open_bytes(f), REASON_NONE);
                assert_true(is_wiped(&f->code));
                f->sample.bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_int_equal(open_bytes(f), REASON_NONE);
}

static void test_code_too_large_is_altered(void **state)
{
        struct fixture *f = *state;

        memset(f->sample.encoded, 0, CODE_BYTES_MAX);
        f->sample.n_encoded = CODE_BYTES_MAX;
        sample_sign(&f->sample);
        assert_int_equal(open_bytes(f), REASON_CODE_ALTERED);
}

static void test_code_unsigned_is_told_before_the_issuer(void **state)
{
        struct fixture *f = *state;

        f->sample.n_bytes = envelope_wrap(f->sample.encoded, f->sample.n_encoded,
                                          (const uint8_t *)"nobody..", f->sample.bytes);
        assert_int_equal(open_bytes(f), REASON_CODE_UNSIGNED);
}

static void test_code_of_unknown_issuer_is_told(void **state)
{
        struct fixture *f = *state;
        const uint8_t other_seed[32] = {7};

        f->sample.n_bytes =
                envelope_sign(f->sample.encoded, f->sample.n_encoded, other_seed, f->sample.bytes);
        assert_int_equal(open_bytes(f), REASON_CODE_ISSUER_UNKNOWN);
        f->issuers.n_list = 0;
        sample_sign(&f->sample);
        assert_int_equal(open_bytes(f), REASON_CODE_ISSUER_UNKNOWN);
}

/*
 * The signature comes first: a payload of garbage, or of a newer format, is told as such only if it
 * is signed; otherwise nothing of it is ever mentioned.
 */
static void test_code_payload_is_not_looked_at_before_its_signature(void **state)
{
        static const struct {
                const char *payload;
                enum reason reason;
        } cases[] = {
                {"h'ffffffff'", REASON_CODE_MALFORMED},
                {"{1:2}", REASON_CODE_FORMAT_NEWER},
                {"{1:1,5:0}", REASON_CODE_MALFORMED},
        };
        struct fixture *f = *state;

        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_equal(open_payload(f, cases[i].payload), cases[i].reason);
                assert_int_equal(f->code.detail[0] != '\0',
                                 cases[i].reason == REASON_CODE_MALFORMED);
                assert_true(is_wiped(&f->code));
                f->sample.bytes[f->sample.n_bytes - 1] ^= 1;
                assert_int_equal(open_bytes(f), REASON_CODE_ALTERED);
                assert_string_equal(f->code.detail, "");
        }
}

static void test_code_newer_daemon_explains_what_is_not_understood(void **state)
{
        struct fixture *f = *state;

        f->sample.payload.daemon = HUB_VERSION;
        sample_encode(&f->sample);
        sample_sign(&f->sample);
        assert_int_equal(open_bytes(f), REASON_NONE);
        f->sample.payload.daemon = 0x0203;
        sample_encode(&f->sample);
        sample_sign(&f->sample);
        assert_int_equal(open_bytes(f), REASON_CODE_DAEMON_TOO_OLD);
        assert_string_equal(f->code.detail, "it needs version 2.3");
        f->sample.payload.capabilities = 0;
        sample_encode(&f->sample);
        sample_sign(&f->sample);
        assert_int_equal(open_bytes(f), REASON_CODE_DAEMON_TOO_OLD);
        f->sample.payload.daemon = HUB_VERSION;
        sample_encode(&f->sample);
        sample_sign(&f->sample);
        assert_int_equal(open_bytes(f), REASON_CODE_MALFORMED);
}

static void test_code_permit_asks_counter_then_product_then_capabilities(void **state)
{
        struct fixture *f = *state;
        char other[] = "Other/*";

        f->sample.payload.counter = 5;
        sample_encode(&f->sample);
        sample_sign(&f->sample);
        assert_int_equal(open_bytes(f), REASON_NONE);
        assert_int_equal(code_permit(&f->code, 5, 7), REASON_NONE);
        assert_int_equal(code_permit(&f->code, 6, 7), REASON_CODE_SUPERSEDED);
        assert_int_equal(code_permit(&f->code, 6, 0), REASON_CODE_SUPERSEDED);
        assert_int_equal(code_permit(&f->code, 0, 3), REASON_CODE_NOT_PERMITTED);
        assert_string_equal(f->code.detail, "it asks for key.forward");

        f->issuer.capabilities = 6;
        assert_int_equal(open_bytes(f), REASON_NONE);
        assert_int_equal(code_permit(&f->code, 0, 7), REASON_CODE_NOT_PERMITTED);
        assert_string_equal(f->code.detail, "it asks for channel.publish");

        f->issuer.products = other;
        assert_int_equal(open_bytes(f), REASON_NONE);
        assert_int_equal(code_permit(&f->code, 0, 7), REASON_CODE_NOT_PERMITTED);
        assert_string_equal(f->code.detail, "Nordlicht may not sign for Nordlicht Thermo One");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_code_opens_in_every_form, setup),
                cmocka_unit_test_setup(test_code_what_is_no_code_is_told, setup),
                cmocka_unit_test_setup(test_code_every_truncation_is_told, setup),
                cmocka_unit_test_setup(test_code_damaged_text_is_miscopied_and_nothing_is_left,
                                       setup),
                cmocka_unit_test_setup(test_code_every_flipped_bit_is_refused_and_nothing_is_left,
                                       setup),
                cmocka_unit_test_setup(test_code_too_large_is_altered, setup),
                cmocka_unit_test_setup(test_code_unsigned_is_told_before_the_issuer, setup),
                cmocka_unit_test_setup(test_code_of_unknown_issuer_is_told, setup),
                cmocka_unit_test_setup(test_code_payload_is_not_looked_at_before_its_signature,
                                       setup),
                cmocka_unit_test_setup(test_code_newer_daemon_explains_what_is_not_understood,
                                       setup),
                cmocka_unit_test_setup(test_code_permit_asks_counter_then_product_then_capabilities,
                                       setup),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
