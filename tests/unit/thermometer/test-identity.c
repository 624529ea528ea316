/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "thermometer/identity.h"
#include "util/file.h"
#include "wire/crypto.h"
#include "wire/kdf.h"

#define KEY    "\"private_key\": \"77076d0a7318a57d3c16c17251b26645df4c0eb1b8a3fb9b1e0f7a9c7ee9f0d5\""
#define SECRET "\"secret\": \"2222222222222222222222222222222222222222222222222222222222222222\""

#define ADV "\"adv_key\": \"3333333333333333333333333333333333333333333333333333333333333333\""
#define MAC "\"mac_key\": \"4444444444444444444444444444444444444444444444444444444444444444\""

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
                {"{" KEY "," ADV "}", "secret is missing"},
                {"{" KEY "," MAC "}", "secret is missing"},
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
                 "colour is not a field; the fields are private_key, secret, serial, maker, model "
                 "and software"},
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

static void test_identity_without_its_secret_has_two_keys(void **state)
{
        static const char text[] = "{" KEY "," ADV "," MAC "}";

        (void)state;
        assert_int_equal(identity_parse(&identity, text, strlen(text), error), 0);
        assert_false(identity.has_secret);
        assert_int_equal(identity.adv_key[31], 0x33);
        assert_int_equal(identity.mac_key[31], 0x44);
}

static void test_identity_is_kept_without_its_secret(void **state)
{
        static const char text[] = "{" KEY "," SECRET ",\"maker\": \"Nord \\\"licht\\\"\"}";
        char directory[] = "/tmp/test-identity.XXXXXX", path[64], content[1024];
        uint8_t adv_key[32], secret[32];
        struct memory *memory;
        struct identity kept;
        FILE *f;
        size_t n;

        (void)state;
        assert_non_null(mkdtemp(directory));
        assert_int_equal(memory_open(directory, &memory), 0);
        assert_int_equal(identity_recall(&kept, memory, error), -2);
        assert_int_equal(identity_parse(&identity, text, strlen(text), error), 0);
        assert_true(identity.has_secret);
        memset(secret, 0x22, sizeof(secret));
        kdf_adv_key(secret, adv_key);
        assert_memory_equal(identity.adv_key, adv_key, 32);
        assert_int_equal(identity_keep(&identity, memory), 0);
        identity_erase(&identity);
        assert_null(memmem(&identity, sizeof(identity), secret, 32));
        assert_int_equal(identity_recall(&kept, memory, error), 0);
        assert_memory_equal(&kept, &identity, sizeof(kept));

        /* The file of the factory, in which there was a secret. */
        (void)snprintf(path, sizeof(path), "%s/card.device", directory);
        assert_int_equal(file_replace(AT_FDCWD, path, text, strlen(text)), 0);
        assert_int_equal(identity_read(&kept, path, error), 0);
        assert_int_equal(identity_rewrite(&kept, path), 0);
        f = fopen(path, "re");
        assert_non_null(f);
        n = fread(content, 1, sizeof(content) - 1, f);
        assert_int_equal(fclose(f), 0);
        content[n] = '\0';
        assert_null(strstr(content, "2222"));
        assert_int_equal(identity_read(&kept, path, error), 0);
        assert_memory_equal(&kept, &identity, sizeof(kept));

        assert_int_equal(memory_write(memory, MEMORY_IDENTITY, "{}", 2), 0);
        assert_int_equal(identity_recall(&kept, memory, error), -22);
        assert_int_equal(memory_remove(memory, MEMORY_IDENTITY), 0);
        memory = memory_free(memory);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(rmdir(directory), 0);
        assert_true(identity_rewrite(&kept, path) < 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_identity_complete_file_is_taken),
                cmocka_unit_test(test_identity_texts_may_be_missing),
                cmocka_unit_test(test_identity_wrong_files_are_told),
                cmocka_unit_test(test_identity_is_read_from_a_file),
                cmocka_unit_test(test_identity_without_its_secret_has_two_keys),
                cmocka_unit_test(test_identity_is_kept_without_its_secret),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
