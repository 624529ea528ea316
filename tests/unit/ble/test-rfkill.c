/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ble/rfkill.h"

static const char *const attributes[] = {"name", "soft", "hard"};

static void attribute_write(const char *directory, unsigned number, const char *name,
                            const char *value)
{
        char path[96];
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/rfkill%u", directory, number);
        (void)mkdir(path, 0700);
        (void)snprintf(path, sizeof(path), "%s/rfkill%u/%s", directory, number, name);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fprintf(file, "%s\n", value) > 0);
        assert_int_equal(fclose(file), 0);
}

static void switch_write(const char *directory, unsigned number, const char *name, const char *soft,
                         const char *hard)
{
        attribute_write(directory, number, "name", name);
        attribute_write(directory, number, "soft", soft);
        attribute_write(directory, number, "hard", hard);
}

static int directory_setup(void **state)
{
        char *directory = strdup("/tmp/test-rfkill-XXXXXX");

        assert_non_null(directory);
        assert_non_null(mkdtemp(directory));
        *state = directory;
        return 0;
}

static int directory_teardown(void **state)
{
        char path[96];

        for (unsigned n = 0; n < 4; n++) {
                for (size_t i = 0; i < 3; i++) {
                        (void)snprintf(path, sizeof(path), "%s/rfkill%u/%s", (char *)*state, n,
                                       attributes[i]);
                        (void)unlink(path);
                }
                (void)snprintf(path, sizeof(path), "%s/rfkill%u", (char *)*state, n);
                (void)rmdir(path);
        }
        assert_int_equal(rmdir(*state), 0);
        free(*state);
        return 0;
}

static void test_rfkill_soft_and_hard_block(void **state)
{
        static const struct {
                const char *soft, *hard;
                bool blocks;
        } cases[] = {{"0", "0", false}, {"1", "0", true}, {"0", "1", true}, {"1", "1", true}};

        for (size_t i = 0; i < 4; i++) {
                switch_write(*state, 0, "hci0", cases[i].soft, cases[i].hard);
                assert_int_equal(rfkill_blocks(*state, "hci0"), cases[i].blocks);
        }
}

static void test_rfkill_of_another_radio_does_not_count(void **state)
{
        switch_write(*state, 0, "phy0", "1", "1");
        switch_write(*state, 1, "hci1", "1", "0");
        switch_write(*state, 2, "hci0", "0", "0");
        switch_write(*state, 3, "hci01", "1", "0");
        assert_false(rfkill_blocks(*state, "hci0"));
        assert_true(rfkill_blocks(*state, "hci1"));
}

static void test_rfkill_what_is_missing_or_odd_does_not_block(void **state)
{
        char name[200];

        assert_false(rfkill_blocks("/does/not/exist", "hci0"));
        assert_false(rfkill_blocks(*state, "hci0"));
        attribute_write(*state, 0, "name", "hci0");
        assert_false(rfkill_blocks(*state, "hci0"));
        switch_write(*state, 0, "hci0", "", "yes");
        assert_false(rfkill_blocks(*state, "hci0"));
        memset(name, 'h', sizeof(name) - 1);
        name[sizeof(name) - 1] = '\0';
        switch_write(*state, 0, name, "1", "1");
        assert_false(rfkill_blocks(*state, "hci0"));
}

#define directory_test(f) cmocka_unit_test_setup_teardown(f, directory_setup, directory_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                directory_test(test_rfkill_soft_and_hard_block),
                directory_test(test_rfkill_of_another_radio_does_not_count),
                directory_test(test_rfkill_what_is_missing_or_odd_does_not_block),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
