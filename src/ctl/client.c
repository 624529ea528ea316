/* SPDX-License-Identifier: Apache-2.0 */

#include "ctl/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-bus.h>

#include "api/json.h"
#include "api/variant.h"
#include "util/dbus.h"
#include "util/free.h"

#define SERVICE   "org.enrolld1"
#define OBJECT    "/org/enrolld1"
#define INTERFACE "org.enrolld1.Manager"
#define CATALOGUE "org.enrolld1.Catalogue"

#define OWNER_MATCH                                                                                \
        "type='signal',sender='org.freedesktop.DBus',path='/org/freedesktop/DBus',"                \
        "interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" SERVICE "'"

struct client {
        sd_bus *bus;
        const struct client_handler *handler;
        void *userdata;
};

DEFINE_DEFER(sd_bus_message *, sd_bus_message_unref);

struct client *client_free(struct client *client)
{
        if (!client)
                return NULL;
        client->bus = sd_bus_flush_close_unref(client->bus);
        free(client);
        return NULL;
}

int client_new(const char *address, unsigned timeout_s, struct client **ret_client,
               struct fault *ret_fault)
{
        _defer_(client_free) struct client *client = calloc(1, sizeof(*client));
        int r;

        r = client ? dbus_open(address, &client->bus) : -ENOMEM;
        if (r >= 0 && timeout_s > 0)
                r = sd_bus_set_method_call_timeout(client->bus, timeout_s * UINT64_C(1000000));
        if (r == -EINVAL && address) {
                fault_usage(ret_fault, "--bus takes the address of a bus, such as "
                                       "unix:path=/run/dbus/system_bus_socket");
                return CLIENT_E_FAULT;
        }
        if (r < 0) {
                fault_from_bus(ret_fault, NULL, r, false);
                return CLIENT_E_FAULT;
        }
        *ret_client = take(client);
        return 0;
}

static int new_call(struct client *client, const char *method, sd_bus_message **ret_message)
{
        return sd_bus_message_new_method_call(client->bus, ret_message, SERVICE, OBJECT, INTERFACE,
                                              method);
}

/* Sends @message, if it was built successfully, and waits; @r is the result of building it. */
static int call(struct client *client, int r, sd_bus_message *message, bool enrolling,
                sd_bus_message **ret_reply, struct fault *ret_fault)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;

        if (r >= 0)
                r = sd_bus_call(client->bus, message, 0, &error, ret_reply);
        if (r >= 0)
                return 0;
        fault_from_bus(ret_fault, &error, r, enrolling);
        sd_bus_error_free(&error);
        return CLIENT_E_FAULT;
}

/* Sends @message as call() does, and reads the one value of the answer. */
static int ask(struct client *client, int r, sd_bus_message *message, json_t **ret_value,
               struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *reply = NULL;
        const char *twice;

        if (call(client, r, message, false, &reply, ret_fault) != 0)
                return CLIENT_E_FAULT;
        r = variant_read(reply, ret_value, &twice);
        if (r >= 0)
                return 0;
        fault_local(ret_fault, r);
        return CLIENT_E_FAULT;
}

int client_ask(struct client *client, const char *method, const char *argument, json_t **ret_value,
               struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        int r;

        r = new_call(client, method, &message);
        if (r >= 0 && argument)
                r = sd_bus_message_append(message, "s", argument);
        return ask(client, r, message, ret_value, ret_fault);
}

static int start(struct client *client, int r, sd_bus_message *message, json_t *options,
                 char **ret_transaction, struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *reply = NULL;
        const char *transaction;

        if (r >= 0)
                r = variant_append(message, options);
        if (call(client, r, message, true, &reply, ret_fault) != 0)
                return CLIENT_E_FAULT;
        r = sd_bus_message_read(reply, "s", &transaction);
        *ret_transaction = r < 0 ? NULL : strdup(transaction);
        if (*ret_transaction)
                return 0;
        fault_local(ret_fault, r < 0 ? r : -ENOMEM);
        return CLIENT_E_FAULT;
}

