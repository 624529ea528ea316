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

#include "site/master.h"

struct place {
        char directory[64], file[96];
};

static int make_place(void **state)
{
        struct place *p = calloc(1, sizeof(*p));

        assert_non_null(p);
        strcpy(p->directory, "/tmp/enrolld-master-XXXXXX");
        assert_non_null(mkdtemp(p->directory));
        (void)snprintf(p->file, sizeof(p->file), "%s/hub.key", p->directory);
        *state = p;
        return 0;
}

static int drop_place(void **state)
{
        struct place *p = *state;

        (void)unlink(p->file);
        assert_int_equal(rmdir(p->directory), 0);
        free(p);
        return 0;
}

static void put_file(const char *path, size_t n, mode_t mode)
{
        static const char zeros[64];
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, zeros, n), n);
        assert_int_equal(fchmod(fd, mode), 0);
        close(fd);
}

static void test_master_is_made_once_and_stays(void **state)
{
        static const uint8_t zeros[MASTER_BYTES];
        struct place *p = *state;
        struct master *one = NULL, *two = NULL;
        struct stat st;

        assert_int_equal(master_load(p->file, true, &one), 0);
        assert_int_equal(master_load(p->file, true, &two), 0);
        assert_memory_equal(master_key(one), master_key(two), MASTER_BYTES);
        assert_memory_not_equal(master_key(one), zeros, MASTER_BYTES);
        assert_int_equal(stat(p->file, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        assert_null(master_free(one));
        assert_null(master_free(two));
}

static void test_master_that_others_can_read_is_refused(void **state)
{
        struct place *p = *state;
        struct master *m = NULL;

        put_file(p->file, MASTER_BYTES, 0640);
        assert_int_equal(master_load(p->file, true, &m), -EPERM);
        assert_null(m);
}

static void test_master_of_another_size_is_refused_and_kept(void **state)
{
        struct place *p = *state;
        struct master *m = NULL;
        struct stat st;

        put_file(p->file, MASTER_BYTES - 1, 0600);
        assert_int_equal(master_load(p->file, true, &m), -EBADMSG);
        assert_int_equal(stat(p->file, &st), 0);
        assert_int_equal(st.st_size, MASTER_BYTES - 1);
}

static void test_master_is_made_only_where_it_may_be(void **state)
{
        struct place *p = *state;
        struct master *m = NULL;

        assert_int_equal(master_load(p->file, false, &m), -ENOENT);
        assert_null(m);
        assert_int_equal(access(p->file, F_OK), -1);
}

static void test_master_in_no_directory_is_told(void **state)
{
        struct master *m = NULL;

        (void)state;
        assert_int_equal(master_load("/nowhere/at/all/hub.key", true, &m), -ENOENT);
        assert_null(m);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(test_master_is_made_once_and_stays, make_place,
                                                drop_place),
                cmocka_unit_test_setup_teardown(test_master_is_made_only_where_it_may_be,
                                                make_place, drop_place),
                cmocka_unit_test_setup_teardown(test_master_that_others_can_read_is_refused,
                                                make_place, drop_place),
                cmocka_unit_test_setup_teardown(test_master_of_another_size_is_refused_and_kept,
                                                make_place, drop_place),
                cmocka_unit_test(test_master_in_no_directory_is_told),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
