/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a table is drawn with: a list, which has a line for each object and a column for each key,
 * or pairs of headings and values.
 *
 * It fits into @width columns, 0: as many as it takes. A list that is too wide has fewer columns,
 * and a value that is too long is continued in the next line.
 */

#include <stdio.h>

#include <jansson.h>

#include "util/defer.h"

struct libscols_table;

struct grid_column {
        const char *key, *heading;
        unsigned spare; /* the highest is left out first where they do not fit; 0: it never is */
};

/* One line for each object of @list. 0 or -errno; the same for the following. */
int grid_print_list(const json_t *list, const struct grid_column *all, size_t n_all, size_t width,
                    FILE *file);

/* A table of headings and values. */
int grid_new_pairs(struct libscols_table **ret_table);
struct libscols_table *grid_unref(struct libscols_table *table);

int grid_add_pair(struct libscols_table *table, const char *heading, const json_t *value);

/* Takes @value_take; NULL means that memory was short. */
int grid_add_take(struct libscols_table *table, const char *heading, json_t *value_take);

/* One line for each key that @object has, in the order of @rows. */
int grid_add_pairs(struct libscols_table *table, const json_t *object,
                   const struct grid_column *rows, size_t n_rows);

int grid_print_pairs(struct libscols_table *table, size_t width, FILE *file);

DEFINE_DEFER(struct libscols_table *, grid_unref);