/* A call of @method, or if a device is to be replaced, of @replacing with that device. */
static int new_start(struct client *client, const char *method, const char *replacing,
                     const char *replaced, sd_bus_message **ret_message)
{
        int r;

        r = new_call(client, replaced ? replacing : method, ret_message);
        if (r >= 0 && replaced)
                r = sd_bus_message_append(*ret_message, "s", replaced);
        return r;
}

int client_enroll(struct client *client, const char *replaced, const struct input *input,
                  json_t *options, char **ret_transaction, struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        int r;

        r = input->picture >= 0
                    ? new_start(client, "EnrollPicture", "ReplacePicture", replaced, &message)
                    : new_start(client, "Enroll", "Replace", replaced, &message);
        if (r >= 0)
                r = sd_bus_message_sensitive(message);
        if (r >= 0)
                r = input->picture >= 0
                            ? sd_bus_message_append(message, "h", input->picture)
                            : sd_bus_message_append_array(message, 'y', input->code, input->n_code);
        return start(client, r, message, options, ret_transaction, ret_fault);
}

int client_scan(struct client *client, const char *replaced, json_t *options,
                char **ret_transaction, struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        int r = new_start(client, "Scan", "ReplaceScan", replaced, &message);

        return start(client, r, message, options, ret_transaction, ret_fault);
}

int client_open(struct client *client, json_t *options, unsigned *ret_seconds,
                struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL, *reply = NULL;
        int r = new_call(client, "OpenWindow", &message);

        if (r >= 0)
                r = variant_append(message, options);
        if (call(client, r, message, false, &reply, ret_fault) != 0)
                return CLIENT_E_FAULT;
        r = sd_bus_message_read(reply, "u", ret_seconds);
        if (r >= 0)
                return 0;
        fault_local(ret_fault, r);
        return CLIENT_E_FAULT;
}

int client_close(struct client *client, struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL, *reply = NULL;
        int r = new_call(client, "CloseWindow", &message);

        return call(client, r, message, false, &reply, ret_fault);
}

static int new_cancel(struct client *client, const char *transaction, sd_bus_message **ret_message)
{
        int r = new_call(client, "Cancel", ret_message);

        return r < 0 ? r : sd_bus_message_append(*ret_message, "s", transaction);
}

int client_cancel(struct client *client, const char *transaction, struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL, *reply = NULL;
        int r = new_cancel(client, transaction, &message);

        return call(client, r, message, false, &reply, ret_fault);
}

int client_rename(struct client *client, const char *device, const char *name,
                  struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL, *reply = NULL;
        int r = new_call(client, "Rename", &message);

        if (r >= 0)
                r = sd_bus_message_append(message, "ss", device, name);
        return call(client, r, message, false, &reply, ret_fault);
}

int client_send_keys(struct client *client, const char *device, struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL, *reply = NULL;
        int r = new_call(client, "SendKeys", &message);

        if (r >= 0)
                r = sd_bus_message_append(message, "s", device);
        return call(client, r, message, false, &reply, ret_fault);
}

int client_remove(struct client *client, const char *device, bool force, struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL, *reply = NULL;
        int r = new_call(client, "Remove", &message);

        if (r >= 0)
                r = sd_bus_message_append(message, "sa{sv}", device, 1, "force", "b", (int)force);
        return call(client, r, message, false, &reply, ret_fault);
}

/* Calls @method with a device and with what is to be set for it. */
static int set(struct client *client, const char *method, const char *device, json_t *values,
               json_t **ret_values, struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        int r = new_call(client, method, &message);

        if (r >= 0)
                r = sd_bus_message_append(message, "s", device);
        if (r >= 0)
                r = variant_append(message, values);
        return ask(client, r, message, ret_values, ret_fault);
}

int client_set(struct client *client, const char *device, json_t *values, json_t **ret_values,
               struct fault *ret_fault)
{
        return set(client, "Set", device, values, ret_values, ret_fault);
}

int client_set_options(struct client *client, const char *device, json_t *options,
                       json_t **ret_options, struct fault *ret_fault)
{
        return set(client, "SetOptions", device, options, ret_options, ret_fault);
}

