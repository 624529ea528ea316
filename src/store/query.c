/* SPDX-License-Identifier: Apache-2.0 */

#include "store/query.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define DEVICE_COLUMNS                                                                             \
        "kind, device_id, name, maker, model, serial, software, code_hash, issuer, link, "         \
        "location, owner, functions, capabilities, config, enrolled_at, presence, sleep_s, "       \
        "known_as"

#define OWNERSHIP_COLUMNS "public_key, epoch, hub_public, adv_key, settled, resume, leaving"

/* Only the enrolled have an ownership. */
#define SELECT_DEVICE                                                                              \
        "SELECT " DEVICE_COLUMNS ", " OWNERSHIP_COLUMNS " FROM device "                            \
        "LEFT JOIN ownership ON ownership.device = device.id "

#define CHANNEL_COLUMNS                                                                            \
        "number, leaf, class, unit, direction, every_s, type, category, low, high, step, "         \
        "exponent, length, words"

#define MEMBER_COLUMNS "grouping, kind, role, channel"

#define ENTRY_COLUMNS                                                                              \
        "device_id, ifnull(reference, ''), maker, model, serial, issuer, name, joins, added_at, "  \
        "sealed"

#define STRAY_COLUMNS "device_id, name, public_key, epoch, adv_key, given_up_at"

#define OUTBOX_COLUMNS "id, device_id, topic, informational, created_at, receipt, payload"

