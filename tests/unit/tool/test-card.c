/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "tool/argument.h"
#include "tool/card.h"
#include "tool/key.h"
#include "util/file.h"

#define HEX "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20"

static char directory[64], path[128];

static const char *in_directory(const char *name)
{
        (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
        return path;
}

static int setup(void **state)
{
        (void)state;
        (void)snprintf(directory, sizeof(directory), "/tmp/test-card-XXXXXX");
        return mkdtemp(directory) && sodium_init() >= 0 ? 0 : -1;
}

static int teardown(void **state)
{
        (void)state;
        return rmdir(directory);
}

static int parse(struct card *card, const char *text, char error[160])
{
        return card_parse(card, text, strlen(text), error);
}

static void test_card_of_a_foreign_device_is_taken(void **state)
{
        struct card card;
        char error[160];

        (void)state;
        assert_int_equal(parse(&card,
                               "{\"public_key\":\"" HEX "\",\"secret\":\"" HEX "\","
                               "\"serial\":\"S1\",\"maker\":\"M\",\"model\":\"O\","
                               "\"reach\":[\"stream\",\"ble\"]}",
                               error),
                         0);
        assert_string_equal(card.serial, "S1");
        assert_string_equal(card.maker, "M");
        assert_string_equal(card.model, "O");
        assert_int_equal(card.public_key[31], 0x20);
        assert_int_equal(card.secret[0], 1);
        assert_int_equal(card.reach, 3);
        assert_int_equal(parse(&card, "{\"public_key\":\"" HEX "\",\"secret\":\"" HEX "\"}", error),
                         0);
        assert_string_equal(card.serial, "");
        assert_int_equal(card.reach, PAYLOAD_REACH_BLE);
}

static void test_card_that_is_wrong_leaves_no_secret(void **state)
{
        static const char *const wrong[] = {
                "",
                "5",
                "{\"secret\":\"" HEX "\"}",
                "{\"secret\":\"" HEX "\",\"secret\":\"" HEX "\",\"public_key\":\"" HEX "\"}",
                "{\"secret\":\"" HEX "\",\"public_key\":\"" HEX "\",\"x\":1}",
                "{\"secret\":\"" HEX "\",\"public_key\":\"" HEX "\",\"reach\":[]}",
                "{\"secret\":\"" HEX "\",\"public_key\":\"" HEX "\",\"serial\":\"\"}",
                "{\"secret\":\"" HEX "\",\"public_key\":\"" HEX "\",\"serial\":\"\\u0000\"}",
                "{\"secret\":\"" HEX "\",\"public_key\":\"" HEX "\",\"maker\":\"M\"}",
                "{\"secret\":\"" HEX "00\",\"public_key\":\"" HEX "\"}",
                "{\"secret\":\"0000000000000000000000000000000000000000000000000000000000000000\","
                "\"public_key\":\"" HEX "\"}",
        };

        (void)state;
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                struct card card;
                char error[160] = "";

                if (parse(&card, wrong[i], error) != -EINVAL || !error[0])
                        fail_msg("row %zu: %s", i, error);
                assert_true(sodium_is_zero(card.secret, sizeof(card.secret)));
        }
}

static void test_card_made_here_is_read_back_and_the_keys_belong_together(void **state)
{
        uint8_t private_key[32], expected[32];
        struct card card = {.serial = "S1", .reach = 3}, back;
        char *text = NULL, error[160];
        struct stat st;
        size_t n;

        (void)state;
        card_generate(&card, private_key);
        assert_int_equal(crypto_scalarmult_base(expected, private_key), 0);
        assert_memory_equal(card.public_key, expected, 32);
        assert_int_equal(card_write(&card, in_directory("c.json")), 0);
        assert_int_equal(card_write(&card, path), -EEXIST);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_int_equal(argument_read(path, &text, &n), 0);
        assert_int_equal(card_parse(&back, text, n, error), 0);
        assert_memory_equal(&back, &card, sizeof(card));
        file_free(text, n);
        assert_int_equal(unlink(path), 0);

        assert_int_equal(card_write_device(&card, private_key, "2.0", in_directory("c.device")), 0);
        assert_int_equal(argument_read(path, &text, &n), 0);
        assert_non_null(strstr(text, "\"private_key\""));
        assert_non_null(strstr(text, "\"software\": \"2.0\""));
        assert_null(strstr(text, "\"maker\""));
        file_free(text, n);
        assert_int_equal(unlink(path), 0);
        card_done(&card);
        assert_true(sodium_is_zero((const uint8_t *)&card, sizeof(card)));
}

static void test_key_is_read_back_and_makes_an_issuer(void **state)
{
        struct key key, back;
        char *text = NULL;
        size_t n;

        (void)state;
        assert_int_equal(key_generate(&key, ""), -EINVAL);
        assert_int_equal(key_generate(&key, "a\nb"), -EINVAL);
        assert_int_equal(key_generate(&key, "Nordlicht"), 0);
        assert_int_equal(key_write(&key, in_directory("N.key")), 0);
        assert_int_equal(key_write(&key, path), -EEXIST);
        assert_int_equal(key_read(&back, path), 0);
        assert_memory_equal(&back, &key, sizeof(key));
        assert_int_equal(unlink(path), 0);

        assert_int_equal(key_write_issuer(&key, in_directory("N.issuer"), 5, "A/* B/?"), 0);
        assert_int_equal(argument_read(path, &text, &n), 0);
        assert_non_null(strstr(text, "\ncapabilities = channel.publish key.forward\n"));
        assert_non_null(strstr(text, "\nproducts = A/* B/?\n"));
        file_free(text, n);
        assert_int_equal(unlink(path), 0);
}

static void test_key_file_that_is_wrong_names_its_line(void **state)
{
        static const struct {
                const char *text;
                int expected;
        } cases[] = {
                {"[key]\nname = N\nseed = " HEX "\n", 0},
                {"[key]\nname = N\nseed = 00\n", 3},
                {"[key]\nname = N\n", 1},
                {"[key]\nseed = " HEX "\n", 1},
                {"[issuer]\nname = N\nseed = " HEX "\n", 2},
                {"[key]\nname = N\nseed = " HEX "\nx = y\n", 4},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct key key;

                assert_int_equal(file_write(in_directory("x.key"), cases[i].text,
                                            strlen(cases[i].text), 0600, false),
                                 0);
                assert_int_equal(key_read(&key, path), cases[i].expected);
                if (cases[i].expected)
                        assert_true(sodium_is_zero((const uint8_t *)&key, sizeof(key)));
        }
        assert_int_equal(unlink(path), 0);
        assert_int_equal(key_read(&(struct key){{0}, {0}, {0}}, path), -ENOENT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_card_of_a_foreign_device_is_taken),
                cmocka_unit_test(test_card_that_is_wrong_leaves_no_secret),
                cmocka_unit_test(test_card_made_here_is_read_back_and_the_keys_belong_together),
                cmocka_unit_test(test_key_is_read_back_and_makes_an_issuer),
                cmocka_unit_test(test_key_file_that_is_wrong_names_its_line),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
