/* SPDX-License-Identifier: Apache-2.0 */

#include "store/schema.h"

#include <errno.h>
#include <stdio.h>

#include "store/query.h"
#include "util/defer.h"

/*
 * Of the secrets only adv_key stands here in the clear, by which advertisements are recognised: the
 * keys of a session are derived from the hub's own secret, which is not in this file, and `resume`
 * is sealed by its owner.
 */
/* clang-format off */
const char *const schema_migrations[] = {
        "CREATE TABLE device ("
        "  id INTEGER PRIMARY KEY,"
        "  device_id BLOB NOT NULL UNIQUE CHECK (length(device_id) = 16),"
        "  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 32),"
        "  maker TEXT NOT NULL,"
        "  model TEXT NOT NULL,"
        "  serial TEXT NOT NULL,"
        "  software TEXT NOT NULL,"
        "  public_key BLOB NOT NULL CHECK (length(public_key) = 32),"
        "  epoch INTEGER NOT NULL,"
        "  hub_public BLOB NOT NULL CHECK (length(hub_public) = 32),"
        "  adv_key BLOB NOT NULL CHECK (length(adv_key) = 32),"
        "  code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),"
        "  issuer TEXT NOT NULL,"
        "  link TEXT NOT NULL CHECK (link IN ('ble', 'stream')),"
        "  location TEXT NOT NULL,"
        "  owner TEXT NOT NULL,"
        "  functions BLOB NOT NULL,"
        "  capabilities INTEGER NOT NULL,"
        "  config BLOB NOT NULL,"
        "  enrolled_at INTEGER NOT NULL,"
        "  settled INTEGER NOT NULL CHECK (settled IN (0, 1)),"
        "  resume BLOB,"
        "  CHECK (settled = 0 OR resume IS NULL)"
        ") STRICT;"
        "CREATE TABLE channel ("
        "  device INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,"
        "  number INTEGER NOT NULL,"
        "  leaf TEXT NOT NULL,"
        "  class TEXT NOT NULL,"
        "  unit TEXT NOT NULL,"
        "  direction INTEGER NOT NULL CHECK (direction IN (1, 2)),"
        "  every_s INTEGER NOT NULL,"
        "  PRIMARY KEY (device, number)"
        ") STRICT, WITHOUT ROWID;"
        /* Rows outlive their device: the message that it is gone is one of them. Never reused ids
         * keep a late acknowledgement from dropping somebody else's row. */
        "CREATE TABLE outbox ("
        "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  device_id BLOB CHECK (length(device_id) = 16),"
        "  topic TEXT NOT NULL,"
        "  informational INTEGER NOT NULL CHECK (informational IN (0, 1)),"
        "  created_at INTEGER NOT NULL,"
        "  payload BLOB NOT NULL"
        ") STRICT;"
        "CREATE INDEX outbox_lane ON outbox (device_id, informational, id);"
        "CREATE TABLE counter ("
        "  kid BLOB NOT NULL CHECK (length(kid) = 8),"
        "  product TEXT NOT NULL,"
        "  value INTEGER NOT NULL,"
        "  PRIMARY KEY (kid, product)"
        ") STRICT, WITHOUT ROWID;",
        /* Devices get a kind, and what belongs to our session becomes a table of its own. The old
         * tables step aside, their reference with them, and go last, the one that refers first: so
         * no row is ever left without what it refers to, and nothing is deleted in a cascade. */
        "ALTER TABLE channel RENAME TO channel_1;"
        "ALTER TABLE device RENAME TO device_1;"
        "CREATE TABLE device ("
        "  id INTEGER PRIMARY KEY,"
        "  kind TEXT NOT NULL CHECK (kind IN ('enrolled', 'gatt', 'broadcast')),"
        "  device_id BLOB NOT NULL UNIQUE CHECK (length(device_id) = 16),"
        "  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 32),"
        "  maker TEXT NOT NULL,"
        "  model TEXT NOT NULL,"
        "  serial TEXT NOT NULL,"
        "  software TEXT NOT NULL,"
        "  code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),"
        "  issuer TEXT NOT NULL,"
        "  link TEXT NOT NULL CHECK (link IN ('ble', 'stream')),"
        "  location TEXT NOT NULL,"
        "  owner TEXT NOT NULL,"
        "  functions BLOB NOT NULL,"
        "  capabilities INTEGER NOT NULL,"
        "  config BLOB NOT NULL,"
        "  enrolled_at INTEGER NOT NULL"
        ") STRICT;"
        "CREATE TABLE ownership ("
        "  device INTEGER PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,"
        "  public_key BLOB NOT NULL CHECK (length(public_key) = 32),"
        "  epoch INTEGER NOT NULL,"
        "  hub_public BLOB NOT NULL CHECK (length(hub_public) = 32),"
        "  adv_key BLOB NOT NULL CHECK (length(adv_key) = 32),"
        "  settled INTEGER NOT NULL CHECK (settled IN (0, 1)),"
        "  resume BLOB,"
        "  CHECK (settled = 0 OR resume IS NULL)"
        ") STRICT;"
        "CREATE TABLE channel ("
        "  device INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,"
        "  number INTEGER NOT NULL,"
        "  leaf TEXT NOT NULL,"
        "  class TEXT NOT NULL,"
        "  unit TEXT NOT NULL,"
        "  direction INTEGER NOT NULL CHECK (direction IN (1, 2)),"
        "  every_s INTEGER NOT NULL,"
        "  PRIMARY KEY (device, number)"
        ") STRICT, WITHOUT ROWID;"
        "INSERT INTO device "
        "  SELECT id, 'enrolled', device_id, name, maker, model, serial, software, code_hash,"
        "  issuer, link, location, owner, functions, capabilities, config, enrolled_at"
        "  FROM device_1;"
        "INSERT INTO ownership"
        "  SELECT id, public_key, epoch, hub_public, adv_key, settled, resume FROM device_1;"
        "INSERT INTO channel"
        "  SELECT device, number, leaf, class, unit, direction, every_s FROM channel_1;"
        "DROP TABLE channel_1;"
        "DROP TABLE device_1;",
        /* What is left of an ownership that was given up; it outlives its device. */
        "CREATE TABLE tombstone ("
        "  device_id BLOB PRIMARY KEY CHECK (length(device_id) = 16),"
        "  epoch INTEGER NOT NULL"
        ") STRICT, WITHOUT ROWID;",
        /* Which topics the broker may keep a message of ours under. */
        "CREATE TABLE retained (topic TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;",
        /* There are more kinds of links than two. */
        "ALTER TABLE device RENAME COLUMN link TO link_4;"
        "ALTER TABLE device ADD COLUMN link TEXT NOT NULL DEFAULT 'ble'"
        "  CHECK (length(link) BETWEEN 1 AND 15);"
        "UPDATE device SET link = link_4;"
        "ALTER TABLE device DROP COLUMN link_4;",
        /* A channel says what its values may be, a device when it can be reached, and channels may
         * make up one thing. */
        "ALTER TABLE device ADD COLUMN presence TEXT NOT NULL DEFAULT 'unknown'"
        "  CHECK (presence IN ('unknown', 'mains', 'sleeps'));"
        "ALTER TABLE device ADD COLUMN sleep_s INTEGER NOT NULL DEFAULT 0;"
        "ALTER TABLE channel RENAME TO channel_5;"
        "CREATE TABLE channel ("
        "  device INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,"
        "  number INTEGER NOT NULL,"
        "  leaf TEXT NOT NULL,"
        "  class TEXT NOT NULL,"
        "  unit TEXT NOT NULL,"
        "  direction INTEGER NOT NULL CHECK (direction IN (1, 2, 3)),"
        "  every_s INTEGER NOT NULL,"
        "  type TEXT NOT NULL DEFAULT 'number',"
        "  category TEXT NOT NULL DEFAULT 'none',"
        "  low INTEGER,"
        "  high INTEGER,"
        "  step INTEGER NOT NULL DEFAULT 0,"
        "  exponent INTEGER NOT NULL DEFAULT 0,"
        "  length INTEGER NOT NULL DEFAULT 0,"
        "  words TEXT NOT NULL DEFAULT '',"
        "  PRIMARY KEY (device, number)"
        ") STRICT, WITHOUT ROWID;"
        "INSERT INTO channel (device, number, leaf, class, unit, direction, every_s)"
        "  SELECT device, number, leaf, class, unit, direction, every_s FROM channel_5;"
        "DROP TABLE channel_5;"
        /* The key's columns come first: SQLite 3.40 otherwise finds NULL in the others when it
         * checks a table without rowid. */
        "CREATE TABLE member ("
        "  device INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,"
        "  channel INTEGER NOT NULL,"
        "  place INTEGER NOT NULL,"
        "  grouping INTEGER NOT NULL,"
        "  kind TEXT NOT NULL,"
        "  role TEXT NOT NULL,"
        "  PRIMARY KEY (device, channel)"
        ") STRICT, WITHOUT ROWID;",
        /* A device that replaces another is known to others as that one was. */
        "ALTER TABLE device ADD COLUMN known_as BLOB NOT NULL"
        "  DEFAULT x'00000000000000000000000000000000' CHECK (length(known_as) = 16);"
        "UPDATE device SET known_as = device_id;"
        "CREATE UNIQUE INDEX device_known_as ON device (known_as);",
        /* How what a device reports is published; the same for one that replaces it. */
        "CREATE TABLE delivery ("
        "  known_as BLOB PRIMARY KEY CHECK (length(known_as) = 16),"
        "  retain INTEGER NOT NULL CHECK (retain IN (0, 1)),"
        "  throttle_s INTEGER NOT NULL CHECK (throttle_s >= 0)"
        ") STRICT, WITHOUT ROWID;",
        /* What is set for the hub while it runs. */
        "CREATE TABLE preference ("
        "  name TEXT PRIMARY KEY,"
        "  value TEXT NOT NULL"
        ") STRICT, WITHOUT ROWID;",
        /* What was forwarded of each device, to forward it again; a secret in it is sealed for its
         * recipient. And whether the recipient of a message has to acknowledge it. */
        "CREATE TABLE forwarded ("
        "  device INTEGER PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,"
        "  payload BLOB NOT NULL"
        ") STRICT;"
        "ALTER TABLE outbox ADD COLUMN receipt INTEGER NOT NULL DEFAULT 0"
        "  CHECK (receipt IN (0, 1, 2));",
        /* Which entities Home Assistant may have of a device, or of the hub. */
        "CREATE TABLE announced ("
        "  subject TEXT PRIMARY KEY,"
        "  entities TEXT NOT NULL"
        ") STRICT, WITHOUT ROWID;",
        /* What was known of the devices when the hub ended. Every reading is replaced often, so
         * there is no more order in them than that of their leaves. */
        "CREATE TABLE sighting ("
        "  device INTEGER PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,"
        "  last_seen INTEGER NOT NULL,"
        "  boot_id BLOB CHECK (length(boot_id) = 8),"
        "  next INTEGER NOT NULL,"
        "  taken INTEGER NOT NULL"
        ") STRICT;"
        "CREATE TABLE reading ("
        "  device INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,"
        "  leaf TEXT NOT NULL,"
        "  type INTEGER NOT NULL,"
        "  exponent INTEGER NOT NULL,"
        "  integer INTEGER NOT NULL,"
        "  text BLOB,"
        "  PRIMARY KEY (device, leaf)"
        ") STRICT, WITHOUT ROWID;",
        /* Few of many: whose enrollment is to be finished. */
        "CREATE INDEX ownership_unsettled ON ownership (device) WHERE settled = 0;",
        /* The catalogue: codes of devices that are not enrolled yet. `sealed` is sealed by its
         * owner. */
        "CREATE TABLE entry ("
        "  device_id BLOB PRIMARY KEY CHECK (length(device_id) = 16),"
        "  reference TEXT UNIQUE CHECK (length(reference) BETWEEN 8 AND 32),"
        "  maker TEXT NOT NULL,"
        "  model TEXT NOT NULL,"
        "  serial TEXT NOT NULL,"
        "  issuer TEXT NOT NULL,"
        "  name TEXT NOT NULL,"
        "  joins INTEGER NOT NULL CHECK (joins IN (0, 1)),"
        "  added_at INTEGER NOT NULL,"
        "  sealed BLOB NOT NULL"
        ") STRICT;"
        "CREATE INDEX entry_joins ON entry (device_id) WHERE joins = 1;",
        /* What it takes to release a device later that was given up without being released. */
        "CREATE TABLE stray ("
        "  device_id BLOB PRIMARY KEY CHECK (length(device_id) = 16),"
        "  name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 32),"
        "  public_key BLOB NOT NULL CHECK (length(public_key) = 32),"
        "  epoch INTEGER NOT NULL,"
        "  adv_key BLOB NOT NULL CHECK (length(adv_key) = 32),"
        "  given_up_at INTEGER NOT NULL"
        ") STRICT, WITHOUT ROWID;",
        /* Whether a device was asked to let itself go, which it may have done unheard. */
        "ALTER TABLE ownership ADD COLUMN leaving INTEGER NOT NULL DEFAULT 0 CHECK (leaving IN (0, 1));",
};
/* clang-format on */