/* clang-format off */
static const char *const texts[QUERY_MAX] = {
        [QUERY_DEVICE_PUT] =
                "INSERT INTO device (" DEVICE_COLUMNS ") "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [QUERY_DEVICE_BY_ID] =
                SELECT_DEVICE "WHERE device_id = ?",
        [QUERY_DEVICE_BY_HALF] =
                SELECT_DEVICE "WHERE known_as BETWEEN ? AND ? ORDER BY known_as LIMIT 1",
        [QUERY_DEVICE_BY_ROW] =
                SELECT_DEVICE "WHERE device.id = ?",
        [QUERY_DEVICE_BY_NAME] =
                SELECT_DEVICE "WHERE name = ?",
        [QUERY_DEVICE_AFTER] =
                SELECT_DEVICE "WHERE name > ? ORDER BY name LIMIT 1",
        [QUERY_DEVICE_BY_KNOWN_AS] =
                SELECT_DEVICE "WHERE known_as = ?",
        [QUERY_DEVICE_KNOWN_AS] =
                "SELECT known_as FROM device WHERE device_id = ?",
        [QUERY_DEVICE_BEHIND] =
                "SELECT device_id FROM device WHERE known_as = ?",
        [QUERY_DEVICE_COUNT] =
                "SELECT count(*) FROM device",
        [QUERY_DEVICE_RENAME] =
                "UPDATE device SET name = ? WHERE device_id = ?",
        [QUERY_DEVICE_REMOVE] =
                "DELETE FROM device WHERE device_id = ?",
        [QUERY_DEVICE_MEND_TIME] =
                "UPDATE device SET enrolled_at = iif(enrolled_at >= ?1, min(enrolled_at + ?2, ?3), ?3) "
                "WHERE enrolled_at < ?4",
        [QUERY_OWNERSHIP_PUT] =
                "INSERT INTO ownership (device, " OWNERSHIP_COLUMNS ") "
                "SELECT id, ?, ?, ?, ?, ?, ?, ? FROM device WHERE device_id = ?",
        [QUERY_OWNERSHIP_SETTLE] =
                "UPDATE ownership SET settled = 1, resume = NULL "
                "WHERE device = (SELECT id FROM device WHERE device_id = ?) AND epoch = ?",
        [QUERY_OWNERSHIP_LEAVE] =
                "UPDATE ownership SET leaving = ? "
                "WHERE device = (SELECT id FROM device WHERE device_id = ?) AND epoch = ?",
        [QUERY_OWNERSHIP_COUNT_UNSETTLED] =
                "SELECT count(*) FROM ownership WHERE settled = 0",
        [QUERY_OWNERSHIP_UNSETTLED_AFTER] =
                "SELECT device FROM ownership WHERE settled = 0 AND device > ? "
                "ORDER BY device LIMIT 1",
        [QUERY_TOMBSTONE_PUT] =
                "INSERT INTO tombstone (device_id, epoch) "
                "SELECT device_id, epoch FROM device JOIN ownership ON ownership.device = device.id "
                "WHERE device_id = ? "
                "ON CONFLICT (device_id) DO UPDATE SET epoch = excluded.epoch "
                "WHERE excluded.epoch > epoch",
        [QUERY_TOMBSTONE_GET] =
                "SELECT epoch FROM tombstone WHERE device_id = ?",
        [QUERY_STRAY_PUT] =
                "INSERT OR REPLACE INTO stray (" STRAY_COLUMNS ") "
                "SELECT device_id, name, public_key, epoch, adv_key, ? "
                "FROM device JOIN ownership ON ownership.device = device.id WHERE device_id = ?",
        [QUERY_STRAY_GET] =
                "SELECT " STRAY_COLUMNS " FROM stray WHERE device_id = ?",
        [QUERY_STRAY_AFTER] =
                "SELECT " STRAY_COLUMNS " FROM stray "
                "WHERE device_id > ? ORDER BY device_id LIMIT 1",
        [QUERY_STRAY_DROP] =
                "DELETE FROM stray WHERE device_id = ?",
        [QUERY_STRAY_TRIM] =
                "DELETE FROM stray WHERE device_id IN (SELECT device_id FROM stray "
                "ORDER BY given_up_at DESC, device_id LIMIT -1 OFFSET ?)",
        [QUERY_STRAY_EXPIRE] =
                "DELETE FROM stray WHERE given_up_at < ?",
        [QUERY_STRAY_MEND_TIME] =
                "UPDATE stray SET given_up_at = iif(given_up_at >= ?1, min(given_up_at + ?2, ?3), ?3) "
                "WHERE given_up_at < ?4",
        [QUERY_CHANNEL_PUT] =
                "INSERT INTO channel (device, " CHANNEL_COLUMNS ") "
                "SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM device WHERE device_id = ?",
        [QUERY_CHANNEL_ALL] =
                "SELECT " CHANNEL_COLUMNS " FROM channel "
                "WHERE device = (SELECT id FROM device WHERE device_id = ?) ORDER BY number",
        [QUERY_MEMBER_PUT] =
                "INSERT INTO member (device, place, " MEMBER_COLUMNS ") "
                "SELECT id, ?, ?, ?, ?, ? FROM device WHERE device_id = ?",
        [QUERY_MEMBER_ALL] =
                "SELECT " MEMBER_COLUMNS " FROM member "
                "WHERE device = (SELECT id FROM device WHERE device_id = ?) ORDER BY place",
        [QUERY_FORWARDED_PUT] =
                "INSERT INTO forwarded (device, payload) "
                "SELECT id, ? FROM device WHERE device_id = ?",
        [QUERY_FORWARDED_GET] =
                "SELECT payload FROM forwarded "
                "WHERE device = (SELECT id FROM device WHERE device_id = ?)",
        [QUERY_SIGHTING_PUT] =
                "INSERT INTO sighting (device, last_seen, boot_id, next, taken) "
                "SELECT id, ?, ?, ?, ? FROM device WHERE device_id = ? "
                "ON CONFLICT (device) DO UPDATE SET last_seen = excluded.last_seen, "
                "boot_id = excluded.boot_id, next = excluded.next, taken = excluded.taken",
        [QUERY_SIGHTING_GET] =
                "SELECT last_seen, boot_id, next, taken FROM sighting "
                "WHERE device = (SELECT id FROM device WHERE device_id = ?)",
        [QUERY_READING_PUT] =
                "INSERT INTO reading (device, leaf, type, exponent, integer, text) "
                "SELECT id, ?, ?, ?, ?, ? FROM device WHERE device_id = ?",
        [QUERY_READING_ALL] =
                "SELECT leaf, type, exponent, integer, text FROM reading "
                "WHERE device = (SELECT id FROM device WHERE device_id = ?)",
        [QUERY_READING_DROP_DEVICE] =
                "DELETE FROM reading WHERE device = (SELECT id FROM device WHERE device_id = ?)",
        [QUERY_OUTBOX_PUT] =
                "INSERT INTO outbox (device_id, topic, informational, created_at, receipt, payload) "
                "VALUES (?, ?, ?, ?, ?, ?)",
        [QUERY_OUTBOX_NEXT] =
                "SELECT " OUTBOX_COLUMNS " FROM outbox WHERE id > ? ORDER BY id LIMIT 1",
        [QUERY_OUTBOX_NEXT_IN_LANE] =
                "SELECT " OUTBOX_COLUMNS " FROM outbox "
                "WHERE device_id IS ? AND informational = ? AND id > ? ORDER BY id LIMIT 1",
        [QUERY_OUTBOX_DROP] =
                "DELETE FROM outbox WHERE id = ?",
        [QUERY_OUTBOX_NOTE_SENT] =
                "UPDATE outbox SET receipt = 2 WHERE id = ?",
        [QUERY_OUTBOX_REPLACE] =
                "UPDATE outbox SET topic = ?, payload = ? WHERE id = ?",
        [QUERY_OUTBOX_DROP_DEVICE] =
                "DELETE FROM outbox WHERE device_id = ?",
        [QUERY_OUTBOX_COUNT] =
                "SELECT count(*) FROM outbox",
        [QUERY_OUTBOX_TRIM] =
                "DELETE FROM outbox WHERE informational = 1 AND id <= "
                "(SELECT id FROM outbox WHERE informational = 1 ORDER BY id DESC LIMIT 1 OFFSET ?)",
        [QUERY_COUNTER_GET] =
                "SELECT value FROM counter WHERE kid = ? AND product = ?",
        [QUERY_COUNTER_RAISE] =
                "INSERT INTO counter (kid, product, value) VALUES (?, ?, ?) "
                "ON CONFLICT (kid, product) DO UPDATE SET value = excluded.value "
                "WHERE excluded.value > value",
        [QUERY_DELIVERY_PUT] =
                "INSERT INTO delivery (known_as, retain, throttle_s) "
                "SELECT known_as, ?, ? FROM device WHERE device_id = ? "
                "ON CONFLICT (known_as) DO UPDATE SET retain = excluded.retain, "
                "throttle_s = excluded.throttle_s",
        [QUERY_DELIVERY_GET] =
                "SELECT retain, throttle_s FROM delivery JOIN device USING (known_as) "
                "WHERE device_id = ?",
        [QUERY_DELIVERY_AFTER] =
                "SELECT retain, throttle_s, device_id FROM device JOIN delivery USING (known_as) "
                "WHERE device_id > ? ORDER BY device_id LIMIT 1",
        [QUERY_DELIVERY_DROP] =
                "DELETE FROM delivery "
                "WHERE known_as = (SELECT known_as FROM device WHERE device_id = ?)",
        [QUERY_PREFERENCE_PUT] =
                "INSERT INTO preference (name, value) VALUES (?, ?) "
                "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [QUERY_PREFERENCE_GET] =
                "SELECT value FROM preference WHERE name = ?",
        [QUERY_RETAINED_PUT] =
                "INSERT INTO retained (topic) VALUES (?) ON CONFLICT DO NOTHING",
        [QUERY_RETAINED_DROP] =
                "DELETE FROM retained WHERE topic = ?",
        [QUERY_RETAINED_AFTER] =
                "SELECT topic FROM retained WHERE topic > ? ORDER BY topic LIMIT 1",
        [QUERY_ANNOUNCED_PUT] =
                "INSERT INTO announced (subject, entities) VALUES (?, ?) "
                "ON CONFLICT DO UPDATE SET entities = excluded.entities",
        [QUERY_ANNOUNCED_DROP] =
                "DELETE FROM announced WHERE subject = ?",
        [QUERY_ANNOUNCED_ALL] =
                "SELECT subject, entities FROM announced ORDER BY subject",
        [QUERY_ENTRY_PUT] =
                "INSERT INTO entry (device_id, reference, maker, model, serial, issuer, name, joins, "
                "added_at, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (device_id) DO UPDATE SET "
                "reference = ifnull(excluded.reference, reference), maker = excluded.maker, "
                "model = excluded.model, serial = excluded.serial, issuer = excluded.issuer, "
                "name = iif(excluded.name = '', name, excluded.name), "
                "joins = max(joins, excluded.joins), added_at = excluded.added_at, "
                "sealed = excluded.sealed",
        [QUERY_ENTRY_OWNER] =
                "SELECT device_id FROM entry WHERE reference = ?",
        [QUERY_ENTRY_BY_ID] =
                "SELECT " ENTRY_COLUMNS " FROM entry WHERE device_id = ?",
        [QUERY_ENTRY_BY_REFERENCE] =
                "SELECT " ENTRY_COLUMNS " FROM entry WHERE reference = ?",
        [QUERY_ENTRY_AFTER] =
                "SELECT " ENTRY_COLUMNS " FROM entry WHERE device_id > ? ORDER BY device_id LIMIT 1",
        [QUERY_ENTRY_JOIN] =
                "UPDATE entry SET joins = ? WHERE device_id = ?",
        [QUERY_ENTRY_REMOVE] =
                "DELETE FROM entry WHERE device_id = ?",
        [QUERY_ENTRY_COUNT] =
                "SELECT count(*) FROM entry",
        [QUERY_ENTRY_COUNT_JOINING] =
                "SELECT count(*) FROM entry WHERE joins = 1",
};
/* clang-format on */

