/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/grid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "ctl/charset.h"
#include "ctl/text.h"
#include "util/free.h"
#include "wire/utf8.h"

#define COLUMNS_MAX       9 /* of a list */
#define VALUE_COLUMNS_MIN 8 /* of a value beside its heading, on however narrow a terminal */

struct libscols_table *grid_unref(struct libscols_table *table)
{
        scols_unref_table(table);
        return NULL;
}

/* "1, 2, 3" of an array of numbers or texts, to be freed; NULL if memory is short. */
static char *join(const json_t *list)
{
        char *text = NULL;
        size_t n_text = 0, i;
        FILE *file = open_memstream(&text, &n_text);
        json_t *value;

        if (!file)
                return NULL;
        json_array_foreach(list, i, value)
        {
                const char *comma = i > 0 ? ", " : "";

                if (json_is_integer(value))
                        (void)fprintf(file, "%s%" JSON_INTEGER_FORMAT, comma,
                                      json_integer_value(value));
                else if (json_is_string(value))
                        (void)fprintf(file, "%s%s", comma, json_string_value(value));
        }
        return fclose(file) == 0 ? text : NULL;
}

/* The value as people read it, to be freed; NULL if memory is short. */
static char *cell_text(const json_t *value)
{
        char *text = NULL, *localized;
        int r = 0;

        switch (value ? json_typeof(value) : JSON_NULL) {
        case JSON_STRING:
                text = strdup(json_string_value(value));
                break;
        case JSON_INTEGER:
                r = asprintf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
                break;
        case JSON_REAL:
                r = asprintf(&text, "%.15g", json_real_value(value));
                break;
        case JSON_TRUE:
        case JSON_FALSE:
                text = strdup(json_is_true(value) ? "yes" : "no");
                break;
        case JSON_ARRAY:
                text = join(value);
                break;
        case JSON_OBJECT:
        case JSON_NULL:
                text = strdup("");
                break;
        }
        if (r < 0 || !text)
                return NULL;
        utf8_make_printable(text);
        localized = charset_localize(text);
        free(text);
        return localized;
}

static int set_cell(struct libscols_line *line, size_t column, const json_t *value)
{
        _defer_(free) char *text = cell_text(value);

        return text ? scols_line_set_data(line, column, text) : -ENOMEM;
}

/* With columns that share @width, which libsmartcols does not find out by itself. */
static int new_table(const struct grid_column *columns, size_t n_columns, size_t width,
                     struct libscols_table **ret_table)
{
        _defer_(grid_unref) struct libscols_table *table = scols_new_table();

