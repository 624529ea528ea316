/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One prepared statement in use, and the transactions around it. Inside src/store only.
 *
 * Every statement of the store stands in one table, is prepared when it is first needed and then
 * kept. A query remembers the first thing that went wrong, so that a caller puts all values, runs,
 * gets all columns, and asks once at query_end().
 */

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "store/store.h"

enum query_id {
        QUERY_DEVICE_PUT,
        QUERY_DEVICE_BY_ID,
        QUERY_DEVICE_BY_HALF,
        QUERY_DEVICE_BY_ROW,
        QUERY_DEVICE_BY_NAME,
        QUERY_DEVICE_AFTER,
        QUERY_DEVICE_BY_KNOWN_AS,
        QUERY_DEVICE_KNOWN_AS,
        QUERY_DEVICE_BEHIND,
        QUERY_DEVICE_COUNT,
        QUERY_DEVICE_RENAME,
        QUERY_DEVICE_REMOVE,
        QUERY_DEVICE_MEND_TIME,
        QUERY_OWNERSHIP_PUT,
        QUERY_OWNERSHIP_SETTLE,
        QUERY_OWNERSHIP_LEAVE,
        QUERY_OWNERSHIP_COUNT_UNSETTLED,
        QUERY_OWNERSHIP_UNSETTLED_AFTER,
        QUERY_TOMBSTONE_PUT,
        QUERY_TOMBSTONE_GET,
        QUERY_STRAY_PUT,
        QUERY_STRAY_GET,
        QUERY_STRAY_AFTER,
        QUERY_STRAY_DROP,
        QUERY_STRAY_TRIM,
        QUERY_STRAY_EXPIRE,
        QUERY_STRAY_MEND_TIME,
        QUERY_CHANNEL_PUT,
        QUERY_CHANNEL_ALL,
        QUERY_MEMBER_PUT,
        QUERY_MEMBER_ALL,
        QUERY_FORWARDED_PUT,
        QUERY_FORWARDED_GET,
        QUERY_SIGHTING_PUT,
        QUERY_SIGHTING_GET,
        QUERY_READING_PUT,
        QUERY_READING_ALL,
        QUERY_READING_DROP_DEVICE,
        QUERY_OUTBOX_PUT,
        QUERY_OUTBOX_NEXT,
        QUERY_OUTBOX_NEXT_IN_LANE,
        QUERY_OUTBOX_DROP,
        QUERY_OUTBOX_NOTE_SENT,
        QUERY_OUTBOX_REPLACE,
        QUERY_OUTBOX_DROP_DEVICE,
        QUERY_OUTBOX_COUNT,
        QUERY_OUTBOX_TRIM,
        QUERY_COUNTER_GET,
        QUERY_COUNTER_RAISE,
        QUERY_DELIVERY_PUT,
        QUERY_DELIVERY_GET,
        QUERY_DELIVERY_AFTER,
        QUERY_DELIVERY_DROP,
        QUERY_PREFERENCE_PUT,
        QUERY_PREFERENCE_GET,
        QUERY_RETAINED_PUT,
        QUERY_RETAINED_DROP,
        QUERY_RETAINED_AFTER,
        QUERY_ANNOUNCED_PUT,
        QUERY_ANNOUNCED_DROP,
        QUERY_ANNOUNCED_ALL,
        QUERY_ENTRY_PUT,
        QUERY_ENTRY_OWNER,
        QUERY_ENTRY_BY_ID,
        QUERY_ENTRY_BY_REFERENCE,
        QUERY_ENTRY_AFTER,
        QUERY_ENTRY_JOIN,
        QUERY_ENTRY_REMOVE,
        QUERY_ENTRY_COUNT,
        QUERY_ENTRY_COUNT_JOINING,
        QUERY_MAX,
};

struct store {
        sqlite3 *db;
        char directory[PATH_MAX]; /* where the file lies */
        sqlite3_stmt *statements[QUERY_MAX];
        bool has_past; /* the log has to be emptied: the files hold what was wiped from a row */
};

struct query {
        struct store *store;
        sqlite3_stmt *statement;
        int code;   /* SQLite's, of the first failure */
        int at_put; /* parameters put so far */
        int at_get; /* columns of this row got so far */
};

void query_start(struct query *q, struct store *store, enum query_id id);

/* Parameters, in the order of the statement. What they point to must live until query_end(). */
void query_put_int(struct query *q, int64_t value);
void query_put_text(struct query *q, const char *text);
void query_put_blob(struct query *q, const void *blob, size_t n_blob);
void query_put_null(struct query *q);

/* True when there is a (next) row. */
bool query_step(struct query *q);

/* Columns, in the order of the statement; one that does not fit counts as damage. */
int64_t query_get_int(struct query *q);
void query_get_text(struct query *q, char *ret_text, size_t size);
void query_get_bytes(struct query *q, uint8_t *ret_bytes, size_t n_bytes); /* exactly that many */
size_t query_get_blob(struct query *q, uint8_t *ret_blob, size_t size);    /* 0 for NULL */
bool query_get_is_null(struct query *q);                                   /* stays on the column */

/* The index of the text in @words, of which some may be NULL. */
size_t query_get_word(struct query *q, const char *const *words, size_t n_words);

/* Ends the query: 0 or the -errno of the first failure. */
int query_end(struct query *q);

/* The same for a query of one row: STORE_E_NONE if it has succeeded and was not @found. */
int query_end_found(struct query *q, bool found);

/* Steps through a statement that answers nothing, and ends it. */
int query_run(struct query *q);

/* What a statement that counts has counted. 0 or -errno. */
int query_count(struct store *store, enum query_id id, uint64_t *ret_n);

/* The number of rows that the last statement changed. */
int query_n_changed(const struct store *store);

/* Whether the last statement broke a UNIQUE constraint. */
bool query_hit_unique(const struct store *store);

/*
 * A transaction. transaction_end() commits if @r is 0 and takes everything back otherwise; it
 * returns @r, or what the commit said. transaction_end_lazily() commits without waiting for the
 * disk: what it wrote survives the end of this process, and a power cut after the next ordinary
 * commit.
 */
int transaction_begin(struct store *store);
int transaction_end(struct store *store, int r);
int transaction_begin_lazily(struct store *store);
int transaction_end_lazily(struct store *store, int r);

/* SQLite's result @code as -errno; 0 for SQLITE_OK, SQLITE_ROW and SQLITE_DONE. */
int query_errno(sqlite3 *db, int code);
