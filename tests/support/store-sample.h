/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Rows to put into a store, each different from every other by its number; and a private place for
 * the store. */

#include <stdbool.h>
#include <stddef.h>

#include "store/enrollment.h"

struct sample {
        struct store_device device;
        struct store_channel channels[2];
        struct store_message messages[2]; /* its key, then an event */
        struct store_counter counter;
        struct store_enrollment enrollment; /* of all of the above */
};

/* Fills @s with an enrolled device @number: name "device-<number>", epoch 1, not settled. */
void sample_init(struct sample *s, unsigned number);

/* The same for a device of a kind that has no ownership. */
void sample_init_kind(struct sample *s, unsigned number, enum store_kind kind);

/* Fails the test unless every column is the same, the ownership included. */
void sample_assert_same(const struct store_device *a, const struct store_device *b);

/* Makes a directory below $TMPDIR and writes "<directory>/<file>" to @path. */
void sample_path(char *path, size_t size, const char *file);

/* Removes the directory of @path and all files in it. */
void sample_clean(const char *path);

/* An empty store in a private place: what cmocka sets up for a test, and takes down. */
struct store_place {
        char path[512];
        struct store *store;
};

int store_place_set_up(void **state);
int store_place_tear_down(void **state);
void store_place_reopen(struct store_place *p);

/* Whether the file at @path, or the log beside it, has these bytes in it. */
bool store_files_hold(const char *path, const void *bytes, size_t n_bytes);
