/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "code/issuer.h"

/* Public keys of RFC 8032, section 7.1. */
#define KEY1 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY2 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"

#define NOBODY 65534

struct fixture {
        char directory[64];
        struct issuers issuers;
        unsigned n_errors, line;
        char path[128], text[128];
};

static void on_error(void *userdata, const char *path, unsigned line, const char *text)
{
        struct fixture *f = userdata;

        f->n_errors++;
        f->line = line;
        (void)snprintf(f->path, sizeof(f->path), "%s", path);
        (void)snprintf(f->text, sizeof(f->text), "%s", text);
}

static int load(struct fixture *f)
{
        const struct issuers_handler listener = {on_error, f};

        return issuers_load(&f->issuers, f->directory, &listener);
}

static void put(struct fixture *f, const char *name, const char *content)
{
        char path[128];
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/%s", f->directory, name);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fputs(content, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(chmod(path, 0644), 0);
}

static void drop(struct fixture *f, const char *name)
{
        char path[128];

        (void)snprintf(path, sizeof(path), "%s/%s", f->directory, name);
        assert_int_equal(unlink(path), 0);
}

static int setup(void **state)
{
        struct fixture *f = calloc(1, sizeof(*f));

        (void)snprintf(f->directory, sizeof(f->directory), "/tmp/test-issuer-XXXXXX");
        *state = f;
        return mkdtemp(f->directory) ? 0 : -1;
}

static int teardown(void **state)
{
        struct fixture *f = *state;
        int r = rmdir(f->directory);

        issuers_done(&f->issuers);
        free(f);
        return r;
}

static void test_issuer_file_is_read_whole(void **state)
{
        static const uint8_t kid[8] = {0x21, 0xfe, 0x31, 0xdf, 0xa1, 0x54, 0xa2, 0x61};
        struct fixture *f = *state;
        const struct issuer *issuer;

        put(f, "a.issuer",
            "[issuer]\nname = Nordlicht\nkey = " KEY1
            "\ncapabilities = channel.publish  key.forward\nproducts = Nordlicht/* "
            "Other/Thermo?One\n");
        put(f, "b.issuer", "; plain\n[issuer]\nname=B\xc3\xa4r\nkey=" KEY2 "\n");
        put(f, "ignored.txt", "garbage");
        put(f, ".hidden.issuer", "garbage");
        assert_int_equal(load(f), 0);
        assert_int_equal(f->n_errors, 0);
        assert_int_equal(f->issuers.n_list, 2);

        issuer = issuers_find(&f->issuers, kid);
        assert_non_null(issuer);
        assert_string_equal(issuer->name, "Nordlicht");
        assert_int_equal(issuer->key[0], 0xd7);
        assert_int_equal(issuer->capabilities, 5);
        assert_true(issuer_allows_product(issuer, "Nordlicht", "Thermo One"));
        assert_true(issuer_allows_product(issuer, "Other", "Thermo One"));
        assert_false(issuer_allows_product(issuer, "Other", "Thermo Two"));
        assert_false(issuer_allows_product(issuer, "Nordlich", "t/x"));

        issuer = &f->issuers.list[1];
        assert_string_equal(issuer->name, "B\xc3\xa4r");
        assert_int_equal(issuer->capabilities, 0);
        assert_true(issuer_allows_product(issuer, "Anybody", "Anything"));
        assert_null(issuers_find(&f->issuers, (const uint8_t *)"12345678"));
        drop(f, "a.issuer");
        drop(f, "b.issuer");
        drop(f, "ignored.txt");
        drop(f, ".hidden.issuer");
}

static void test_issuer_bad_file_is_refused_with_its_line_and_the_others_stay(void **state)
{
        /* clang-format off */
        static const struct {
                const char *content;
                unsigned line;
                const char *text;
        } cases[] = {
                { "", 0, "the name or the key is missing" },
                { "[issuer]\nname = N\n", 0, "the name or the key is missing" },
                { "[issuer]\nkey = " KEY1 "\n", 0, "the name or the key is missing" },
                { "name = N\n", 1, "a line is name, key, capabilities or products, in [issuer]" },
                { "[other]\nname = N\nkey = " KEY1 "\n", 2, "a line is name, key, capabilities or products, in [issuer]" },
                { "[issuer]\nname = N\nkey = " KEY1 "\nexpires = never\n", 4, "a line is name, key, capabilities or products, in [issuer]" },
                { "[issuer]\nname = N\nkey = " KEY1 "\ngarbage\n", 4, "this is not \"name = value\", or too long" },
                { "[issuer]\nname =\nkey = " KEY1 "\n", 2, "a name has 1 to 32 printable bytes" },
                { "[issuer]\nname = 123456789012345678901234567890123\nkey = " KEY1 "\n", 2, "a name has 1 to 32 printable bytes" },
                { "[issuer]\nname = a\x1b[1m\nkey = " KEY1 "\n", 2, "a name has 1 to 32 printable bytes" },
                { "[issuer]\nname = N\nname = M\nkey = " KEY1 "\n", 3, "a second name" },
                { "[issuer]\nname = N\nkey = abcd\n", 3, "a key is 64 hexadecimal digits" },
                { "[issuer]\nname = N\nkey = " KEY1 "00\n", 3, "a key is 64 hexadecimal digits" },
                { "[issuer]\nname = N\nkey = 0000000000000000000000000000000000000000000000000000000000000000\n", 3, "this is not an Ed25519 public key" },
                { "[issuer]\nname = N\nkey = " KEY1 "\nkey = " KEY1 "\n", 4, "a second key" },
                { "[issuer]\nname = N\nkey = " KEY1 "\ncapabilities = everything\n", 4, "a capability is channel.publish, channel.command or key.forward" },
                { "[issuer]\nname = N\nkey = " KEY1 "\ncapabilities =\ncapabilities = key.forward\n", 5, "a second line of capabilities" },
                { "[issuer]\nname = N\nkey = " KEY1 "\nproducts = a\nproducts = b\n", 5, "a second line of products" },
        };
        /* clang-format on */
        struct fixture *f = *state;

        put(f, "good.issuer", "[issuer]\nname = Good\nkey = " KEY2 "\n");
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                f->n_errors = 0;
                f->line = 99;
                put(f, "bad.issuer", cases[i].content);
                assert_int_equal(load(f), 0);
                if (f->n_errors != 1 || f->line != cases[i].line ||
                    strcmp(f->text, cases[i].text) != 0)
                        fail_msg("row %zu: %u errors, line %u: %s", i, f->n_errors, f->line,
                                 f->text);
                assert_non_null(strstr(f->path, "/bad.issuer"));
                assert_int_equal(f->issuers.n_list, 1);
                assert_string_equal(f->issuers.list[0].name, "Good");
                issuers_done(&f->issuers);
        }
        drop(f, "bad.issuer");
        drop(f, "good.issuer");
}

