/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/table.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "api/json.h"
#include "ctl/grid.h"
#include "ctl/health.h"

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
        static const struct grid_column columns[] = {
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
        return list ? grid_print_list(list, columns, ELEMENTSOF(columns), width, file) : -ENOMEM;
}

int table_entries(const json_t *entries, size_t width, FILE *file)
{
        static const struct grid_column columns[] = {
                {"id", "NUMBER", 0},      {"manufacturer", "MAKER", 3},
                {"model_id", "MODEL", 1}, {"serial_number", "SERIAL", 0},
                {"joins", "JOINS", 0},    {"name", "NAME", 2},
                {"issuer", "ISSUER", 4},  {"device_id", "DEVICE", 5},
        };

        return grid_print_list(entries, columns, ELEMENTSOF(columns), width, file);
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
        const char *availability = json_string_value(json_object_get(flat, "availability"));

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
        static const struct grid_column rows[] = {
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
        static const struct grid_column columns[] = {
                {"channel", "CHANNEL", 2},  {"property", "PROPERTY", 0},  {"value", "VALUE", 0},
                {"unit", "UNIT", 0},        {"device_class", "CLASS", 4}, {"access", "ACCESS", 1},
                {"period", "EVERY (S)", 3},
        };
        _defer_(grid_unref) struct libscols_table *table = NULL;
        _defer_(json_free) json_t *flat = flat_device(device);
        _defer_(json_free) json_t *channels = channels_with_values(device);
        const char *code = json_string_value(json_object_get(flat, "code"));
        int r;

        if (code || is_offline(flat))
                (void)json_object_set_new(flat, "why",
                                          code ? health_text(NULL, code)
                                               : json_string("it is not heard"));
        if (json_object_get(device, "options"))
                (void)json_object_set_new(flat, "published", published(device));
        if (json_is_true(json_object_get(json_object_get(device, "state"), "stale")))
                (void)json_object_set_new(flat, "values",
                                          json_string("from before enrolld was started"));
        r = flat ? grid_new_pairs(&table) : -ENOMEM;
        if (r == 0)
                r = grid_add_pairs(table, flat, rows, ELEMENTSOF(rows));
        if (r == 0)
                r = grid_print_pairs(table, width, file);
        if (r < 0 || json_array_size(channels) == 0)
                return r;
        (void)fputc('\n', file);
        return grid_print_list(channels, columns, ELEMENTSOF(columns), width, file);
}

int table_values(const json_t *values, size_t width, FILE *file)
{
        _defer_(grid_unref) struct libscols_table *table = NULL;
        const char *leaf;
        json_t *value;
        int r;

        r = grid_new_pairs(&table);
        json_object_foreach((json_t *)values, leaf, value)
        {
                if (r == 0)
                        r = grid_add_pair(table, leaf, value);
        }
        return r < 0 ? r : grid_print_pairs(table, width, file);
}
