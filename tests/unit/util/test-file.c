/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/file.h"
#include "util/free.h"

struct place {
        char directory[64], file[96], draft[96];
};

static int make_place(void **state)
{
        struct place *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        strcpy(p->directory, "/tmp/enrolld-file-XXXXXX");
        assert_non_null(mkdtemp(p->directory));
        (void)snprintf(p->file, sizeof(p->file), "%s/f", p->directory);
        (void)snprintf(p->draft, sizeof(p->draft), "%s/f.new", p->directory);
        *state = p;
        return 0;
}

/* Fails if anything but the file is left. */
static int drop_place(void **state)
{
        struct place *p = *state;

        (void)unlink(p->file);
        assert_int_equal(rmdir(p->directory), 0);
        free(p);
        return 0;
}

static void assert_file(const char *path, const char *content, mode_t mode)
{
        struct stat st;
        char *text = NULL;
        size_t n = 0;

        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, mode);
        assert_int_equal(file_load(path, 100, &text, &n), 0);
        assert_string_equal(text, content);
        assert_int_equal(n, strlen(content));
        file_free(text, n);
}

static void test_file_write_makes_it_of_the_mode_asked_for(void **state)
{
        struct place *p = *state;

        assert_int_equal(file_write(p->file, "a longer one", 12, 0644, true), 0);
        assert_file(p->file, "a longer one", 0644);
        assert_int_equal(file_write(p->file, "b", 1, 0600, true), -EEXIST);
        assert_int_equal(file_write(p->file, "b", 1, 0600, false), 0);
        assert_file(p->file, "b", 0600);
}

static void test_file_replace_takes_the_place_of_the_old_one(void **state)
{
        struct place *p = *state;
        _defer_(fd_close) int at = open(p->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        assert_true(at >= 0);
        assert_int_equal(file_write(p->file, "old", 3, 0644, true), 0);
        assert_int_equal(file_replace(AT_FDCWD, p->file, "new", 3), 0);
        assert_file(p->file, "new", 0600);
        assert_int_equal(file_replace(at, "f", "newer", 5), 0);
        assert_file(p->file, "newer", 0600);
}

/* What a crash may leave is a draft, which is no obstacle: not even one that leads elsewhere. */
static void test_file_replace_makes_do_with_what_a_crash_left(void **state)
{
        struct place *p = *state;

        assert_int_equal(file_write(p->file, "old", 3, 0600, true), 0);
        assert_int_equal(symlink(p->file, p->draft), 0);
        assert_int_equal(file_replace(AT_FDCWD, p->file, "new", 3), 0);
        assert_file(p->file, "new", 0600);
}

static void test_file_replace_that_fails_leaves_the_old_one(void **state)
{
        struct place *p = *state;
        char inside[128], name[300];

        assert_int_equal(file_replace(AT_FDCWD, "/nowhere/at/all", "x", 1), -ENOENT);
        memset(name, 'x', sizeof(name));
        name[sizeof(name) - 1] = '\0';
        assert_int_equal(file_replace(AT_FDCWD, name, "x", 1), -ENAMETOOLONG);
        /* A directory with something in it cannot be replaced; the draft goes. */
        assert_int_equal(mkdir(p->file, 0700), 0);
        (void)snprintf(inside, sizeof(inside), "%s/g", p->file);
        assert_int_equal(file_write(inside, "old", 3, 0600, true), 0);
        assert_true(file_replace(AT_FDCWD, p->file, "new", 3) < 0);
        assert_int_equal(access(p->draft, F_OK), -1);
        assert_file(inside, "old", 0600);
        assert_int_equal(unlink(inside), 0);
        assert_int_equal(rmdir(p->file), 0);
}

static void test_file_load_is_bounded(void **state)
{
        struct place *p = *state;
        char *text = NULL;
        size_t n = 0;

        assert_int_equal(file_load(p->file, 4, &text, &n), -ENOENT);
        assert_int_equal(file_write(p->file, "1234", 4, 0600, true), 0);
        assert_int_equal(file_load(p->file, 4, &text, &n), 0);
        assert_int_equal(n, 4);
        assert_string_equal(text, "1234");
        file_free(text, n);
        text = NULL;
        assert_int_equal(file_load(p->file, 3, &text, &n), -EFBIG);
        assert_null(text);
        assert_int_equal(file_load(p->directory, 3, &text, &n), -EISDIR);
        file_free(NULL, 0);
}

/* A pipe hands out what was written piece by piece. */
static void test_file_read_fd_waits_for_all(void **state)
{
        char bytes[8];
        int ends[2];

        (void)state;
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(file_write_fd(ends[1], "abc", 3), 0);
        assert_int_equal(file_write_fd(ends[1], "def", 3), 0);
        assert_int_equal(file_read_fd(ends[0], bytes, 4), 4);
        assert_memory_equal(bytes, "abcd", 4);
        (void)fd_close(ends[1]);
        assert_int_equal(file_read_fd(ends[0], bytes, sizeof(bytes)), 2);
        assert_memory_equal(bytes, "ef", 2);
        (void)fd_close(ends[0]);
        assert_int_equal(file_read_fd(ends[0], bytes, sizeof(bytes)), -EBADF);
}

static void test_file_write_leaves_a_pipe_its_mode(void **state)
{
        struct place *p = *state;
        struct stat st;
        int fd;

        assert_int_equal(mkfifo(p->file, 0600), 0);
        assert_int_equal(chmod(p->file, 0622), 0);
        fd = open(p->file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(file_write(p->file, "x", 1, 0600, false), 0);
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0622);
        (void)close(fd);
}

static void test_file_stamp_changes_with_each_file_of_a_directory(void **state)
{
        struct place *p = *state;
        uint64_t empty = file_stamp_directory(p->directory), one;

        assert_int_equal(file_stamp_directory("/nonexistent"), 0);
        assert_int_equal(file_stamp_directory(p->directory), empty);
        assert_int_equal(file_write(p->file, "", 0, 0600, true), 0);
        one = file_stamp_directory(p->directory);
        assert_int_not_equal(one, empty);
        assert_int_equal(file_write(p->file, "a", 1, 0600, false), 0); /* in place */
        assert_int_not_equal(file_stamp_directory(p->directory), one);
        one = file_stamp_directory(p->directory);
        assert_int_equal(file_stamp_directory(p->directory), one);
        assert_int_equal(unlink(p->file), 0);
        assert_int_not_equal(file_stamp_directory(p->directory), one);
}

static void test_file_flush_tells_what_did_not_arrive(void **state)
{
        FILE *full = fopen("/dev/full", "we");

        (void)state;
        assert_non_null(full);
        (void)fputs("x", full);
        assert_int_equal(file_flush(full), -ENOSPC);
        (void)fclose(full);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_place, drop_place)
        const struct CMUnitTest tests[] = {
                TEST(test_file_write_makes_it_of_the_mode_asked_for),
                TEST(test_file_replace_takes_the_place_of_the_old_one),
                TEST(test_file_replace_makes_do_with_what_a_crash_left),
                TEST(test_file_replace_that_fails_leaves_the_old_one),
                TEST(test_file_write_leaves_a_pipe_its_mode),
                TEST(test_file_stamp_changes_with_each_file_of_a_directory),
                TEST(test_file_load_is_bounded),
                cmocka_unit_test(test_file_read_fd_waits_for_all),
                cmocka_unit_test(test_file_flush_tells_what_did_not_arrive),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
