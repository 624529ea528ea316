/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/summary.h"

#include <stdbool.h>
#include <string.h>

#include "api/json.h"
#include "ctl/grid.h"
#include "ctl/health.h"
#include "ctl/text.h"
#include "reason/reason.h"
#include "util/free.h"

static const char *text_of(const json_t *object, const char *key)
{
        return json_string_value(json_object_get(object, key));
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
                        r = grid_add_take(
                                table, i == 0 ? heading : "",
                                health_text(text_of(each, "name"), text_of(each, "state")));
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
                        r = grid_add_take(table, "",
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
        return grid_add_take(table, "",
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
                return grid_add_take(
                        table, "Bluetooth",
                        json_string("switched off in the settings, which name no stream "
                                    "port either: no device can be reached"));
        if (json_array_size(adapters) == 0)
                return grid_add_take(table, "Bluetooth",
                                     health_text(NULL, text_of(bluetooth, "state")));
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
                        r = grid_add_take(table, i == 0 ? "Running enrollments" : "",
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
                        r = grid_add_take(table, i == 0 ? "Unfinished enrollments" : "",
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
                        r = grid_add_take(table, i == 0 ? "Released when seen next" : "",
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
                r = grid_add_take(table, heading, health_text(NULL, json_string_value(code)));
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
        return grid_add_take(table, "Refused issuers",
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

                r = grid_add_take(table, rows[i].heading,
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
        return grid_add_take(table, "Catalogue",
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
        return grid_add_take(table, "Sessions with devices",
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
        return grid_add_take(table, "Window", json_sprintf("open until %s (%s)", until, source));
}

/* A light that works says so itself. */
static int add_light(struct libscols_table *table, const json_t *status)
{
        const char *state = text_of(json_object_get(status, "led"), "state");

        return !state || strcmp(state, "ok") == 0
                       ? 0
                       : grid_add_take(table, "Light", health_text(NULL, state));
}

/* "2"; a hub that has none, and needs none, has no row for it. */
static int add_buttons(struct libscols_table *table, const json_t *status)
{
        const json_t *button = json_object_get(status, "button");
        const char *state = text_of(button, "state");
        json_int_t n = json_integer_value(json_object_get(button, "count"));

        if (!state || (n == 0 && strcmp(state, "ok") == 0))
                return 0;
        return grid_add_take(table, "Buttons",
                             strcmp(state, "ok") == 0 ? json_integer(n) : health_text(NULL, state));
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
        return is_shown ? grid_add_take(table, "NFC reader",
                                        health_text(text_of(nfc, "name"), state))
                        : 0;
}

/* The parts of the hub and how they are. */
static int add_parts(struct libscols_table *table, const json_t *status)
{
        const json_t *mqtt = json_object_get(status, "mqtt");
        const json_t *reader = json_object_get(status, "reader");
        int r;

        r = grid_add_take(table, "MQTT broker",
                          health_text(text_of(mqtt, "server"), text_of(mqtt, "state")));
        if (r == 0)
                r = add_bluetooth(table, status);
        if (r == 0)
                r = add_list(table, "Stream ports", json_object_get(status, "ports"));
        if (r == 0)
                r = grid_add_take(table, "Code reader",
                                  health_text(NULL, text_of(reader, "state")));
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

int summary_print(const json_t *status, size_t width, FILE *file)
{
        static const struct grid_column head[] = {{"version", "Version", 0}, {"hub", "Hub", 0}};
        static const struct grid_column counters[] = {
                {"unsettled", "Not yet confirmed", 0},
                {"outbox", "Messages waiting", 0},
                {"enrolled", "Enrolled since start", 0},
                {"failed", "Failed since start", 0},
        };
        _defer_(grid_unref) struct libscols_table *table = NULL;
        int r;

        r = grid_new_pairs(&table);
        if (r == 0)
                r = grid_add_pairs(table, status, head, ELEMENTSOF(head));
        if (r == 0)
                r = add_parts(table, status);
        if (r == 0)
                r = add_beginning(table, status);
        if (r == 0)
                r = add_catalogue(table, status);
        if (r == 0)
                r = add_visits(table, status);
        if (r == 0)
                r = grid_add_pairs(table, status, counters, ELEMENTSOF(counters));
        if (r == 0)
                r = add_running(table, status);
        if (r == 0)
                r = add_unfinished(table, status);
        if (r == 0)
                r = add_unreleased(table, status);
        if (r == 0)
                r = add_conditions(table, status);
        return r < 0 ? r : grid_print_pairs(table, width, file);
}

int summary_begin(const json_t *status, size_t width, FILE *file)
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
