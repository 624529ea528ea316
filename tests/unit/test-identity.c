/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/identity.h"
#include "wire/crypto.h"

#define KEY    "\"private_key\": \"77076d0a7318a57d3c16c17251b26645df4c0eb1b8a3fb9b1e0f7a9c7ee9f0d5\""
#define SECRET "\"secret\": \"2222222222222222222222222222222222222222222222222222222222222222\""

static struct identity identity;
static char error[IDENTITY_ERROR_BYTES];

static void test_identity_complete_file_is_taken(void **state)
{
        static const char text[] =
                "{" KEY "," SECRET ",\"serial\": \"N1-000042\",\"maker\": \"Nordlicht\","
                "\"model\": \"Thermo One\",\"software\": \"1.0.0\"}";
        uint8_t public_key[32];

        (void)state;
        assert_int_equal(identity_parse(&identity, text, strlen(text), error), 0);
        crypto_x25519_base(identity.private_key, public_key);
        assert_memory_equal(identity.public_key, public_key, 32);
        assert_int_equal(identity.private_key[0], 0x77);
        assert_int_equal(identity.secret[31], 0x22);
        assert_string_equal(identity.serial, "N1-000042");
        assert_string_equal(identity.maker, "Nordlicht");
        assert_string_equal(identity.model, "Thermo One");
        assert_string_equal(identity.software, "1.0.0");
}

static void test_identity_texts_may_be_missing(void **state)
{
        static const char text[] = "{" KEY "," SECRET "}";

        (void)state;
        assert_int_equal(identity_parse(&identity, text, strlen(text), error), 0);
        assert_string_equal(identity.serial, "");
}

static void test_identity_wrong_files_are_told(void **state)
{
        static const struct {
                const char *text, *error;
        } cases[] = {
                {"", "The file is not JSON"},
                {"[]", "The file is not a JSON object"},
                {"{" KEY "}", "secret is missing"},
                {"{" SECRET "}", "private_key is missing"},
                {"{" KEY "," KEY "," SECRET "}", "The file is not JSON"},
                {"{" SECRET ", \"private_key\": \"77\"}",
                 "private_key must be 64 hexadecimal digits"},
                {"{" SECRET ", \"private_key\": 77}", "private_key must be 64 hexadecimal digits"},
                {"{" KEY "," SECRET ", \"serial\": \"\"}",
                 "serial must be a text of 1 to 32 bytes"},
                {"{" KEY "," SECRET ", \"serial\": 42}", "serial must be a text of 1 to 32 bytes"},
                {"{" KEY "," SECRET ", \"model\": \"a\\nb\"}",
                 "model must be a text of 1 to 32 bytes"},
                {"{" KEY "," SECRET ", \"model\": \"123456789012345678901234567890123\"}",
                 "model must be a text of 1 to 32 bytes"},
                {"{" KEY "," SECRET ", \"colour\": \"red\"}",
                 "colour is not a field; they are private_key, secret, serial, maker, model and "
                 "software"},
        };
        static const struct identity zero;

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                assert_int_equal(
                        identity_parse(&identity, cases[i].text, strlen(cases[i].text), error),
                        -22);
                assert_string_equal(error, cases[i].error);
                assert_memory_equal(&identity, &zero, sizeof(zero));
        }
}

static void test_identity_is_read_from_a_file(void **state)
{
        char path[] = "/tmp/test-identity.XXXXXX";
        int fd = mkstemp(path);

        (void)state;
        assert_true(fd >= 0);
        assert_int_equal(dprintf(fd, "{%s, %s}\n", KEY, SECRET), sizeof(KEY) + sizeof(SECRET) + 3);
        (void)close(fd);
        assert_int_equal(identity_read(&identity, path, error), 0);
        assert_int_equal(identity.private_key[31], 0xd5);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(identity_read(&identity, path, error), -2);
        assert_string_equal(error, "No such file or directory");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_identity_complete_file_is_taken),
                cmocka_unit_test(test_identity_texts_may_be_missing),
                cmocka_unit_test(test_identity_wrong_files_are_told),
                cmocka_unit_test(test_identity_is_read_from_a_file),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