int client_clean(struct client *client, json_t *options, json_t **ret_report,
                 struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        int r = new_call(client, "CleanMqtt", &message);

        if (r >= 0)
                r = variant_append(message, options);
        return ask(client, r, message, ret_report, ret_fault);
}

int client_get(struct client *client, const char *device, char **leaves, json_t **ret_values,
               struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        int r = new_call(client, "Get", &message);

        if (r >= 0)
                r = sd_bus_message_append(message, "s", device);
        if (r >= 0)
                r = sd_bus_message_append_strv(message, leaves);
        return ask(client, r, message, ret_values, ret_fault);
}

int client_new_call(struct client *client, const char *method, sd_bus_message **ret_message)
{
        return sd_bus_message_new_method_call(client->bus, ret_message, SERVICE, OBJECT, CATALOGUE,
                                              method);
}

int client_call(struct client *client, int r, sd_bus_message *message, unsigned timeout_s,
                json_t **ret_value, struct fault *ret_fault)
{
        _defer_(sd_bus_message_unref) sd_bus_message *reply = NULL;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        const char *twice;

        if (r >= 0)
                r = sd_bus_call(client->bus, message, timeout_s * UINT64_C(1000000), &error,
                                &reply);
        if (r < 0) {
                fault_from_bus(ret_fault, &error, r, false);
                sd_bus_error_free(&error);
                return CLIENT_E_FAULT;
        }
        r = ret_value ? variant_read(reply, ret_value, &twice) : 0;
        if (r >= 0)
                return 0;
        fault_local(ret_fault, r);
        return CLIENT_E_FAULT;
}

static int client_on_cancelled(sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        struct client *client = userdata;
        struct fault fault;

        (void)ret_error;
        if (error) {
                fault_from_bus(&fault, error, 0, false);
                client->handler->on_not_cancelled(client->userdata, &fault);
        }
        return 0;
}

void client_cancel_later(struct client *client, const char *transaction)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;

        /* If it does not arrive, on_gone() reports the reason. */
        if (new_cancel(client, transaction, &message) >= 0)
                (void)sd_bus_call_async(client->bus, NULL, message, client_on_cancelled, client, 0);
}

static int client_on_signal(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        _defer_(json_free) json_t *event = NULL;
        struct client *client = userdata;
        const char *twice;

        (void)ret_error;
        if (variant_read(message, &event, &twice) >= 0)
                client->handler->on_event(client->userdata, event);
        return 0;
}

static int client_on_owner(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        struct client *client = userdata;
        const char *name, *before, *after;

        (void)ret_error;
        if (sd_bus_message_read(message, "sss", &name, &before, &after) < 0)
                return 0;
        if (before[0])
                client->handler->on_service(client->userdata, false);
        if (after[0])
                client->handler->on_service(client->userdata, true);
        return 0;
}

static int client_on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        struct client *client = userdata;

        (void)message;
        (void)ret_error;
        client->handler->on_gone(client->userdata);
        return 0;
}

int client_watch(struct client *client, const struct client_handler *handler, void *userdata,
                 struct fault *ret_fault)
{
        int r;

        client->handler = handler;
        client->userdata = userdata;
        r = sd_bus_match_signal(client->bus, NULL, SERVICE, OBJECT, INTERFACE, "Event",
                                client_on_signal, client);
        if (r >= 0)
                r = sd_bus_add_match(client->bus, NULL, OWNER_MATCH, client_on_owner, client);
        if (r >= 0)
                r = sd_bus_match_signal(client->bus, NULL, "org.freedesktop.DBus.Local", NULL,
                                        "org.freedesktop.DBus.Local", "Disconnected",
                                        client_on_disconnected, client);
        if (r >= 0)
                return 0;
        fault_from_bus(ret_fault, NULL, r, false);
        return CLIENT_E_FAULT;
}

int client_attach(struct client *client, sd_event *event, struct fault *ret_fault)
{
        int r = sd_bus_attach_event(client->bus, event, SD_EVENT_PRIORITY_NORMAL);

        if (r >= 0)
                return 0;
        fault_local(ret_fault, r);
        return CLIENT_E_FAULT;
}
