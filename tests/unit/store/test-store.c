/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/enrollment.h"
#include "support/disk.h"
#include "support/store-sample.h"
#include "util/defer.h"

#define UID_NOBODY 65534

static const uint8_t sealed_code[] = "sealed and in no other bytes of a store";

static void test_store_file_is_private_whatever_the_umask(void **state)
{
        struct store_place *p = *state;
        char path[600];
        struct store *store = NULL;
        struct stat st;
        mode_t old = umask(0);

        (void)snprintf(path, sizeof(path), "%s.d/enrolld.db", p->path);
        assert_int_equal(store_open(path, &store), 0);
        umask(old);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        (void)snprintf(path, sizeof(path), "%s.d/enrolld.db-wal", p->path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        (void)snprintf(path, sizeof(path), "%s.d", p->path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0700);

        store = store_free(store);
        (void)snprintf(path, sizeof(path), "%s.d/enrolld.db", p->path);
        assert_int_equal(chmod(path, 0644), 0);
        assert_int_equal(store_open(path, &store), 0);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        (void)store_free(store);
        sample_clean(path);
}

static void test_store_second_opener_is_refused(void **state)
{
        struct store_place *p = *state;
        struct store *second = NULL;

        assert_int_equal(store_open(p->path, &second), -EBUSY);
        assert_null(second);
        assert_int_equal(store_reason(-EBUSY), REASON_STORE_FAILED);
}

static void test_store_damaged_file_is_refused_and_kept(void **state)
{
        struct store_place *p = *state;
        static const char garbage[8192] = "this is no store";
        struct stat st;
        int fd;

        p->store = store_free(p->store);
        fd = open(p->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, garbage, sizeof(garbage)), sizeof(garbage));
        assert_int_equal(close(fd), 0);

        assert_int_equal(store_open(p->path, &p->store), -EUCLEAN);
        assert_null(p->store);
        assert_int_equal(store_reason(-EUCLEAN), REASON_STORE_FAILED);
        assert_int_equal(stat(p->path, &st), 0);
        assert_int_equal(st.st_size, sizeof(garbage));
}

/* A database, but not ours: of another program, or of nobody yet. Nothing is made in it. */
static void test_store_database_of_another_program_is_refused_untouched(void **state)
{
        static const struct {
                const char *sql;
                int opened, reopened;
        } cases[] = {
                {"CREATE TABLE song (title TEXT)", STORE_E_FOREIGN, STORE_E_FOREIGN},
                {"CREATE TABLE song (title TEXT); PRAGMA user_version = 2", STORE_E_FOREIGN,
                 STORE_E_FOREIGN},
                {"CREATE TABLE device (id INTEGER); PRAGMA user_version = 1000", STORE_E_FOREIGN,
                 STORE_E_FOREIGN},
                {"PRAGMA user_version = 1", STORE_E_FOREIGN, STORE_E_FOREIGN},
                {"VACUUM", 0, STORE_E_EMPTY},
                {"", 0, STORE_E_EMPTY},
        };
        struct store_place *p = *state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                struct stat before, after;
                sqlite3 *db;

                p->store = store_free(p->store);
                assert_int_equal(truncate(p->path, 0), 0);
                assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
                assert_int_equal(sqlite3_exec(db, cases[i].sql, NULL, NULL, NULL), SQLITE_OK);
                assert_int_equal(sqlite3_close(db), SQLITE_OK);
                assert_int_equal(stat(p->path, &before), 0);
                assert_int_equal(store_reopen(p->path, &p->store), cases[i].reopened);
                assert_int_equal(stat(p->path, &after), 0);
                assert_int_equal(after.st_size, before.st_size);
                assert_true(after.st_mtim.tv_sec == before.st_mtim.tv_sec &&
                            after.st_mtim.tv_nsec == before.st_mtim.tv_nsec);
                assert_int_equal(store_open(p->path, &p->store), cases[i].opened);
        }
}

static void test_store_is_only_reopened_where_it_was_made(void **state)
{
        struct store_place *p = *state;

        p->store = store_free(p->store);
        assert_int_equal(store_reopen(p->path, &p->store), 0);
        p->store = store_free(p->store);
        assert_int_equal(unlink(p->path), 0);
        assert_int_equal(store_reopen(p->path, &p->store), -ENOENT);
        assert_int_equal(access(p->path, F_OK), -1);
}