        if (!table)
                return -ENOMEM;
        for (size_t i = 0; i < n_columns; i++)
                if (!scols_table_new_column(table, columns[i].heading, 0,
                                            width ? SCOLS_FL_WRAP : 0))
                        return -ENOMEM;
        (void)scols_table_set_termforce(table,
                                        width ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
        if (width)
                (void)scols_table_set_termwidth(table, width);
        *ret_table = take(table);
        return 0;
}

static size_t column_width(const json_t *list, const struct grid_column *column)
{
        size_t widest = text_width(column->heading), i;
        json_t *object;

        json_array_foreach(list, i, object)
        {
                _defer_(free) char *text = cell_text(json_object_get(object, column->key));
                size_t width = text ? text_width(text) : 0;

                widest = width > widest ? width : widest;
        }
        return widest;
}

/* Copies those of @columns that fit into @width beside each other; returns how many. */
static size_t choose_columns(const json_t *list, const struct grid_column *columns,
                             size_t n_columns, size_t width, struct grid_column chosen[COLUMNS_MAX])
{
        size_t n = n_columns, total = 0, spare;

        memcpy(chosen, columns, n_columns * sizeof(*columns));
        for (size_t i = 0; i < n; i++)
                total += column_width(list, &chosen[i]) + (i > 0);
        while (width > 0 && total > width) {
                spare = 0;
                for (size_t i = 1; i < n; i++)
                        if (chosen[i].spare > chosen[spare].spare)
                                spare = i;
                if (chosen[spare].spare == 0)
                        break;
                total -= column_width(list, &chosen[spare]) + 1;
                n--;
                memmove(&chosen[spare], &chosen[spare + 1], (n - spare) * sizeof(*chosen));
        }
        return n;
}

int grid_print_list(const json_t *list, const struct grid_column *all, size_t n_all, size_t width,
                    FILE *file)
{
        _defer_(grid_unref) struct libscols_table *table = NULL;
        struct grid_column columns[COLUMNS_MAX];
        size_t n_columns = choose_columns(list, all, n_all, width, columns), l;
        json_t *object;
        int r;

        r = new_table(columns, n_columns, width, &table);
        if (r < 0)
                return r;
        json_array_foreach(list, l, object)
        {
                struct libscols_line *line = scols_table_new_line(table, NULL);

                for (size_t i = 0; line && r == 0 && i < n_columns; i++)
                        r = set_cell(line, i, json_object_get(object, columns[i].key));
                if (!line || r < 0)
                        return line ? r : -ENOMEM;
        }
        (void)scols_table_set_stream(table, file);
        return scols_print_table(table);
}

int grid_add_pair(struct libscols_table *table, const char *heading, const json_t *value)
{
        struct libscols_line *line = scols_table_new_line(table, NULL);
        int r;

        if (!line)
                return -ENOMEM;
        r = scols_line_set_data(line, 0, heading);
        return r < 0 ? r : set_cell(line, 1, value);
}

int grid_add_pairs(struct libscols_table *table, const json_t *object,
                   const struct grid_column *rows, size_t n_rows)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < n_rows; i++) {
                const json_t *value = json_object_get(object, rows[i].key);

                if (value)
                        r = grid_add_pair(table, rows[i].heading, value);
        }
        return r;
}

/* Makes lines of the values, so that they fit beside the headings. */
static int wrap_values(struct libscols_table *table, size_t width)
{
        size_t n_lines = scols_table_get_nlines(table), widest = 0, room;
        int r = 0;

        for (size_t i = 0; i < n_lines; i++) {
                struct libscols_line *line = scols_table_get_line(table, i);
                size_t n = text_width(scols_cell_get_data(scols_line_get_cell(line, 0)));

                widest = n > widest ? n : widest;
        }
        room = width > widest + 1 + VALUE_COLUMNS_MIN ? width - widest - 1 : VALUE_COLUMNS_MIN;
        for (size_t i = 0; r == 0 && i < n_lines; i++) {
                struct libscols_line *line = scols_table_get_line(table, i);
                _defer_(free) char *text =
                        text_wrap(scols_cell_get_data(scols_line_get_cell(line, 1)), room, 0);

                r = text ? scols_line_set_data(line, 1, text) : -ENOMEM;
        }
        return r;
}

int grid_new_pairs(struct libscols_table **ret_table)
{
        static const struct grid_column columns[] = {{NULL, "KEY", 0}, {NULL, "VALUE", 0}};
        _defer_(grid_unref) struct libscols_table *table = NULL;
        struct libscols_column *values;
        int r;

        r = new_table(columns, ELEMENTSOF(columns), 0, &table);
        if (r < 0)
                return r;
        values = scols_table_get_column(table, 1);
        (void)scols_column_set_flags(values, SCOLS_FL_WRAP);
        (void)scols_column_set_safechars(values, "\n");
        (void)scols_column_set_wrapfunc(values, scols_wrapnl_chunksize, scols_wrapnl_nextchunk,
                                        NULL);
        (void)scols_table_enable_noheadings(table, 1);
        *ret_table = take(table);
        return 0;
}

int grid_print_pairs(struct libscols_table *table, size_t width, FILE *file)
{
        int r = width ? wrap_values(table, width) : 0;

        (void)scols_table_set_stream(table, file);
        return r < 0 ? r : scols_print_table(table);
}

int grid_add_take(struct libscols_table *table, const char *heading, json_t *value_take)
{
        int r = value_take ? grid_add_pair(table, heading, value_take) : -ENOMEM;

        json_decref(value_take);
        return r;
}
