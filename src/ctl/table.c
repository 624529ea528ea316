/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "api/json.h"
#include "ctl/charset.h"
#include "ctl/text.h"
#include "reason/reason.h"
#include "util/defer.h"
#include "util/free.h"
#include "wire/utf8.h"

#define COLUMNS_MAX       9 /* of a table */
#define VALUE_COLUMNS_MIN 8 /* of a value beside its heading, on however narrow a terminal */

static struct libscols_table *table_unref(struct libscols_table *table)
{
        scols_unref_table(table);
        return NULL;
}

DEFINE_DEFER(struct libscols_table *, table_unref);

struct column {
        const char *key, *heading;
        unsigned spare; /* the highest is left out first where they do not fit; 0: it never is */
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
static int new_table(const struct column *columns, size_t n_columns, size_t width,
                     struct libscols_table **ret_table)
{
        _defer_(table_unref) struct libscols_table *table = scols_new_table();

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

static size_t column_width(const json_t *list, const struct column *column)
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
static size_t choose_columns(const json_t *list, const struct column *columns, size_t n_columns,
                             size_t width, struct column chosen[COLUMNS_MAX])
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

/* One line for each object of @list. */
static int print_list(const json_t *list, const struct column *all, size_t n_all, size_t width,
                      FILE *file)
{
        _defer_(table_unref) struct libscols_table *table = NULL;
        struct column columns[COLUMNS_MAX];
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

/* Adds what is in "availability" to the rest, as "online", and what else there is, beside it. */
static json_t *flat_device(const json_t *device)
{
        const json_t *availability = json_object_get(device, "availability");
        json_t *flat = json_copy((json_t *)device), *value;
        const char *key;

        json_object_foreach((json_t *)availability, key, value)
        {
                (void)json_object_set(flat, strcmp(key, "state") == 0 ? "availability" : key,
                                      value);
        }
        return flat;
}

int table_devices(const json_t *devices, size_t width, FILE *file)
{
        static const struct column columns[] = {
                {"friendly_name", "NAME", 0},    {"manufacturer", "MAKER", 3},
                {"model_id", "MODEL", 1},        {"serial_number", "SERIAL", 2},
                {"interview_state", "STATE", 0}, {"availability", "AVAILABILITY", 0},
                {"since", "SINCE", 4},           {"rssi", "DBM", 5},
                {"device_id", "ID", 6},
        };
        _defer_(json_free) json_t *list = json_array();
        const json_t *device;
        size_t i;

        json_array_foreach(devices, i, device)
        {
                (void)json_array_append_new(list, flat_device(device));
        }
        return list ? print_list(list, columns, ELEMENTSOF(columns), width, file) : -ENOMEM;
}

int table_entries(const json_t *entries, size_t width, FILE *file)
{
        static const struct column columns[] = {
                {"id", "NUMBER", 0},      {"manufacturer", "MAKER", 3},
                {"model_id", "MODEL", 1}, {"serial_number", "SERIAL", 0},
                {"joins", "JOINS", 0},    {"name", "NAME", 2},
                {"issuer", "ISSUER", 4},  {"device_id", "DEVICE", 5},
        };

        return print_list(entries, columns, ELEMENTSOF(columns), width, file);
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
static int add_pairs(struct libscols_table *table, const json_t *object, const struct column *rows,
                     size_t n_rows)
{
        int r = 0;

        for (size_t i = 0; r == 0 && i < n_rows; i++) {
                const json_t *value = json_object_get(object, rows[i].key);

                if (value)
                        r = add_pair(table, rows[i].heading, value);
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

/* A table of headings and values. */
static int new_pairs(struct libscols_table **ret_table)
{
        static const struct column columns[] = {{NULL, "KEY", 0}, {NULL, "VALUE", 0}};
        _defer_(table_unref) struct libscols_table *table = NULL;
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

static int print_pairs(struct libscols_table *table, size_t width, FILE *file)
{
        int r = width ? wrap_values(table, width) : 0;

        (void)scols_table_set_stream(table, file);
        return r < 0 ? r : scols_print_table(table);
}

/* "hci0", "hci0: The Bluetooth adapter is switched off. (adapter_off) Switch it on ..." */
static json_t *condition(const char *name, const char *state)
{
        enum reason reason;

        if (!state || strcmp(state, "ok") == 0)
                return json_string(name ? name : "ready");
        reason = reason_from_code(state);
        if (reason == REASON_BLUETOOTH_DISABLED)
                return json_string("switched off in the settings"); /* on purpose */
        return json_sprintf("%s%s%s (%s) %s", name ? name : "", name ? ": " : "",
                            reason_text(reason), state, reason_remedy(reason));
}

static const char *text_of(const json_t *object, const char *key)
{
        return json_string_value(json_object_get(object, key));
}

/* The channels with the last value of each, as a new array; NULL if memory is short. */
static json_t *channels_with_values(const json_t *device)
{
        const json_t *state = json_object_get(device, "state");
        json_t *channels = json_deep_copy(json_object_get(device, "channels")), *channel;
        size_t i;

        json_array_foreach(channels, i, channel)
        {
                const char *property = json_string_value(json_object_get(channel, "property"));
                json_t *value = json_object_get(state, property ? property : "");

                if (value)
                        (void)json_object_set(channel, "value", value);
        }
        return channels;
}

static bool is_offline(const json_t *flat)
{
        const char *availability = text_of(flat, "availability");

        return availability && strcmp(availability, "offline") == 0;
}

/* "retained, every 60 s at most": how what a device reports is published (doc/mqtt.md 6.6). */
static json_t *published(const json_t *device)
{
        const json_t *options = json_object_get(device, "options");
        json_int_t throttle_s = json_integer_value(json_object_get(options, "throttle"));
        const char *kept =
                json_is_true(json_object_get(options, "retain")) ? "retained" : "not retained";

        if (throttle_s == 0)
                return json_sprintf("%s, at once", kept);
        return json_sprintf("%s, every %lld s at most", kept, (long long)throttle_s);
}

int table_device(const json_t *device, size_t width, FILE *file)
{
        static const struct column rows[] = {
                {"friendly_name", "Name", 0},
                {"device_id", "Identifier", 0},
                {"ieee_address", "Address", 0},
                {"manufacturer", "Maker", 0},
                {"model_id", "Model", 0},
                {"serial_number", "Serial number", 0},
                {"software_build_id", "Software", 0},
                {"functions", "Functions", 0},
                {"issuer", "Code signed by", 0},
                {"link", "Link", 0},
                {"location", "Location", 0},
                {"owner", "Owner", 0},
                {"public_key", "Public key", 0},
                {"enrolled_at", "Enrolled at", 0},
                {"epoch", "Epoch", 0},
                {"interview_state", "State", 0},
                {"availability", "Availability", 0},
                {"since", "Since", 0},
                {"why", "Why", 0},
                {"rssi", "Signal (dBm)", 0},
                {"last_seen", "Last seen", 0},
                {"values", "Values", 0},
                {"published", "Published", 0},
        };
        static const struct column columns[] = {
                {"channel", "CHANNEL", 2},  {"property", "PROPERTY", 0},  {"value", "VALUE", 0},
                {"unit", "UNIT", 0},        {"device_class", "CLASS", 4}, {"access", "ACCESS", 1},
                {"period", "EVERY (S)", 3},
        };
        _defer_(table_unref) struct libscols_table *table = NULL;
        _defer_(json_free) json_t *flat = flat_device(device);
        _defer_(json_free) json_t *channels = channels_with_values(device);
        const char *code = text_of(flat, "code");
        int r;

        if (code || is_offline(flat))
                (void)json_object_set_new(
                        flat, "why", code ? condition(NULL, code) : json_string("it is not heard"));
        if (json_object_get(device, "options"))
                (void)json_object_set_new(flat, "published", published(device));
        if (json_is_true(json_object_get(json_object_get(device, "state"), "stale")))
                (void)json_object_set_new(flat, "values",
                                          json_string("from before enrolld was started"));
        r = flat ? new_pairs(&table) : -ENOMEM;
        if (r == 0)
                r = add_pairs(table, flat, rows, ELEMENTSOF(rows));
        if (r == 0)
                r = print_pairs(table, width, file);
        if (r < 0 || json_array_size(channels) == 0)
                return r;
        (void)fputc('\n', file);
        return print_list(channels, columns, ELEMENTSOF(columns), width, file);
}

int table_values(const json_t *values, size_t width, FILE *file)
{
        _defer_(table_unref) struct libscols_table *table = NULL;
        const char *leaf;
        json_t *value;
        int r;

        r = new_pairs(&table);
        json_object_foreach((json_t *)values, leaf, value)
        {
                if (r == 0)
                        r = add_pair(table, leaf, value);
        }
        return r < 0 ? r : print_pairs(table, width, file);
}

/* Takes @value_take; NULL means that memory was short. */
static int add_pair_take(struct libscols_table *table, const char *heading, json_t *value_take)
{
        int r = value_take ? add_pair(table, heading, value_take) : -ENOMEM;

        json_decref(value_take);
        return r;
}

/* A row for each of @list, with its state. */
static int add_list(struct libscols_table *table, const char *heading, const json_t *list)
{
        const json_t *each;
        size_t i;
        int r = 0;

        json_array_foreach(list, i, each)
        {
                if (r == 0)
                        r = add_pair_take(table, i == 0 ? heading : "",
                                          condition(text_of(each, "name"), text_of(each, "state")));
        }
        return r;
}

/* What there is beside the adapters that are configured: one of them may have been meant. */
static int add_others(struct libscols_table *table, const json_t *others)
{
        const json_t *each;
        size_t i;
        int r = 0;

        json_array_foreach(others, i, each)
        {
                const char *address = text_of(each, "address");

                if (r == 0)
                        r = add_pair_take(table, "",
                                          json_sprintf("%s%s%s: there, but not configured",
                                                       text_of(each, "name"), address ? " " : "",
                                                       address ? address : ""));
        }
        return r;
}

static bool is_off(const json_t *bluetooth)
{
        const char *state = text_of(bluetooth, "state");

        return state && strcmp(state, reason_code(REASON_BLUETOOTH_DISABLED)) == 0;
}

/* How often connections carry something, where that is known. */
static int add_interval(struct libscols_table *table, const json_t *bluetooth)
{
        double min_ms, max_ms;

        if (json_unpack((json_t *)bluetooth, "{s:{s:F, s:F}}", "connection_interval", "min_ms",
                        &min_ms, "max_ms", &max_ms) < 0)
                return 0;
        return add_pair_take(table, "",
                             json_sprintf("connection interval: %g to %g ms", min_ms, max_ms));
}

/* A row for each adapter, or one that shows why there is none. */
static int add_bluetooth(struct libscols_table *table, const json_t *status)
{
        const json_t *bluetooth = json_object_get(status, "bluetooth");
        const json_t *adapters = json_object_get(bluetooth, "adapters");
        int r;

        if (json_array_size(adapters) == 0 && is_off(bluetooth) &&
            json_array_size(json_object_get(status, "ports")) == 0)
                return add_pair_take(
                        table, "Bluetooth",
                        json_string("switched off in the settings, which name no stream "
                                    "port either: no device can be reached"));
        if (json_array_size(adapters) == 0)
                return add_pair_take(table, "Bluetooth",
                                     condition(NULL, text_of(bluetooth, "state")));
        r = add_list(table, "Bluetooth", adapters);
        if (r == 0)
                r = add_interval(table, bluetooth);
        return r < 0 ? r : add_others(table, json_object_get(bluetooth, "others"));
}

/* "6f1d0c3ab2e94857, kitchen, step 4/7 supply the values" */
static json_t *running(const json_t *enrollment)
{
        const char *name = text_of(enrollment, "friendly_name");
        json_int_t step = json_integer_value(json_object_get(enrollment, "step"));
        json_int_t steps = json_integer_value(json_object_get(enrollment, "steps"));
        const char *title = text_of(enrollment, "step_title");
        char at[80] = "";

        if (title)
                (void)snprintf(at, sizeof(at),
                               ", step %" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT " %s", step,
                               steps, title);
        return json_sprintf("%s%s%s%s", text_of(enrollment, "transaction"), name ? ", " : "",
                            name ? name : "", at);
}

static int add_running(struct libscols_table *table, const json_t *status)
{
        const json_t *enrollment;
        size_t i;
        int r = 0;

        json_array_foreach(json_object_get(status, "enrollments"), i, enrollment)
        {
                if (r == 0)
                        r = add_pair_take(table, i == 0 ? "Running enrollments" : "",
                                          running(enrollment));
        }
        return r;
}

/* "hall, waiting until 2026-01-31T12:04:00Z": the hub finishes them by itself. */
static int add_unfinished(struct libscols_table *table, const json_t *status)
{
        const json_t *each;
        size_t i;
        int r = 0;

        json_array_foreach(json_object_get(status, "unfinished"), i, each)
        {
                const char *name = text_of(each, "friendly_name"), *state = text_of(each, "state");
                const char *next = text_of(each, "next_try");

                if (r == 0 && name && state)
                        r = add_pair_take(table, i == 0 ? "Unfinished enrollments" : "",
                                          json_sprintf("%s, %s%s%s", name, state,
                                                       next ? " until " : "", next ? next : ""));
        }
        return r;
}

/* "hall": they do not belong to the hub any more, and do not know it yet. */
static int add_unreleased(struct libscols_table *table, const json_t *status)
{
        const json_t *each;
        size_t i;
        int r = 0;

        json_array_foreach(json_object_get(status, "unreleased"), i, each)
        {
                const char *name = text_of(each, "friendly_name"),
                           *since = text_of(each, "removed_at");

                if (r == 0 && name && since)
                        r = add_pair_take(table, i == 0 ? "Released when seen next" : "",
                                          json_sprintf("%s, removed %s", name, since));
        }
        return r;
}

static bool has_state(const json_t *list, const char *code)
{
        const json_t *each;
        size_t i;

        json_array_foreach(list, i, each)
        {
                const char *state = text_of(each, "state");

                if (state && strcmp(state, code) == 0)
                        return true;
        }
        return false;
}

/* Whether the row of a part of the hub shows it already. */
static bool is_state(const json_t *status, const char *code)
{
        static const char *const parts[] = {"mqtt", "bluetooth", "reader", "nfc"};

        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                const char *state = text_of(json_object_get(status, parts[i]), "state");

                if (state && strcmp(state, code) == 0)
                        return true;
        }
        return has_state(json_object_get(status, "ports"), code) ||
               has_state(json_object_get(json_object_get(status, "bluetooth"), "adapters"), code);
}

static int add_conditions(struct libscols_table *table, const json_t *status)
{
        const char *heading = "Open problems";
        const json_t *code;
        size_t i;
        int r = 0;

        json_array_foreach(json_object_get(status, "conditions"), i, code)
        {
                if (r < 0 || !json_is_string(code) || is_state(status, json_string_value(code)))
                        continue;
                r = add_pair_take(table, heading, condition(NULL, json_string_value(code)));
                heading = "";
        }
        return r;
}

/* The issuer that somebody misses may have a file that is refused. */
static int add_refused_issuers(struct libscols_table *table, const json_t *status)
{
        json_int_t n = json_integer_value(json_object_get(status, "issuers_refused"));

        if (n == 0)
                return 0;
        return add_pair_take(table, "Refused issuers",
                             json_sprintf("%lld; the journal of enrolld says why", (long long)n));
}

/* "2", or how to begin if there is none. */
static int add_beginning(struct libscols_table *table, const json_t *status)
{
        static const struct {
                const char *key, *heading, *none;
        } rows[] = {
                {"issuers", "Trusted issuers",
                 "none: put the issuer file of your device's maker into /etc/enrolld/issuers.d"},
                {"devices", "Devices",
                 "none: enroll one with enrollctl scan or enrollctl enroll FILE"},
        };
        int r = add_refused_issuers(table, status);

        for (size_t i = 0; r == 0 && i < ELEMENTSOF(rows); i++) {
                json_int_t n = json_integer_value(json_object_get(status, rows[i].key));

                r = add_pair_take(table, rows[i].heading,
                                  n > 0 ? json_integer(n) : json_string(rows[i].none));
        }
        return r;
}

/* "20 codes; 3 to be enrolled when switched on" */
static int add_catalogue(struct libscols_table *table, const json_t *status)
{
        json_int_t entries, joining;

        if (json_unpack((json_t *)status, "{s:{s:I, s:I}}", "catalogue", "entries", &entries,
                        "joining", &joining) < 0 ||
            entries == 0)
                return 0;
        return add_pair_take(table, "Catalogue",
                             json_sprintf("%lld code%s; %lld to be enrolled when switched on",
                                          (long long)entries, entries == 1 ? "" : "s",
                                          (long long)joining));
}

/* "2 open, 1 waiting; the longest wait was 12 s" */
static int add_visits(struct libscols_table *table, const json_t *status)
{
        json_int_t sessions, waiting, longest;

        if (json_unpack((json_t *)status, "{s:{s:I, s:I, s:I}}", "visits", "sessions", &sessions,
                        "waiting", &waiting, "longest_wait_s", &longest) < 0)
                return 0;
        return add_pair_take(table, "Sessions with devices",
                             json_sprintf("%lld open, %lld waiting; the longest wait was %lld s",
                                          (long long)sessions, (long long)waiting,
                                          (long long)longest));
}

/* "open until 2026-01-31T12:00:45Z (button)" */
static int add_window(struct libscols_table *table, const json_t *status)
{
        const json_t *window = json_object_get(status, "window");
        const char *until = text_of(window, "until"), *source = text_of(window, "source");

        if (!until || !source)
                return 0;
        return add_pair_take(table, "Window", json_sprintf("open until %s (%s)", until, source));
}

/* A light that works says so itself. */
static int add_light(struct libscols_table *table, const json_t *status)
{
        const char *state = text_of(json_object_get(status, "led"), "state");

        return !state || strcmp(state, "ok") == 0
                       ? 0
                       : add_pair_take(table, "Light", condition(NULL, state));
}

/* "2"; a hub that has none, and needs none, has no row for it. */
static int add_buttons(struct libscols_table *table, const json_t *status)
{
        const json_t *button = json_object_get(status, "button");
        const char *state = text_of(button, "state");
        json_int_t n = json_integer_value(json_object_get(button, "count"));

        if (!state || (n == 0 && strcmp(state, "ok") == 0))
                return 0;
        return add_pair_take(table, "Buttons",
                             strcmp(state, "ok") == 0 ? json_integer(n) : condition(NULL, state));
}

/* The reader for tags, if there is one or should be: a hub need not have one. */
static int add_nfc(struct libscols_table *table, const json_t *status)
{
        const json_t *nfc = json_object_get(status, "nfc");
        const char *state = text_of(nfc, "state");
        const json_t *code;
        bool is_shown = state && strcmp(state, "ok") == 0;
        size_t i;

        json_array_foreach(json_object_get(status, "conditions"), i, code)
        {
                if (state && json_is_string(code) && strcmp(json_string_value(code), state) == 0)
                        is_shown = true;
        }
        return is_shown ? add_pair_take(table, "NFC reader", condition(text_of(nfc, "name"), state))
                        : 0;
}

/* The parts of the hub and how they are. */
static int add_parts(struct libscols_table *table, const json_t *status)
{
        const json_t *mqtt = json_object_get(status, "mqtt");
        const json_t *reader = json_object_get(status, "reader");
        int r;

        r = add_pair_take(table, "MQTT broker",
                          condition(text_of(mqtt, "server"), text_of(mqtt, "state")));
        if (r == 0)
                r = add_bluetooth(table, status);
        if (r == 0)
                r = add_list(table, "Stream ports", json_object_get(status, "ports"));
        if (r == 0)
                r = add_pair_take(table, "Code reader", condition(NULL, text_of(reader, "state")));
        if (r == 0)
                r = add_buttons(table, status);
        if (r == 0)
                r = add_light(table, status);
        if (r == 0)
                r = add_window(table, status);
        if (r == 0)
                r = add_nfc(table, status);
        return r;
}

int table_status(const json_t *status, size_t width, FILE *file)
{
        static const struct column head[] = {{"version", "Version", 0}, {"hub", "Hub", 0}};
        static const struct column counters[] = {
                {"unsettled", "Not yet confirmed", 0},
                {"outbox", "Messages waiting", 0},
                {"enrolled", "Enrolled since start", 0},
                {"failed", "Failed since start", 0},
        };
        _defer_(table_unref) struct libscols_table *table = NULL;
        int r;

        r = new_pairs(&table);
        if (r == 0)
                r = add_pairs(table, status, head, ELEMENTSOF(head));
        if (r == 0)
                r = add_parts(table, status);
        if (r == 0)
                r = add_beginning(table, status);
        if (r == 0)
                r = add_catalogue(table, status);
        if (r == 0)
                r = add_visits(table, status);
        if (r == 0)
                r = add_pairs(table, status, counters, ELEMENTSOF(counters));
        if (r == 0)
                r = add_running(table, status);
        if (r == 0)
                r = add_unfinished(table, status);
        if (r == 0)
                r = add_unreleased(table, status);
        if (r == 0)
                r = add_conditions(table, status);
        return r < 0 ? r : print_pairs(table, width, file);
}

int table_beginning(const json_t *status, size_t width, FILE *file)
{
        const char *const lines[] = {
                "There are no devices on this hub yet.",
                json_integer_value(json_object_get(status, "issuers")) > 0
                        ? NULL
                        : "The hub trusts no issuer yet: first put the issuer file of your "
                          "device's maker, NAME.issuer, into /etc/enrolld/issuers.d.",
                "To enroll a device with the camera, hold up its code: enrollctl scan",
                "To enroll it from a file with its code or a picture of it: enrollctl enroll FILE",
        };

        for (size_t i = 0; i < ELEMENTSOF(lines); i++) {
                _defer_(free) char *text = lines[i] ? text_wrap(lines[i], width, 0) : NULL;

                if (text)
                        (void)fprintf(file, "%s\n", text);
        }
        return 0;
}