static void test_store_keeps_the_check_value_of_its_key(void **state)
{
        static const uint32_t values[] = {1, 0x7fffffff, 0x80000000, 0xffffffff};
        struct store_place *p = *state;
        uint32_t check = 7;

        assert_int_equal(store_key_check(p->store, &check), 0);
        assert_int_equal(check, 0);
        for (size_t i = 0; i < ELEMENTSOF(values); i++) {
                assert_int_equal(store_set_key_check(p->store, values[i]), 0);
                store_place_reopen(p);
                assert_int_equal(store_key_check(p->store, &check), 0);
                assert_int_equal(check, values[i]);
        }
}

/* Every page in turn, overwritten with noise: opened with all rows or refused, never half. */
static void test_store_damaged_page_is_noticed(void **state)
{
        struct store_place *p = *state;
        struct sample s;
        uint8_t noise[512], kept[512];
        struct stat st;
        unsigned n_refused = 0;
        int fd;

        for (unsigned i = 1; i <= 8; i++) {
                sample_init(&s, i);
                s.device.n_config = STORE_CONFIG_MAX;
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        }
        p->store = store_free(p->store);
        memset(noise, 0xa5, sizeof(noise));
        fd = open(p->path, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_int_equal(fstat(fd, &st), 0);
        for (off_t at = 0; at < st.st_size; at += 4096) {
                uint64_t n;

                assert_int_equal(pread(fd, kept, sizeof(kept), at), sizeof(kept));
                assert_int_equal(pwrite(fd, noise, sizeof(noise), at), sizeof(noise));
                if (store_open(p->path, &p->store) == -EUCLEAN) {
                        n_refused++;
                } else {
                        assert_non_null(p->store);
                        assert_int_equal(store_device_count(p->store, &n), 0);
                        assert_int_equal(n, 8);
                }
                p->store = store_free(p->store);
                assert_int_equal(pwrite(fd, kept, sizeof(kept), at), sizeof(kept));
        }
        assert_int_equal(close(fd), 0);
        assert_true(n_refused >= (unsigned)(st.st_size / 4096) / 2);
        store_place_reopen(p);
}

static void test_store_row_that_cannot_be_is_damage(void **state)
{
        static const char *const cases[] = {
                "UPDATE device SET maker = hex(zeroblob(100))",
                "UPDATE device SET config = zeroblob(4000)",
                "UPDATE ownership SET resume = zeroblob(5000)",
                "DELETE FROM ownership",
                /* Noticed at once, and so the last. */
                "PRAGMA ignore_check_constraints = ON; UPDATE device SET kind = 'other'",
        };
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;
        sqlite3 *db;
        int r;

        sample_init(&s, 1);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
                assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
                p->store = store_free(p->store);
                assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
                assert_int_equal(sqlite3_exec(db, cases[i], NULL, NULL, NULL), SQLITE_OK);
                assert_int_equal(sqlite3_close(db), SQLITE_OK);
                r = store_open(p->path, &p->store);
                if (r == 0)
                        r = store_find_id(p->store, s.device.device_id, &d);
                assert_int_equal(r, -EUCLEAN);
        }
}

/* What enrolls a device, which confirms, and then is killed: nothing is closed in order. */
static int enroll_and_settle(const char *path)
{
        struct store *store = NULL;
        struct sample s;
        int r;

        sample_init(&s, 1);
        s.device.ownership.n_resume = sizeof(sealed_code);
        memcpy(s.device.ownership.resume, sealed_code, sizeof(sealed_code));
        r = store_open(path, &store);
        if (r == 0)
                r = store_enroll(store, &s.enrollment);
        if (r == 0)
                r = store_settle(store, s.device.device_id, 1);
        return -r;
}