const size_t schema_n_migrations = ELEMENTSOF(schema_migrations);

static int schema_execute(sqlite3 *db, const char *sql)
{
        return query_errno(db, sqlite3_exec(db, sql, NULL, NULL, NULL));
}

static int schema_version(sqlite3 *db, size_t *ret_version)
{
        sqlite3_stmt *statement = NULL;
        int code;

        code = sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
                *ret_version = (size_t)sqlite3_column_int(statement, 0);
        (void)sqlite3_finalize(statement);
        return query_errno(db, code);
}

/* Whether every row has what it refers to: -EUCLEAN if not. */
static int schema_check_references(sqlite3 *db)
{
        sqlite3_stmt *statement = NULL;
        int code;

        code = sqlite3_prepare_v2(db, "PRAGMA foreign_key_check", -1, &statement, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        (void)sqlite3_finalize(statement);
        return code == SQLITE_ROW ? -EUCLEAN : query_errno(db, code);
}

static int schema_apply(sqlite3 *db, const char *const *migrations, size_t from, size_t to)
{
        char set_version[48];
        int r;

        for (size_t i = from; i < to; i++) {
                r = schema_execute(db, migrations[i]);
                if (r < 0)
                        return r;
        }
        r = schema_check_references(db);
        if (r < 0)
                return r;
        (void)snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %zu", to);
        return schema_execute(db, set_version);
}

int schema_migrate(sqlite3 *db, const char *const *migrations, size_t n_migrations)
{
        size_t version = 0;
        int r;

        r = schema_version(db, &version);
        if (r < 0)
                return r;
        if (version > n_migrations)
                return STORE_E_NEWER;
        if (version == n_migrations)
                return 0;

        r = schema_execute(db, "BEGIN IMMEDIATE");
        if (r < 0)
                return r;
        r = schema_apply(db, migrations, version, n_migrations);
        if (r == 0)
                r = schema_execute(db, "COMMIT");
        if (r < 0 && !sqlite3_get_autocommit(db))
                (void)schema_execute(db, "ROLLBACK");
        return r;
}
