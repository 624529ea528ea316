/* SPDX-License-Identifier: Apache-2.0 */

#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "store/query.h"
#include "store/schema.h"
#include "util/free.h"

#define BUSY_MSEC 1000 /* an enrolld that is just ending has released the file by then */

/*
 * locking_mode comes before anything touches the log: with it the log's index stays in this
 * process's memory, and a second enrolld on the same file is refused instead of half working.
 */
static const char locking[] = "PRAGMA locking_mode = EXCLUSIVE;";
static const char settings[] = "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA secure_delete = ON;"
                               "PRAGMA cache_size = -256;"; /* KiB */

/* The directory that @path is in. */
static int store_split(const char *path, char ret_directory[PATH_MAX])
{
        const char *slash = strrchr(path, '/');
        int n;

        if (!slash)
                n = snprintf(ret_directory, PATH_MAX, ".");
        else
                n = snprintf(ret_directory, PATH_MAX, "%.*s", (int)(slash - path + 1), path);
        return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int store_make_private(int fd)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        if ((st.st_mode & 0077) && fchmod(fd, 0600) < 0)
                return -errno;
        return 0;
}

/*
 * SQLite would create the file with the mode that the umask leaves, and gives the log the mode of
 * the file. So the file is there, private, before SQLite sees it.
 */
static int store_make_file(const char *directory, const char *path, bool make)
{
        _defer_(fd_close) int fd = -1;

        if (make && mkdir(directory, 0700) < 0 && errno != EEXIST)
                return -errno;
        fd = open(path, O_RDWR | (make ? O_CREAT : 0) | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        return store_make_private(fd);
}

static int store_check(sqlite3 *db)
{
        sqlite3_stmt *statement = NULL;
        int code, r;

        code = sqlite3_prepare_v2(db, "PRAGMA main.quick_check(1)", -1, &statement, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        r = query_errno(db, code);
        if (code == SQLITE_ROW &&
            strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0)
                r = -EUCLEAN;
        (void)sqlite3_finalize(statement);
        return r;
}

/*
 * Whether the database is a store, before anything in it is changed: every version of ours has
 * these tables. What was just made, or is empty, is one that has yet to become a store.
 */
static int store_identify(sqlite3 *db, bool make)
{
        static const char sql[] = "SELECT (SELECT user_version FROM pragma_user_version), count(*),"
                                  " total(name IN ('device', 'channel', 'outbox', 'counter'))"
                                  " FROM sqlite_master WHERE type = 'table'";
        sqlite3_stmt *statement = NULL;
        int code, r, version = 0, n_tables = 0, n_ours = 0;

        code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
                version = sqlite3_column_int(statement, 0);
                n_tables = sqlite3_column_int(statement, 1);
                n_ours = sqlite3_column_int(statement, 2);
        }
        r = query_errno(db, code);
        (void)sqlite3_finalize(statement);
        if (r < 0)
                return r;
        if (version == 0 && n_tables == 0)
                return make ? 0 : STORE_E_EMPTY;
        return version > 0 && n_ours == 4 ? 0 : STORE_E_FOREIGN;
}

static int store_set_up(sqlite3 *db, bool make)
{
        int r;

        (void)sqlite3_extended_result_codes(db, 1);
        (void)sqlite3_busy_timeout(db, BUSY_MSEC);
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
        (void)sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);

        r = query_errno(db, sqlite3_exec(db, locking, NULL, NULL, NULL));
        if (r == 0)
                r = store_identify(db, make);
        if (r == 0)
                r = query_errno(db, sqlite3_exec(db, settings, NULL, NULL, NULL));
        if (r != 0)
                return r;
        r = store_check(db);
        if (r < 0)
                return r;
        return schema_migrate(db, schema_migrations, schema_n_migrations);
}

/*
 * SQLite would take twenty pages for each database at once, and touch them all. This store fills
 * fewer, so they come one by one. Fails, harmlessly, once SQLite has started.
 */