static void test_store_forgets_its_past_when_it_is_told_to(void **state)
{
        struct store_place *p = *state;
        struct sample s;
        struct disk disk;
        uint64_t n_syncs;

        p->store = store_free(p->store);
        disk_install(&disk);
        assert_int_equal(store_open(p->path, &p->store), 0);
        sample_init(&s, 1);
        s.device.ownership.n_resume = sizeof(sealed_code);
        memcpy(s.device.ownership.resume, sealed_code, sizeof(sealed_code));
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        assert_false(store_has_past(p->store));
        n_syncs = disk.n_syncs;
        assert_int_equal(store_settle(p->store, s.device.device_id, 1), 0);
        assert_int_equal(disk.n_syncs, n_syncs);
        assert_true(store_has_past(p->store));
        assert_true(store_files_hold(p->path, sealed_code, sizeof(sealed_code)));

        disk.fault = DISK_FAIL;
        disk.at_call = 1;
        disk.code = SQLITE_IOERR_FSYNC;
        assert_true(store_forget_past(p->store) < 0);
        assert_true(store_has_past(p->store));
        disk.fault = DISK_KEEPS_WORKING;
        assert_int_equal(store_forget_past(p->store), 0);
        assert_false(store_has_past(p->store));
        assert_false(store_files_hold(p->path, sealed_code, sizeof(sealed_code)));
        n_syncs = disk.n_syncs;
        assert_int_equal(store_forget_past(p->store), 0);
        assert_int_equal(disk.n_syncs, n_syncs);
        p->store = store_free(p->store);
        disk_remove(&disk);
        store_place_reopen(p);
}

static void test_store_forgets_the_past_of_a_process_that_was_killed(void **state)
{
        struct store_place *p = *state;
        struct store_device d;
        pid_t child;
        int status = 0;

        p->store = store_free(p->store);
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
                _exit(enroll_and_settle(p->path));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_true(store_files_hold(p->path, sealed_code, sizeof(sealed_code)));
        store_place_reopen(p);
        assert_false(store_has_past(p->store));
        assert_false(store_files_hold(p->path, sealed_code, sizeof(sealed_code)));
        assert_int_equal(store_find_name(p->store, "device-1", &d), 0);
        assert_true(d.ownership.settled);
}

static void test_store_newer_schema_is_refused_untouched(void **state)
{
        struct store_place *p = *state;
        sqlite3 *db;

        p->store = store_free(p->store);
        assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "PRAGMA user_version = 1000", NULL, NULL, NULL),
                         SQLITE_OK);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_int_equal(store_open(p->path, &p->store), STORE_E_NEWER);
        assert_null(p->store);
        assert_int_equal(store_reason(STORE_E_NEWER), REASON_STORE_FAILED);
}

static void test_store_full_disk_changes_nothing(void **state)
{
        struct store_place *p = *state;
        struct sample s;
        struct store_device d;
        struct disk disk;
        int r;

        p->store = store_free(p->store);
        disk_install(&disk);
        assert_int_equal(store_open(p->path, &p->store), 0);
        disk.fault = DISK_FAIL;
        disk.at_call = 1;
        disk.code = SQLITE_FULL;
        sample_init(&s, 1);
        r = store_enroll(p->store, &s.enrollment);
        assert_int_equal(r, -ENOSPC);
        assert_int_equal(store_reason(r), REASON_STORE_FULL);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), STORE_E_NONE);
        assert_int_equal(store_settle(p->store, s.device.device_id, 1), STORE_E_NONE);

        disk.fault = DISK_KEEPS_WORKING;
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
        p->store = store_free(p->store);
        disk_remove(&disk);
        store_place_reopen(p);
        assert_int_equal(store_find_id(p->store, s.device.device_id, &d), 0);
}

static void test_store_probe_wants_room(void **state)
{
        struct store_place *p = *state;
        struct sample s;

        assert_int_equal(store_probe_space(p->store, STORE_ROOM_BYTES), 0);
        assert_int_equal(store_probe_space(p->store, UINT64_MAX), -ENOSPC);
        /* The probe itself leaves no transaction behind. */
        sample_init(&s, 1);
        assert_int_equal(store_enroll(p->store, &s.enrollment), 0);
}

