/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/devices.h"

#include <stdio.h>

#include "api/json.h"
#include "ctl/client.h"
#include "ctl/fault.h"
#include "ctl/summary.h"
#include "ctl/table.h"

/* The form of a list for programs: an object, so that there is room for more. */
static int output_list(struct invocation *inv, const char *key, json_t *list)
{
        _defer_(json_free) json_t *object = json_pack("{s:O}", key, list);

        output_json(&inv->output, object);
        return EXIT_OK;
}

/* For scripts and completion: the names alone. */
static int print_names(const json_t *devices, FILE *file)
{
        json_t *device;
        size_t i;

        json_array_foreach(devices, i, device)(void)
                fprintf(file, "%s\n", json_string_value(json_object_get(device, "friendly_name")));
        return EXIT_OK;
}

static int show_devices(struct invocation *inv, struct client *client, json_t *devices)
{
        _defer_(json_free) json_t *status = NULL;
        struct fault fault;

        if (inv->output.form != OUTPUT_PEOPLE)
                return output_list(inv, "devices", devices);
        if (inv->output.quiet)
                return print_names(devices, stdout);
        if (json_array_size(devices) > 0)
                return invocation_show(inv, devices, table_devices);
        if (client_ask(client, "GetStatus", NULL, &status, &fault) != 0)
                return output_fault(&inv->output, &fault);
        (void)summary_begin(status, inv->output.width, stdout);
        return EXIT_OK;
}

int devices_list(struct invocation *inv)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *devices = NULL;
        struct fault fault;
        int r;

        r = invocation_connect(inv, &client);
        if (r != EXIT_OK)
                return r;
        if (client_ask(client, "ListDevices", NULL, &devices, &fault) != 0)
                return output_fault(&inv->output, &fault);
        return show_devices(inv, client, devices);
}

int devices_info(struct invocation *inv, char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *device = NULL;
        struct fault fault;
        int r;

        if (!invocation_printable(arguments[0]))
                return invocation_usage_fault(inv, "info takes a printable DEVICE");
        r = invocation_connect(inv, &client);
        if (r != EXIT_OK)
                return r;
        if (client_ask(client, "GetDevice", arguments[0], &device, &fault) == 0)
                return invocation_show(inv, device, table_device);
        return invocation_device_fault(inv, client, arguments[0], &fault);
}

int devices_rename(struct invocation *inv, char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        struct fault fault;
        int r;

        if (!invocation_all_printable(arguments))
                return invocation_usage_fault(inv, "rename takes a printable DEVICE and NAME");
        r = invocation_connect(inv, &client);
        if (r == EXIT_OK && client_rename(client, arguments[0], arguments[1], &fault) != 0)
                r = invocation_device_fault(inv, client, arguments[0], &fault);
        return r;
}

int devices_keys(struct invocation *inv, char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        struct fault fault;
        int r;

        if (!invocation_all_printable(arguments))
                return invocation_usage_fault(inv, "keys takes a printable DEVICE");
        r = invocation_connect(inv, &client);
        if (r == EXIT_OK && client_send_keys(client, arguments[0], &fault) != 0)
                r = invocation_device_fault(inv, client, arguments[0], &fault);
        return r;
}

int devices_remove(struct invocation *inv, char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        struct fault fault;
        int r;

        if (!invocation_all_printable(arguments))
                return invocation_usage_fault(inv, "remove takes a printable DEVICE");
        r = invocation_connect(inv, &client);
        if (r != EXIT_OK)
                return r;
        if (client_remove(client, arguments[0], inv->force, &fault) != 0)
                return invocation_device_fault(inv, client, arguments[0], &fault);
        if (inv->force && inv->output.form == OUTPUT_PEOPLE && !inv->output.quiet)
                (void)printf("%s is removed. It will be released when it is next seen.\n",
                             arguments[0]);
        return EXIT_OK;
}

/* Shows what is in force under this key: one a line, or as one object. */
static int show_values(struct invocation *inv, const char *key, json_t *values)
{
        _defer_(json_free) json_t *object = json_pack("{s:O}", key, values);

        if (inv->output.form != OUTPUT_PEOPLE) {
                output_json(&inv->output, object);
                return EXIT_OK;
        }
        return inv->output.quiet ? EXIT_OK : invocation_show(inv, values, table_values);
}

/* A number, true or false is that, and everything else a text, also in quote marks. */
static json_t *parse_value(const char *text)
{
        json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

        if (json_is_number(value) || json_is_boolean(value) || json_is_string(value))
                return value;
        (void)json_free(value);
        return json_string(text);
}

/* Pairs of names and values, as an object: {}. NULL, or what is wrong with them. */
static const char *read_pairs(char **arguments, json_t *pairs)
{
        char **at;

        if (!invocation_all_printable(arguments))
                return "the arguments are not printable text in UTF-8";
        for (at = arguments; at[0] && at[1]; at += 2) {
                if (json_object_get(pairs, at[0]))
                        return "a name is given twice";
                (void)json_object_set_new(pairs, at[0], parse_value(at[1]));
        }
        return at[0] ? "each name takes a VALUE" : NULL;
}

/* Sets what the pairs behind a device say, with @set, and shows what is in force then. */
static int set_pairs(struct invocation *inv, char **arguments, const char *key,
                     int (*set)(struct client *client, const char *device, json_t *pairs,
                                json_t **ret_values, struct fault *ret_fault))
{
        _defer_(json_free) json_t *wanted = json_object(), *values = NULL;
        _defer_(client_free) struct client *client = NULL;
        const char *wrong = read_pairs(arguments + 1, wanted);
        struct fault fault;
        int r;

        if (wrong || !invocation_printable(arguments[0]))
                return invocation_usage_fault(inv, wrong ? wrong
                                                         : "DEVICE is not printable text in UTF-8");
        r = invocation_connect(inv, &client);
        if (r != EXIT_OK)
                return r;
        if (set(client, arguments[0], wanted, &values, &fault) == 0)
                return show_values(inv, key, values);
        return invocation_device_fault(inv, client, arguments[0], &fault);
}

int devices_set(struct invocation *inv, char **arguments)
{
        return set_pairs(inv, arguments, "values", client_set);
}

int devices_options(struct invocation *inv, char **arguments)
{
        return set_pairs(inv, arguments, "options", client_set_options);
}

int devices_get(struct invocation *inv, char **arguments)
{
        _defer_(client_free) struct client *client = NULL;
        _defer_(json_free) json_t *values = NULL;
        struct fault fault;
        int r;

        if (!invocation_all_printable(arguments))
                return invocation_usage_fault(inv, "get takes printable text in UTF-8");
        r = invocation_connect(inv, &client);
        if (r != EXIT_OK)
                return r;
        if (client_get(client, arguments[0], arguments + 1, &values, &fault) == 0)
                return show_values(inv, "values", values);
        return invocation_device_fault(inv, client, arguments[0], &fault);
}
