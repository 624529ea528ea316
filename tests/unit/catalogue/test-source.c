/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "catalogue/source.h"
#include "util/file.h"

static int file_of(const char *text, size_t n_text)
{
        int fd = memfd_create("catalogue", 0);

        assert_true(fd >= 0);
        assert_int_equal(file_write_fd(fd, text, n_text), 0);
        return fd;
}

static void assert_line(struct source *source, const char *wanted)
{
        const char *line;
        size_t n;

        assert_true(source_next(source, &line, &n));
        assert_int_equal(n, strlen(wanted));
        assert_memory_equal(line, wanted, n);
}

static void test_source_has_no_line_before_it_is_read(void **state)
{
        struct source source;
        const char *line;
        size_t n;

        (void)state;
        assert_int_equal(source_open(&source, file_of("one\n\nlast", 9)), 0);
        assert_false(source_next(&source, &line, &n));
        assert_int_equal(source_read(&source), 0);
        assert_true(source.is_whole);
        assert_line(&source, "one");
        assert_line(&source, "");
        assert_line(&source, "last");
        assert_false(source_next(&source, &line, &n));
        assert_int_equal(source_read(&source), 0);
        assert_false(source_next(&source, &line, &n));
        source_done(&source);
        source_done(&source);
}

static void test_source_is_read_in_slices_of_whole_lines(void **state)
{
        size_t n_text = 2 * SOURCE_SLICE + 10, n;
        char *text = malloc(n_text);
        struct source source;
        const char *line;

        (void)state;
        assert_non_null(text);
        memset(text, 'x', n_text);
        text[SOURCE_SLICE - 5] = text[n_text - 5] = '\n';
        assert_int_equal(source_open(&source, file_of(text, n_text)), 0);
        assert_int_equal(source_read(&source), 0);
        assert_true(source_next(&source, &line, &n));
        assert_int_equal(n, SOURCE_SLICE - 5);
        assert_false(source_next(&source, &line, &n));
        assert_int_equal(source_read(&source), 0);
        assert_false(source_next(&source, &line, &n));
        assert_false(source.is_whole);
        assert_int_equal(source_read(&source), 0);
        assert_true(source_next(&source, &line, &n));
        assert_int_equal(n, SOURCE_SLICE + 9);
        assert_line(&source, "xxxx");
        source_done(&source);
        free(text);
}

static void test_source_is_a_regular_file_that_is_not_too_large(void **state)
{
        struct source source = {.bytes = NULL};
        int pipes[2], fd;

        (void)state;
        assert_int_equal(pipe(pipes), 0);
        assert_int_equal(source_open(&source, pipes[0]), SOURCE_E_OTHER);
        assert_int_equal(close(pipes[0]), -1); /* it is closed */
        assert_int_equal(close(pipes[1]), 0);
        fd = file_of("", 0);
        assert_int_equal(ftruncate(fd, SOURCE_BYTES_MAX + 1), 0);
        assert_int_equal(source_open(&source, fd), -EFBIG);
        assert_int_equal(source_open(&source, file_of("", 0)), 0);
        assert_true(source.is_whole);
        source_done(&source);
        assert_int_equal(source_open(&source, -1), -EBADF);
}

static void test_source_that_becomes_shorter_ends(void **state)
{
        int fd = file_of("one\ntwo\n", 8);
        struct source source;
        const char *line;
        size_t n;

        (void)state;
        assert_int_equal(source_open(&source, fd), 0);
        assert_int_equal(ftruncate(fd, 5), 0);
        assert_int_equal(source_read(&source), 0);
        assert_false(source.is_whole);
        assert_line(&source, "one");
        assert_int_equal(source_read(&source), 0);
        assert_line(&source, "t");
        assert_false(source_next(&source, &line, &n));
        assert_true(source.is_whole);
        source_done(&source);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_source_has_no_line_before_it_is_read),
                cmocka_unit_test(test_source_is_read_in_slices_of_whole_lines),
                cmocka_unit_test(test_source_is_a_regular_file_that_is_not_too_large),
                cmocka_unit_test(test_source_that_becomes_shorter_ends),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