/* Runs @check in a process that the permission bits apply to; its exit code. */
static int as_nobody(struct store_place *p, int (*check)(const char *path))
{
        pid_t child = fork();
        int status = 0;

        assert_true(child >= 0);
        if (child == 0) {
                if (geteuid() == 0 && (setgid(UID_NOBODY) < 0 || setuid(UID_NOBODY) < 0))
                        _exit(250);
                _exit(check(p->path));
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

static int try_open(const char *path)
{
        struct store *store = NULL;
        int r = store_open(path, &store);

        (void)store_free(store);
        return -r;
}

static int try_probe_in_directory_made_read_only(const char *path)
{
        struct store *store = NULL;
        char directory[512];
        int r;

        strcpy(directory, path);
        *strrchr(directory, '/') = '\0';
        r = store_open(path, &store);
        if (r == 0 && chmod(directory, 0500) < 0)
                r = -errno;
        if (r == 0)
                r = store_probe_space(store, STORE_ROOM_BYTES);
        (void)store_free(store);
        return -r;
}

static void give_to_nobody(struct store_place *p, mode_t directory_mode, mode_t file_mode)
{
        char directory[512];

        p->store = store_free(p->store);
        strcpy(directory, p->path);
        *strrchr(directory, '/') = '\0';
        if (geteuid() == 0) {
                assert_int_equal(chown(directory, UID_NOBODY, UID_NOBODY), 0);
                assert_int_equal(chown(p->path, UID_NOBODY, UID_NOBODY), 0);
        }
        assert_int_equal(chmod(p->path, file_mode), 0);
        assert_int_equal(chmod(directory, directory_mode), 0);
}

static void test_store_read_only_file_is_refused(void **state)
{
        struct store_place *p = *state;

        give_to_nobody(p, 0700, 0400);
        assert_int_equal(as_nobody(p, try_open), EACCES);
        assert_int_equal(store_reason(-EACCES), REASON_STORE_READ_ONLY);
        assert_int_equal(chmod(p->path, 0600), 0);
}

static void test_store_read_only_directory_is_refused(void **state)
{
        struct store_place *p = *state;
        char directory[512];

        give_to_nobody(p, 0500, 0600);
        assert_int_equal(store_reason(-as_nobody(p, try_open)), REASON_STORE_READ_ONLY);
        strcpy(directory, p->path);
        *strrchr(directory, '/') = '\0';
        assert_int_equal(chmod(directory, 0700), 0);
}

static void test_store_probe_notices_read_only_directory(void **state)
{
        struct store_place *p = *state;
        char directory[512];

        give_to_nobody(p, 0700, 0600);
        assert_int_equal(store_reason(-as_nobody(p, try_probe_in_directory_made_read_only)),
                         REASON_STORE_READ_ONLY);
        strcpy(directory, p->path);
        *strrchr(directory, '/') = '\0';
        assert_int_equal(chmod(directory, 0700), 0);
}

static void test_store_missing_parent_is_an_error(void **state)
{
        struct store_place *p = *state;
        char path[600];
        struct store *store = NULL;

        (void)snprintf(path, sizeof(path), "%s.none/none/enrolld.db", p->path);
        assert_int_equal(store_open(path, &store), -ENOENT);
        assert_int_equal(symlink(p->path, strcat(strcpy(path, p->path), ".link")), 0);
        assert_int_equal(store_open(path, &store), -ELOOP);
        assert_null(store);
        assert_null(store_free(NULL));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, store_place_set_up, store_place_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_store_file_is_private_whatever_the_umask),
                TEST(test_store_second_opener_is_refused),
                TEST(test_store_damaged_file_is_refused_and_kept),
                TEST(test_store_database_of_another_program_is_refused_untouched),
                TEST(test_store_is_only_reopened_where_it_was_made),
                TEST(test_store_keeps_the_check_value_of_its_key),
                TEST(test_store_damaged_page_is_noticed),
                TEST(test_store_row_that_cannot_be_is_damage),
                TEST(test_store_forgets_its_past_when_it_is_told_to),
                TEST(test_store_forgets_the_past_of_a_process_that_was_killed),
                TEST(test_store_newer_schema_is_refused_untouched),
                TEST(test_store_full_disk_changes_nothing),
                TEST(test_store_probe_wants_room),
                TEST(test_store_read_only_file_is_refused),
                TEST(test_store_read_only_directory_is_refused),
                TEST(test_store_probe_notices_read_only_directory),
                TEST(test_store_missing_parent_is_an_error),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