static void store_spare_memory(void)
{
        (void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

/* Whether a process that was killed has left its log there: closing a store removes it. */
static bool store_has_log(const char *path)
{
        char log[PATH_MAX];
        struct stat st;
        int n;

        n = snprintf(log, sizeof(log), "%s-wal", path);
        return n < (int)sizeof(log) && stat(log, &st) == 0 && st.st_size > 0;
}

static int store_open_file(const char *path, bool make, struct store **ret_store)
{
        _defer_(store_free) struct store *s = NULL;
        char directory[PATH_MAX];
        int r;

        r = store_split(path, directory);
        if (r < 0)
                return r;
        r = store_make_file(directory, path, make);
        if (r < 0)
                return r;
        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        memcpy(s->directory, directory, sizeof(directory));
        s->has_past = store_has_log(path);
        store_spare_memory();
        r = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
        if (r != SQLITE_OK)
                return query_errno(s->db, r);
        r = store_set_up(s->db, make);
        if (r)
                return r;
        (void)store_forget_past(s);
        (void)sqlite3_db_release_memory(s->db); /* what the check has read */

        *ret_store = take(s);
        return 0;
}

int store_open(const char *path, struct store **ret_store)
{
        return store_open_file(path, true, ret_store);
}

int store_reopen(const char *path, struct store **ret_store)
{
        return store_open_file(path, false, ret_store);
}

struct store *store_free(struct store *store)
{
        if (!store)
                return NULL;
        for (size_t i = 0; i < QUERY_MAX; i++)
                (void)sqlite3_finalize(store->statements[i]);
        (void)sqlite3_close(store->db);
        free(store);
        return NULL;
}

bool store_has_past(const struct store *store)
{
        return store->has_past;
}

int store_forget_past(struct store *store)
{
        int code;

        if (!store->has_past)
                return 0;
        code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        store->has_past = code != SQLITE_OK;
        return query_errno(store->db, code);
}

uint64_t store_writes(const struct store *store)
{
        return (uint64_t)sqlite3_total_changes64(store->db);
}

int store_key_check(struct store *store, uint32_t *ret_check)
{
        sqlite3_stmt *statement = NULL;
        int code, r;

        code = sqlite3_prepare_v2(store->db, "PRAGMA application_id", -1, &statement, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
                *ret_check = (uint32_t)sqlite3_column_int(statement, 0);
        r = query_errno(store->db, code);
        (void)sqlite3_finalize(statement);
        return r;
}

int store_set_key_check(struct store *store, uint32_t check)
{
        char sql[48];

        (void)snprintf(sql, sizeof(sql), "PRAGMA application_id = %d", (int)check);
        return query_errno(store->db, sqlite3_exec(store->db, sql, NULL, NULL, NULL));
}

/* A file without a name tells what statvfs() cannot: quotas, and a disk that turned read-only. */
static int store_probe_allocation(const char *directory, uint64_t n_bytes)
{
        _defer_(fd_close) int fd = -1;

        fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (fd < 0)
                return errno == EOPNOTSUPP || errno == EISDIR ? 0 : -errno;
        if (fallocate(fd, 0, 0, (off_t)n_bytes) < 0)
                return errno == EOPNOTSUPP ? 0 : -errno;
        return 0;
}

int store_probe_space(struct store *store, uint64_t n_bytes)
{
        struct statvfs fs;
        int r;

        if (statvfs(store->directory, &fs) < 0)
                return -errno;
        if (fs.f_flag & ST_RDONLY)
                return -EROFS;
        if (n_bytes / fs.f_frsize >= fs.f_bavail)
                return -ENOSPC;
        r = store_probe_allocation(store->directory, n_bytes);
        if (r < 0)
                return r;
        r = transaction_begin(store);
        if (r < 0)
                return r;
        return transaction_end(store, 0);
}

enum reason store_reason(int r)
{
        switch (r) {
        case 0:
                return REASON_NONE;
        case -ENOSPC:
        case -EDQUOT:
        case -EFBIG:
                return REASON_STORE_FULL;
        case -EROFS:
        case -EACCES:
        case -EPERM:
                return REASON_STORE_READ_ONLY;
        default:
                return REASON_STORE_FAILED;
        }
}
