/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The store: what the hub knows of its devices, on disk, through power cuts.
 *
 * One SQLite file (WAL, synchronous=FULL), opened by one process at a time. The rows and their
 * verbs are in the other headers of this folder; this file opens the store, says what a failure
 * means to people, and answers whether there is room before anything irreversible starts.
 *
 * Every verb returns 0, -errno, or an outcome of the enum below. The store never logs.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reason/reason.h"
#include "util/defer.h"

/* Enough for a few hundred enrollments; what store_probe_space() is usually asked for. */
#define STORE_ROOM_BYTES (1024 * 1024)

#define STORE_DEVICE_ID_BYTES 16
#define STORE_TOPIC_SIZE      192 /* of a topic in a row, with its NUL */

struct store;

enum {
        STORE_E_NEWER = 1,  /* the file was written by a newer enrolld; it is left untouched */
        STORE_E_NAME_TAKEN, /* another device has this name */
        STORE_E_SUPERSEDED, /* a higher counter of this issuer and product has been enrolled */
        STORE_E_NONE,       /* there is no such row */
        STORE_E_EMPTY,      /* the file is a database without anything in it */
        STORE_E_FOREIGN,    /* the file is a database, but not of enrolld; it is left untouched */
};

/*
 * Opens the store at @path and makes it if it is not there: the file with mode 0600, its directory,
 * where that is missing, with 0700. Migrates an older schema in one transaction. If the last
 * process was killed and has left a log, the log is emptied; if that fails, there is a past.
 *
 * 0; STORE_E_NEWER; STORE_E_FOREIGN; -EUCLEAN if the file is damaged or no database at all; -EBUSY
 * if another process has it open; -EROFS, -EACCES, -ENOSPC and other -errno.
 */
int store_open(const char *path, struct store **ret_store);

/* Opens a store that was made before; where there is none: -ENOENT or STORE_E_EMPTY. */
int store_reopen(const char *path, struct store **ret_store);

/* Closes the store and folds the write-ahead log into it. Takes NULL, returns NULL. */
struct store *store_free(struct store *store);

/*
 * Which master key the store belongs to: the check value that store_set_key_check() wrote, 0 if it
 * never did. It is in the header of the file, as SQLite's application id. 0 or -errno.
 */
int store_key_check(struct store *store, uint32_t *ret_check);
int store_set_key_check(struct store *store, uint32_t check);

/*
 * Says, before a device is touched, whether a transaction of up to @n_bytes would get through:
 * the file system has that much room for this user, the store can be written and nobody has
 * locked it. Changes nothing.
 */
int store_probe_space(struct store *store, uint64_t n_bytes);

/*
 * Whether the files hold a past: something that was wiped from a row, above all the sealed code of
 * a device that has confirmed since, which is in the database or its write-ahead log until the log
 * is emptied.
 */
bool store_has_past(const struct store *store);

/*
 * Empties the write-ahead log if there is a past, which takes two syncs, and one more when the log
 * is written again. 0, or -errno, and then the past is still there.
 */
int store_forget_past(struct store *store);

/* A number that grows with every row that is written: what was read while it was the same holds. */
uint64_t store_writes(const struct store *store);

/* What to tell people when a verb returned @r: REASON_NONE for 0, else one of REASON_STORE_*. */
enum reason store_reason(int r);

DEFINE_DEFER(struct store *, store_free);
