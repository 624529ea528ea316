/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What a table of enrollctl (ctl/table.h, ctl/summary.h) looks like on paper and on a terminal. */

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

typedef int printed_table(const json_t *value, size_t width, FILE *file);

/* What @table writes for @json, to be freed. */
char *printed(printed_table *table, const char *json, size_t width);

/* It takes no more columns than there are, whether the terminal is wide or narrow. */
void assert_printed_fits(printed_table *table, const char *json);
