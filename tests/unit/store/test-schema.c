/* SPDX-License-Identifier: Apache-2.0 */

/*
 * How an older store becomes a present one: a made-up history, and the store that the version
 * before left (version-1.sql).
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/device.h"
#include "store/removal.h"
#include "store/schema.h"
#include "support/disk.h"
#include "support/store-sample.h"
#include "util/defer.h"

#define CALLS_MAX 500 /* far above what a migration needs */

static int64_t ask(sqlite3 *db, const char *sql)
{
        sqlite3_stmt *statement;
        int64_t answer;

        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        answer = sqlite3_column_int64(statement, 0);
        assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
        return answer;
}

/* Migrations of a made-up history: version 1 had words, 2 gave them a length, 3 fails. */
static const char *const history[] = {
        "CREATE TABLE word (text TEXT); INSERT INTO word VALUES ('enroll')",
        "ALTER TABLE word ADD COLUMN n INTEGER; UPDATE word SET n = length(text)",
        "CREATE TABLE another (n); INSERT INTO nowhere VALUES (1)",
};

static void test_schema_older_store_is_migrated_with_its_rows(void **state)
{
        sqlite3 *db;

        (void)state;
        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        assert_int_equal(schema_migrate(db, history, 1), 0);
        assert_int_equal(ask(db, "PRAGMA user_version"), 1);
        assert_int_equal(sqlite3_exec(db, "INSERT INTO word VALUES ('hub')", NULL, NULL, NULL),
                         SQLITE_OK);
        assert_int_equal(schema_migrate(db, history, 2), 0);
        assert_int_equal(ask(db, "PRAGMA user_version"), 2);
        assert_int_equal(ask(db, "SELECT sum(n) FROM word"), 9);
        assert_int_equal(schema_migrate(db, history, 2), 0);
        assert_int_equal(schema_migrate(db, history, 1), STORE_E_NEWER);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_schema_failed_migration_changes_nothing(void **state)
{
        sqlite3 *db;

        (void)state;
        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        assert_int_equal(schema_migrate(db, history, 1), 0);
        assert_true(schema_migrate(db, history, 3) < 0);
        assert_int_equal(ask(db, "PRAGMA user_version"), 1);
        assert_int_equal(ask(db, "SELECT count(*) FROM pragma_table_info('word')"), 1);
        assert_int_equal(ask(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'another'"), 0);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_schema_migration_that_loses_a_reference_is_refused(void **state)
{
        static const char *const loses[] = {
                "CREATE TABLE word (id INTEGER PRIMARY KEY);"
                "CREATE TABLE use (word INTEGER REFERENCES word (id));"
                "INSERT INTO word VALUES (7); INSERT INTO use VALUES (7)",
                "DELETE FROM word",
        };
        sqlite3 *db;

        (void)state;
        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        assert_int_equal(schema_migrate(db, loses, 1), 0);
        assert_int_equal(schema_migrate(db, loses, 2), -EUCLEAN);
        assert_int_equal(ask(db, "PRAGMA user_version"), 1);
        assert_int_equal(ask(db, "SELECT count(*) FROM word"), 1);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* --- from version 1 --- */

struct place {
        char path[512], old_path[520]; /* the store, and a copy of it that stays as it is */
        char *sql;
};

static char *read_text(const char *path)
{
        FILE *file = fopen(path, "r");
        char *text;
        long size;

        assert_non_null(file);
        assert_int_equal(fseek(file, 0, SEEK_END), 0);
        size = ftell(file);
        assert_true(size > 0);
        rewind(file);
        text = calloc(1, (size_t)size + 1);
        assert_non_null(text);
        assert_int_equal(fread(text, 1, (size_t)size, file), size);
        assert_int_equal(fclose(file), 0);
        return text;
}

static void run_sql(const char *path, const char *sql)
{
        sqlite3 *db;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
                fail_msg("%s", sqlite3_errmsg(db));
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Puts the old store in its place again. */
static void restore(struct place *p)
{
        char path[530];

        (void)unlink(p->path);
        (void)snprintf(path, sizeof(path), "%s-wal", p->path);
        (void)unlink(path);
        (void)snprintf(path, sizeof(path), "%s-journal", p->path);
        (void)unlink(path);
        run_sql(p->path, p->sql);
}

static int set_up(void **state)
{
        static struct place place; /* cmocka hands it back to tear_down() */

        sample_path(place.path, sizeof(place.path), "enrolld.db");
        (void)snprintf(place.old_path, sizeof(place.old_path), "%s.old", place.path);
        place.sql = read_text(VERSION_1);
        restore(&place);
        run_sql(place.old_path, place.sql);
        *state = &place;
        return 0;
}

static int tear_down(void **state)
{
        struct place *p = *state;

        free(p->sql);
        sample_clean(p->path);
        return 0;
}

#define LATEST 16

/* Of each version. */
static const int n_tables[LATEST + 1] = {0, 4, 5, 6, 7, 7, 8, 8, 9, 10, 11, 12, 14, 14, 15, 16, 16};

/* The rows of every table of the old store, and where they are before version 2 and from it on. */
static const struct {
        const char *before, *after[2];
} rows[] = {
        {"SELECT id, 'enrolled', device_id, name, maker, model, serial, software, code_hash, "
         "issuer,"
         " link, location, owner, functions, capabilities, config, enrolled_at FROM old.device",
         {"SELECT id, 'enrolled', device_id, name, maker, model, serial, software, code_hash, "
          "issuer,"
          " link, location, owner, functions, capabilities, config, enrolled_at FROM main.device",
          "SELECT id, kind, device_id, name, maker, model, serial, software, code_hash, issuer,"
          " link, location, owner, functions, capabilities, config, enrolled_at FROM main.device"}},
        {"SELECT id, public_key, epoch, hub_public, adv_key, settled, resume FROM old.device",
         {"SELECT id, public_key, epoch, hub_public, adv_key, settled, resume FROM main.device",
          "SELECT device, public_key, epoch, hub_public, adv_key, settled, resume"
          " FROM main.ownership"}},
        {"SELECT device, number, leaf, class, unit, direction, every_s FROM old.channel",
         {"SELECT device, number, leaf, class, unit, direction, every_s FROM main.channel",
          "SELECT device, number, leaf, class, unit, direction, every_s FROM main.channel"}},
        {"SELECT id, device_id, topic, informational, created_at, payload FROM old.outbox",
         {"SELECT id, device_id, topic, informational, created_at, payload FROM main.outbox",
          "SELECT id, device_id, topic, informational, created_at, payload FROM main.outbox"}},
        {"SELECT * FROM old.counter", {"SELECT * FROM main.counter", "SELECT * FROM main.counter"}},
        {"SELECT * FROM old.sqlite_sequence",
         {"SELECT * FROM main.sqlite_sequence", "SELECT * FROM main.sqlite_sequence"}},
};

/* Whether two queries tell the same rows, values and blobs. */
static void assert_same_rows(sqlite3 *db, const char *a, const char *b)
{
        char sql[1024];

        (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM (%s)", a);
        assert_true(ask(db, sql) > 0);
        (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM (%s EXCEPT %s)", a, b);
        assert_int_equal(ask(db, sql), 0);
        (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM (%s EXCEPT %s)", b, a);
        assert_int_equal(ask(db, sql), 0);
}

/* The store in its place is whole, of @version, and has each row and blob of the old one. */
static void assert_kept(struct place *p, int version)
{
        char attach[600];
        sqlite3 *db;

        (void)snprintf(attach, sizeof(attach), "ATTACH '%s' AS old", p->old_path);
        assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, attach, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(ask(db, "PRAGMA main.user_version"), version);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                assert_same_rows(db, rows[i].before, rows[i].after[version > 1]);
        assert_int_equal(ask(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
        assert_int_equal(ask(db, "SELECT count(*) FROM pragma_integrity_check"
                                 " WHERE integrity_check <> 'ok'"),
                         0);
        assert_int_equal(ask(db, "SELECT count(*) FROM main.sqlite_schema"
                                 " WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"),
                         n_tables[version]);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_schema_version_1_keeps_every_row(void **state)
{
        struct place *p = *state;
        struct store *store = NULL;

        assert_kept(p, 1);
        assert_int_equal(store_open(p->path, &store), 0);
        (void)store_free(store);
        assert_kept(p, LATEST);
        assert_int_equal(store_open(p->path, &store), 0);
        (void)store_free(store);
        assert_kept(p, LATEST);
}

static void test_schema_version_2_keeps_every_row(void **state)
{
        struct place *p = *state;
        struct store *store = NULL;
        sqlite3 *db;

        assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
        assert_int_equal(schema_migrate(db, schema_migrations, 2), 0);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_kept(p, 2);
        assert_int_equal(store_open(p->path, &store), 0);
        (void)store_free(store);
        assert_kept(p, LATEST);
}

static void test_schema_version_1_is_used_like_a_new_store(void **state)
{
        struct place *p = *state;
        struct store_message m = {.topic = "gone"};
        struct store_channel channels[4];
        struct store_device kitchen, thermo;
        struct store *store = NULL;
        size_t n_channels;
        uint64_t n;

        assert_int_equal(store_open(p->path, &store), 0);
        assert_int_equal(store_find_name(store, "kitchen", &kitchen), 0);
        assert_int_equal(kitchen.kind, STORE_ENROLLED);
        assert_string_equal(kitchen.serial, "TH-1");
        assert_true(kitchen.ownership.settled);
        assert_int_equal(kitchen.ownership.n_resume, 0);
        assert_int_equal(store_find_name(store, "thermo-one", &thermo), 0);
        assert_memory_equal(thermo.known_as, thermo.device_id, sizeof(thermo.known_as));
        assert_int_equal(thermo.ownership.epoch, 1);
        assert_false(thermo.ownership.settled);
        assert_true(thermo.ownership.n_resume > 300);
        assert_int_equal(store_unsettled_count(store, &n), 0);
        assert_int_equal(n, 1);

        /* What refers to a device goes with it, and with it alone. */
        assert_int_equal(store_settle(store, thermo.device_id, 1), 0);
        assert_int_equal(store_remove(store, kitchen.device_id, &m, 1), 0);
        assert_int_equal(store_outbox_next(store, 3, &m), 0);
        assert_int_equal(m.id, 4);
        assert_int_equal(store_channels(store, thermo.device_id, 4, channels, &n_channels), 0);
        assert_int_equal(n_channels, 2);
        assert_int_equal(channels[0].type, STORE_NUMBER);
        assert_int_equal(channels[0].category, STORE_PRIMARY);
        assert_false(channels[0].has_range);
        assert_string_equal(channels[0].words, "");
        assert_int_equal(thermo.presence, STORE_PRESENCE_UNKNOWN);
        (void)store_free(store);
        run_sql(p->path, "PRAGMA foreign_keys = ON;"
                         "CREATE TEMP TABLE one (n CHECK (n = 1));"
                         "INSERT INTO one SELECT count(*) FROM device;"
                         "INSERT INTO one SELECT count(*) FROM ownership;"
                         "INSERT INTO one SELECT count(DISTINCT device) FROM channel;");
}

/* A store made by all migrations at once has the tables of one that was migrated later. */
static void test_schema_version_1_becomes_what_a_new_store_is(void **state)
{
        static const char difference[] =
                "SELECT count(*) FROM (SELECT type, name, tbl_name, sql FROM main.sqlite_schema"
                " EXCEPT SELECT type, name, tbl_name, sql FROM new.sqlite_schema)";
        struct place *p = *state;
        char path[530], attach[600];
        struct store *store = NULL;
        sqlite3 *db;

        assert_int_equal(store_open(p->path, &store), 0);
        store = store_free(store);
        (void)snprintf(path, sizeof(path), "%s.new", p->path);
        assert_int_equal(store_open(path, &store), 0);
        (void)store_free(store);
        (void)snprintf(attach, sizeof(attach), "ATTACH '%s' AS new", path);
        assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, attach, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(ask(db, difference), 0);
        assert_int_equal(ask(db, "SELECT count(*) FROM main.sqlite_schema"),
                         ask(db, "SELECT count(*) FROM new.sqlite_schema"));
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The same with references enforced or not, and with the old behaviour of ALTER TABLE. */
static void test_schema_version_1_needs_no_setting(void **state)
{
        static const char *const settings[] = {
                "PRAGMA foreign_keys = OFF",
                "PRAGMA foreign_keys = ON",
                "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON",
                "PRAGMA foreign_keys = ON; PRAGMA legacy_alter_table = ON",
        };
        struct place *p = *state;
        sqlite3 *db;

        for (size_t i = 0; i < ELEMENTSOF(settings); i++) {
                restore(p);
                assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
                assert_int_equal(sqlite3_exec(db, settings[i], NULL, NULL, NULL), SQLITE_OK);
                assert_int_equal(schema_migrate(db, schema_migrations, LATEST), 0);
                assert_int_equal(sqlite3_close(db), SQLITE_OK);
                assert_kept(p, LATEST);
        }
}

/* The second migration works and the one after it does not: neither is there afterwards. */
static void test_schema_version_1_stays_if_a_later_migration_fails(void **state)
{
        const char *const migrations[] = {schema_migrations[0], schema_migrations[1],
                                          "INSERT INTO nowhere VALUES (1)"};
        struct place *p = *state;
        sqlite3 *db;

        assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = ON", NULL, NULL, NULL), SQLITE_OK);
        assert_true(schema_migrate(db, migrations, 3) < 0);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        assert_kept(p, 1);
}

static int version_of(const char *path)
{
        sqlite3 *db;
        int version;

        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        version = (int)ask(db, "PRAGMA user_version");
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        return version;
}

/* Only where the disk fails in the very act of syncing may the new version be found. */
static void test_schema_version_1_stays_if_the_disk_fails_at_any_call(void **state)
{
        struct place *p = *state;
        struct store *store;
        struct disk disk;
        unsigned n_new = 0;
        int r = -1;

        for (uint64_t at_call = 1; r < 0; at_call++) {
                assert_true(at_call < CALLS_MAX);
                restore(p);
                disk_install(&disk);
                disk.fault = DISK_FAIL;
                disk.at_call = at_call;
                disk.code = SQLITE_FULL;
                store = NULL;
                r = store_open(p->path, &store);
                disk.fault = DISK_KEEPS_WORKING;
                (void)store_free(store);
                disk_remove(&disk);
                if (r < 0 && version_of(p->path) == LATEST)
                        n_new++;
                assert_kept(p, version_of(p->path));
                store = NULL;
                assert_int_equal(store_open(p->path, &store), 0);
                (void)store_free(store);
                assert_kept(p, LATEST);
        }
        assert_true(n_new <= 1);
}

/* The child: opens the store on a disk that ends it. */
static void open_and_die(struct place *p, enum disk_fault fault, uint64_t at_call)
{
        struct store *store = NULL;
        struct disk disk;
        int r;

        disk_install(&disk);
        disk.fault = fault;
        disk.at_call = at_call;
        r = store_open(p->path, &store);
        (void)store_free(store);
        _exit(r == 0 ? 0 : 1);
}

static void test_schema_version_1_survives_the_end_of_the_migration_at_any_call(void **state)
{
        static const enum disk_fault faults[] = {DISK_KILL, DISK_POWER_CUT};
        struct place *p = *state;
        struct store *store;

        for (size_t i = 0; i < ELEMENTSOF(faults); i++) {
                int status = 0, exit_code = DISK_EXIT_CODE;

                for (uint64_t at_call = 1; exit_code == DISK_EXIT_CODE; at_call++) {
                        pid_t child;

                        assert_true(at_call < CALLS_MAX);
                        restore(p);
                        child = fork();
                        assert_true(child >= 0);
                        if (child == 0)
                                open_and_die(p, faults[i], at_call);
                        assert_int_equal(waitpid(child, &status, 0), child);
                        assert_true(WIFEXITED(status));
                        exit_code = WEXITSTATUS(status);
                        assert_true(exit_code == 0 || exit_code == DISK_EXIT_CODE);
                        store = NULL;
                        assert_int_equal(store_open(p->path, &store), 0);
                        (void)store_free(store);
                        assert_kept(p, LATEST);
                }
        }
}

#define VERSION_1_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_schema_older_store_is_migrated_with_its_rows),
                cmocka_unit_test(test_schema_failed_migration_changes_nothing),
                cmocka_unit_test(test_schema_migration_that_loses_a_reference_is_refused),
                VERSION_1_TEST(test_schema_version_1_keeps_every_row),
                VERSION_1_TEST(test_schema_version_2_keeps_every_row),
                VERSION_1_TEST(test_schema_version_1_is_used_like_a_new_store),
                VERSION_1_TEST(test_schema_version_1_becomes_what_a_new_store_is),
                VERSION_1_TEST(test_schema_version_1_needs_no_setting),
                VERSION_1_TEST(test_schema_version_1_stays_if_a_later_migration_fails),
                VERSION_1_TEST(test_schema_version_1_stays_if_the_disk_fails_at_any_call),
                VERSION_1_TEST(test_schema_version_1_survives_the_end_of_the_migration_at_any_call),
        };

        /* The power is cut in this program, so the syncs need not reach a real disk. */
        if (access("/dev/shm", W_OK) == 0)
                (void)setenv("TMPDIR", "/dev/shm", 0);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