static void test_issuer_two_files_with_one_key_are_both_refused(void **state)
{
        struct fixture *f = *state;

        put(f, "a.issuer", "[issuer]\nname = A\nkey = " KEY1 "\nproducts = *\n");
        put(f, "b.issuer", "[issuer]\nname = B\nkey = " KEY2 "\n");
        put(f, "c.issuer", "[issuer]\nname = C\nkey = " KEY1 "\n");
        assert_int_equal(load(f), 0);
        assert_int_equal(f->n_errors, 2);
        assert_string_equal(f->text, "another file has the same key, and says something else");
        assert_int_equal(f->issuers.n_list, 1);
        assert_string_equal(f->issuers.list[0].name, "B");
        drop(f, "a.issuer");
        drop(f, "b.issuer");
        drop(f, "c.issuer");
}

static void test_issuer_two_files_that_say_the_same_count_once(void **state)
{
        struct fixture *f = *state;

        put(f, "a.issuer", "[issuer]\nname = A\nkey = " KEY1 "\nproducts = *\n");
        put(f, "b.issuer", "[issuer]\nname = A\nkey = " KEY1 "\nproducts = *\n");
        assert_int_equal(load(f), 0);
        assert_int_equal(f->n_errors, 0);
        assert_int_equal(f->issuers.n_list, 1);
        issuers_done(&f->issuers);

        put(f, "c.issuer", "[issuer]\nname = A\nkey = " KEY1 "\nproducts =\n");
        assert_int_equal(load(f), 0);
        assert_int_equal(f->n_errors, 3);
        assert_int_equal(f->issuers.n_refused, 3);
        assert_int_equal(f->issuers.n_list, 0);
        drop(f, "a.issuer");
        drop(f, "b.issuer");
        drop(f, "c.issuer");
}

static void test_issuer_file_that_anybody_can_write_is_refused(void **state)
{
        struct fixture *f = *state;
        char path[128];

        put(f, "a.issuer", "[issuer]\nname = A\nkey = " KEY1 "\n");
        (void)snprintf(path, sizeof(path), "%s/a.issuer", f->directory);
        assert_int_equal(chmod(path, 0666), 0);
        assert_int_equal(load(f), 0);
        assert_int_equal(f->n_errors, 1);
        assert_int_equal(f->issuers.n_list, 0);
        drop(f, "a.issuer");
}

static void test_issuer_unreadable_file_is_refused_with_the_systems_reason(void **state)
{
        struct fixture *f = *state;
        bool root = geteuid() == 0, may_read;
        char path[128];

        put(f, "a.issuer", "[issuer]\nname = A\nkey = " KEY1 "\n");
        (void)snprintf(path, sizeof(path), "%s/a.issuer", f->directory);
        assert_int_equal(chmod(path, 0), 0);
        assert_int_equal(chmod(f->directory, 0755), 0);
        may_read = root && seteuid(NOBODY) < 0;
        f->line = 99;
        assert_int_equal(load(f), 0);
        assert_int_equal(seteuid(getuid()), 0);
        drop(f, "a.issuer");
        if (may_read)
                skip();
        assert_int_equal(f->n_errors, 1);
        assert_int_equal(f->line, 0);
        assert_string_equal(f->text, strerror(EACCES));
}

static void test_issuer_dangling_link_is_refused_and_no_directory_is_an_error(void **state)
{
        const struct issuers_handler listener = {on_error, *state};
        struct fixture *f = *state;
        char path[128];

        (void)snprintf(path, sizeof(path), "%s/a.issuer", f->directory);
        assert_int_equal(symlink("nowhere", path), 0);
        assert_int_equal(load(f), 0);
        assert_int_equal(f->n_errors, 1);
        assert_string_equal(f->text, strerror(ENOENT));
        assert_int_equal(issuers_load(&f->issuers, "/nonexistent", &listener), -ENOENT);
        drop(f, "a.issuer");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_issuer_file_is_read_whole, setup, teardown),
                cmocka_unit_test_setup_teardown(
                        test_issuer_bad_file_is_refused_with_its_line_and_the_others_stay, setup,
                        teardown),
                cmocka_unit_test_setup_teardown(test_issuer_two_files_with_one_key_are_both_refused,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(test_issuer_two_files_that_say_the_same_count_once,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(test_issuer_file_that_anybody_can_write_is_refused,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(
                        test_issuer_unreadable_file_is_refused_with_the_systems_reason, setup,
                        teardown),
                cmocka_unit_test_setup_teardown(
                        test_issuer_dangling_link_is_refused_and_no_directory_is_an_error, setup,
                        teardown),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
