/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/invocation.h"

#include <stdio.h>
#include <string.h>

#include "api/json.h"
#include "util/nearest.h"
#include "wire/utf8.h"

int invocation_connect(struct invocation *inv, struct client **ret_client)
{
        struct fault fault;

        if (client_new(inv->bus, inv->timeout_s, ret_client, &fault) == 0)
                return EXIT_OK;
        return output_fault(&inv->output, &fault);
}

int invocation_show(struct invocation *inv, const json_t *value,
                    int (*table)(const json_t *value, size_t width, FILE *file))
{
        struct fault fault;
        int r;

        if (inv->output.form != OUTPUT_PEOPLE) {
                output_json(&inv->output, value);
                return EXIT_OK;
        }
        r = table(value, inv->output.width, stdout);
        if (r == 0)
                return EXIT_OK;
        fault_local(&fault, r);
        return output_fault(&inv->output, &fault);
}

int invocation_usage_fault(const struct invocation *inv, const char *wrong)
{
        struct fault fault;

        fault_usage(&fault, wrong);
        return output_fault(&inv->output, &fault);
}

/* Says which name was meant, if there is one like it. */
static void suggest_device(struct client *client, const char *wrong, struct fault *fault)
{
        _defer_(json_free) json_t *devices = NULL;
        const json_t *device;
        struct nearest nearest;
        struct fault other;
        char remedy[FAULT_TEXT_SIZE];
        size_t i;

        if (client_ask(client, "ListDevices", NULL, &devices, &other) != 0)
                return;
        nearest_init(&nearest, wrong);
        json_array_foreach(devices, i, device)
        {
                const char *name = json_string_value(json_object_get(device, "friendly_name"));

                if (name)
                        nearest_offer(&nearest, name);
        }
        if (!nearest.best)
                return;
        (void)snprintf(remedy, sizeof(remedy), "Did you mean %s? See enrollctl list for the names.",
                       nearest.best);
        fault_advise(fault, remedy);
}

int invocation_device_fault(const struct invocation *inv, struct client *client, const char *device,
                            struct fault *fault)
{
        if (fault->exit_code == EXIT_NO_SUCH_DEVICE)
                suggest_device(client, device, fault);
        return output_fault(&inv->output, fault);
}

bool invocation_printable(const char *text)
{
        return utf8_printable((const uint8_t *)text, strlen(text));
}

bool invocation_all_printable(char **arguments)
{
        for (; *arguments; arguments++)
                if (!invocation_printable(*arguments))
                        return false;
        return true;
}