/* The file system's own word where SQLite only says that opening or writing did not work. */
static int query_errno_of_system(sqlite3 *db, int otherwise)
{
        int error = db ? sqlite3_system_errno(db) : 0;

        return error > 0 ? -error : otherwise;
}

int query_errno(sqlite3 *db, int code)
{
        switch (code & 0xff) {
        case SQLITE_OK:
        case SQLITE_ROW:
        case SQLITE_DONE:
                return 0;
        case SQLITE_FULL:
                return -ENOSPC;
        case SQLITE_READONLY:
                return -EROFS;
        case SQLITE_PERM:
        case SQLITE_AUTH:
                return -EACCES;
        case SQLITE_CANTOPEN:
                return query_errno_of_system(db, -EACCES);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return -EBUSY;
        case SQLITE_NOMEM:
                return -ENOMEM;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
                return -EUCLEAN;
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
                return -EINVAL;
        case SQLITE_TOOBIG:
                return -EMSGSIZE;
        case SQLITE_IOERR:
                return query_errno_of_system(db, -EIO);
        default:
                return -EIO;
        }
}

/* Keeps the first failure; @code is one of sqlite3_bind_*() or sqlite3_step(). */
static void query_note(struct query *q, int code)
{
        if (q->code == SQLITE_OK)
                q->code = code;
}

