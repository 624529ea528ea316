/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tool/argument.h"
#include "util/file.h"

static char path[] = "/tmp/enrolld-argument-XXXXXX";

static int setup(void **state)
{
        int fd = mkstemp(path);

        (void)state;
        return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state)
{
        (void)state;
        return unlink(path);
}

static void test_argument_above_the_limit_is_refused(void **state)
{
        static char large[ARGUMENT_BYTES_MAX + 1];
        char *text = NULL;
        size_t n = 0;

        (void)state;
        memset(large, 'x', sizeof(large));
        assert_int_equal(argument_write(path, large, ARGUMENT_BYTES_MAX), 0);
        assert_int_equal(argument_read(path, &text, &n), 0);
        assert_int_equal(n, ARGUMENT_BYTES_MAX);
        assert_int_equal(text[n], '\0');
        file_free(text, n);
        assert_int_equal(argument_write(path, large, sizeof(large)), 0);
        assert_int_equal(argument_read(path, &text, &n), -EFBIG);
}

static void test_argument_dash_is_the_standard_input(void **state)
{
        int in = dup(STDIN_FILENO), ends[2];
        char *text = NULL;
        size_t n = 0;

        (void)state;
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(file_write_fd(ends[1], "abc", 3), 0);
        (void)close(ends[1]);
        assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
        (void)close(ends[0]);
        assert_int_equal(argument_read("-", &text, &n), 0);
        assert_string_equal(text, "abc");
        file_free(text, n);
        assert_true(dup2(in, STDIN_FILENO) >= 0);
        (void)close(in);
}

static void test_argument_code_is_a_text_or_a_file(void **state)
{
        char *text = NULL;
        size_t n = 0;

        (void)state;
        assert_int_equal(argument_read_code("ENR1:ABC", &text, &n), 0);
        assert_string_equal(text, "ENR1:ABC");
        assert_int_equal(n, 8);
        file_free(text, n);
        assert_int_equal(argument_read_code("> enr1.ABC", &text, &n), 0);
        assert_string_equal(text, "> enr1.ABC");
        file_free(text, n);
        assert_int_equal(argument_write(path, "xyz", 3), 0);
        assert_int_equal(argument_read_code(path, &text, &n), 0);
        assert_string_equal(text, "xyz");
        file_free(text, n);
        assert_int_equal(argument_read_code("/nowhere/at/all", &text, &n), -ENOENT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_argument_above_the_limit_is_refused),
                cmocka_unit_test(test_argument_dash_is_the_standard_input),
                cmocka_unit_test(test_argument_code_is_a_text_or_a_file),
        };
        return cmocka_run_group_tests(tests, setup, teardown);
}
