/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "ctl/text.h"
#include "reason/reason.h"
#include "util/defer.h"
#include "util/free.h"

static struct libscols_table *table_unref(struct libscols_table *table)
{
        scols_unref_table(table);
        return NULL;
}

DEFINE_DEFER(struct libscols_table *, table_unref);

struct column {
        const char *key, *heading;
};

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
        char *text = NULL;
        int r = 0;

        switch (value ? json_typeof(value) : JSON_NULL) {
        case JSON_STRING:
                text = strdup(json_string_value(value));
                break;
        case JSON_INTEGER:
                r = asprintf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
                break;
        case JSON_REAL:
                r = asprintf(&text, "%g", json_real_value(value));
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
        text_make_printable(text);
        return text;
}

static int set_cell(struct libscols_line *line, size_t column, const json_t *value)
{
        _defer_(free) char *text = cell_text(value);

        return text ? scols_line_set_data(line, column, text) : -ENOMEM;
}

static int new_table(const struct column *columns, size_t n_columns,
                     struct libscols_table **ret_table)
{
        _defer_(table_unref) struct libscols_table *table = scols_new_table();

        if (!table)
                return -ENOMEM;
        for (size_t i = 0; i < n_columns; i++)
                if (!scols_table_new_column(table, columns[i].heading, 0, 0))
                        return -ENOMEM;
        *ret_table = take(table);
        return 0;
}

/* One line for each object of @list. */
static int print_list(const json_t *list, const struct column *columns, size_t n_columns,
                      FILE *file)
{
        _defer_(table_unref) struct libscols_table *table = NULL;
        json_t *object;
        size_t l;
        int r;

        r = new_table(columns, n_columns, &table);
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

int table_devices(const json_t *devices, FILE *file)
{
        static const struct column columns[] = {
                {"friendly_name", "NAME"},   {"manufacturer", "MAKER"},    {"model_id", "MODEL"},
                {"serial_number", "SERIAL"}, {"interview_state", "STATE"}, {"device_id", "ID"},
        };

        return print_list(devices, columns, ELEMENTSOF(columns), file);
}

static int add_pair(struct libscols_table *table, const char *heading, const json_t *value)
{
        struct libscols_line *line = scols_table_new_line(table, NULL);
        int r;

        if (!line)
                return -ENOMEM;
        r = scols_line_set_data(line, 0, heading);
        return r < 0 ? r : set_cell(line, 1, value);
}

/* One line for each key that @object has, in the order of @rows. */
static int print_pairs(const json_t *object, const struct column *rows, size_t n_rows, FILE *file)
{
        static const struct column columns[] = {{NULL, "KEY"}, {NULL, "VALUE"}};
        _defer_(table_unref) struct libscols_table *table = NULL;
        int r;

        r = new_table(columns, ELEMENTSOF(columns), &table);
        for (size_t i = 0; r == 0 && i < n_rows; i++) {
                const json_t *value = json_object_get(object, rows[i].key);

                if (value)
                        r = add_pair(table, rows[i].heading, value);
        }
        if (r < 0)
                return r;
        (void)scols_table_enable_noheadings(table, 1);
        (void)scols_table_set_stream(table, file);
        return scols_print_table(table);
}

int table_device(const json_t *device, FILE *file)
{
        static const struct column rows[] = {
                {"friendly_name", "Name"},
                {"device_id", "Identifier"},
                {"manufacturer", "Maker"},
                {"model_id", "Model"},
                {"serial_number", "Serial number"},
                {"software_build_id", "Software"},
                {"functions", "Functions"},
                {"issuer", "Code signed by"},
                {"link", "Link"},
                {"location", "Location"},
                {"owner", "Owner"},
                {"public_key", "Public key"},
                {"enrolled_at", "Enrolled at"},
                {"epoch", "Epoch"},
                {"interview_state", "State"},
        };
        static const struct column columns[] = {
                {"channel", "CHANNEL"}, {"property", "PROPERTY"}, {"device_class", "CLASS"},
                {"unit", "UNIT"},       {"access", "ACCESS"},     {"period", "EVERY (S)"},
        };
        const json_t *channels = json_object_get(device, "channels");
        int r;

        r = print_pairs(device, rows, ELEMENTSOF(rows), file);
        if (r < 0 || json_array_size(channels) == 0)
                return r;
        (void)fputc('\n', file);
        return print_list(channels, columns, ELEMENTSOF(columns), file);
}

/* "hci0", "hci0: The Bluetooth adapter is switched off. Switch it on ..." */
static json_t *condition(const json_t *part, const char *name_key)
{
        const char *name = json_string_value(json_object_get(part, name_key));
        const char *state = json_string_value(json_object_get(part, "state"));
        enum reason reason;

        if (!state || strcmp(state, "ok") == 0)
                return json_string(name ? name : "ready");
        reason = reason_from_code(state);
        return json_sprintf("%s%s%s (%s) %s", name ? name : "", name ? ": " : "",
                            reason_text(reason), state, reason_remedy(reason));
}

int table_status(const json_t *status, FILE *file)
{
        static const struct column rows[] = {
                {"version", "Version"},           {"hub", "Hub"},
                {"mqtt", "MQTT broker"},          {"bluetooth", "Bluetooth"},
                {"reader", "Code reader"},        {"issuers", "Trusted issuers"},
                {"devices", "Devices"},           {"unsettled", "Not yet confirmed"},
                {"outbox", "Messages waiting"},   {"enrolled", "Enrolled since start"},
                {"failed", "Failed since start"}, {"transaction", "Running enrollment"},
        };
        json_t *flat = json_copy((json_t *)status);
        int r;

        if (!flat)
                return -ENOMEM;
        (void)json_object_set_new(flat, "mqtt",
                                  condition(json_object_get(status, "mqtt"), "server"));
        (void)json_object_set_new(flat, "bluetooth",
                                  condition(json_object_get(status, "bluetooth"), "adapter"));
        (void)json_object_set_new(flat, "reader",
                                  condition(json_object_get(status, "reader"), "name"));
        r = print_pairs(flat, rows, ELEMENTSOF(rows), file);
        json_decref(flat);
        return r;
}