void query_start(struct query *q, struct store *store, enum query_id id)
{
        sqlite3_stmt **kept = &store->statements[id];

        *q = (struct query){.store = store, .code = SQLITE_OK};
        if (!*kept)
                q->code = sqlite3_prepare_v3(store->db, texts[id], -1, SQLITE_PREPARE_PERSISTENT,
                                             kept, NULL);
        q->statement = *kept;
        /* One statement, one user at a time: a callback must not start what it is called from. */
        assert(!q->statement || !sqlite3_stmt_busy(q->statement));
}

void query_put_int(struct query *q, int64_t value)
{
        q->at_put++;
        if (q->statement)
                query_note(q, sqlite3_bind_int64(q->statement, q->at_put, value));
}

void query_put_text(struct query *q, const char *text)
{
        q->at_put++;
        if (q->statement)
                query_note(q, sqlite3_bind_text(q->statement, q->at_put, text, -1, SQLITE_STATIC));
}

void query_put_blob(struct query *q, const void *blob, size_t n_blob)
{
        q->at_put++;
        if (q->statement)
                query_note(q, sqlite3_bind_blob64(q->statement, q->at_put, blob, n_blob,
                                                  SQLITE_STATIC));
}

void query_put_null(struct query *q)
{
        q->at_put++;
        if (q->statement)
                query_note(q, sqlite3_bind_null(q->statement, q->at_put));
}

bool query_step(struct query *q)
{
        int code;

        if (q->code != SQLITE_OK)
                return false;
        q->at_get = 0;
        code = sqlite3_step(q->statement);
        if (code == SQLITE_ROW)
                return true;
        if (code != SQLITE_DONE)
                q->code = code;
        return false;
}

int64_t query_get_int(struct query *q)
{
        return sqlite3_column_int64(q->statement, q->at_get++);
}

