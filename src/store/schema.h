/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The tables, and how an older store becomes a present one.
 *
 * The version of a store is its PRAGMA user_version: the number of migrations it has been through.
 * A released migration is never changed; what changes is added as the next one. Its PRAGMA
 * application_id is not of the schema: store.h says what it is.
 */

#include <stddef.h>

#include <sqlite3.h>

/* SQL that takes a store from version i to i + 1, at index i. */
extern const char *const schema_migrations[];
extern const size_t schema_n_migrations;

/*
 * Brings @db to version @n_migrations in one transaction, or leaves it as it was. 0;
 * STORE_E_NEWER; -EUCLEAN if a row would be left without what it refers to; -errno.
 */
int schema_migrate(sqlite3 *db, const char *const *migrations, size_t n_migrations);