void query_get_text(struct query *q, char *ret_text, size_t size)
{
        const unsigned char *text = sqlite3_column_text(q->statement, q->at_get);
        size_t n = (size_t)sqlite3_column_bytes(q->statement, q->at_get);

        q->at_get++;
        if (!text || n >= size || memchr(text, '\0', n)) {
                query_note(q, SQLITE_CORRUPT);
                return;
        }
        memcpy(ret_text, text, n + 1);
}

size_t query_get_blob(struct query *q, uint8_t *ret_blob, size_t size)
{
        const void *blob = sqlite3_column_blob(q->statement, q->at_get);
        size_t n = (size_t)sqlite3_column_bytes(q->statement, q->at_get);

        q->at_get++;
        if (n > size) {
                query_note(q, SQLITE_CORRUPT);
                return 0;
        }
        if (n > 0)
                memcpy(ret_blob, blob, n);
        return n;
}

void query_get_bytes(struct query *q, uint8_t *ret_bytes, size_t n_bytes)
{
        if (query_get_blob(q, ret_bytes, n_bytes) != n_bytes)
                query_note(q, SQLITE_CORRUPT);
}

bool query_get_is_null(struct query *q)
{
        return sqlite3_column_type(q->statement, q->at_get) == SQLITE_NULL;
}

size_t query_get_word(struct query *q, const char *const *words, size_t n_words)
{
        const unsigned char *text = sqlite3_column_text(q->statement, q->at_get++);

        for (size_t i = 0; text && i < n_words; i++)
                if (words[i] && strcmp((const char *)text, words[i]) == 0)
                        return i;
        query_note(q, SQLITE_CORRUPT);
        return 0;
}

int query_end(struct query *q)
{
        int r = query_errno(q->store->db, q->code);

        if (q->statement) {
                (void)sqlite3_reset(q->statement); /* repeats the failure that q->code has */
                (void)sqlite3_clear_bindings(q->statement);
        }
        return r;
}

int query_end_found(struct query *q, bool found)
{
        int r = query_end(q);

        return r == 0 && !found ? STORE_E_NONE : r;
}

int query_run(struct query *q)
{
        while (query_step(q))
                ;
        return query_end(q);
}

int query_count(struct store *store, enum query_id id, uint64_t *ret_n)
{
        struct query q;
        uint64_t n = 0;
        int r;

        query_start(&q, store, id);
        if (query_step(&q))
                n = (uint64_t)query_get_int(&q);
        r = query_end(&q);
        if (r == 0)
                *ret_n = n;
        return r;
}

int query_n_changed(const struct store *store)
{
        return sqlite3_changes(store->db);
}

bool query_hit_unique(const struct store *store)
{
        return sqlite3_extended_errcode(store->db) == SQLITE_CONSTRAINT_UNIQUE;
}

static int transaction_execute(struct store *store, const char *sql)
{
        return query_errno(store->db, sqlite3_exec(store->db, sql, NULL, NULL, NULL));
}

int transaction_begin(struct store *store)
{
        return transaction_execute(store, "BEGIN IMMEDIATE");
}

int transaction_end(struct store *store, int r)
{
        if (r == 0)
                r = transaction_execute(store, "COMMIT");
        /* SQLite itself has already rolled back after some failures. */
        if (r != 0 && !sqlite3_get_autocommit(store->db))
                (void)transaction_execute(store, "ROLLBACK");
        return r;
}

/*
 * In WAL mode a commit under synchronous=NORMAL appends to the log and does not wait; the next
 * commit under FULL syncs the whole log and with it all that came before. The setting cannot change
 * inside a transaction and takes effect when the PRAGMA is prepared, so it is never a kept
 * statement.
 */
int transaction_begin_lazily(struct store *store)
{
        int r;

        r = transaction_execute(store, "PRAGMA synchronous = NORMAL");
        if (r < 0)
                return r;
        r = transaction_begin(store);
        if (r < 0)
                (void)transaction_execute(store, "PRAGMA synchronous = FULL");
        return r;
}

int transaction_end_lazily(struct store *store, int r)
{
        int full;

        r = transaction_end(store, r);
        full = transaction_execute(store, "PRAGMA synchronous = FULL");
        return r ? r : full;
}
