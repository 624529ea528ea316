/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The daemon, as seen from enrollctl: calls of org.enrolld1.Manager (doc/dbus-api.md).
 *
 * Every verb that may fail returns 0, or CLIENT_E_FAULT with @ret_fault filled in.
 */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "ctl/fault.h"
#include "ctl/input.h"
#include "util/defer.h"

struct client;

struct client_handler {
        /* An event of any enrollment, as in api/json.h; valid during the call. */
        void (*on_event)(void *userdata, json_t *event);
        /* client_cancel_later() was refused. */
        void (*on_not_cancelled)(void *userdata, const struct fault *fault);
        /* The daemon has stopped, or has been started; there are events again then. */
        void (*on_service)(void *userdata, bool running);
        /* The bus has gone: nothing more will be heard. */
        void (*on_gone)(void *userdata);
};

enum {
        CLIENT_E_FAULT = 1,
};

/* Connects to the bus at @address, NULL for the system bus; calls take at most @timeout_s, 0 for
 * the usual 25 s. */
int client_new(const char *address, unsigned timeout_s, struct client **ret_client,
               struct fault *ret_fault);
struct client *client_free(struct client *client);

/* Calls a method that takes a text, or nothing if @argument is NULL, and returns one value. */
int client_ask(struct client *client, const char *method, const char *argument, json_t **ret_value,
               struct fault *ret_fault);

/*
 * Start an enrollment from @input, or from the camera, in the place of the device @replaced, if not
 * NULL; the answer is the transaction, to be freed. @options is an object as in api/options.h.
 */
int client_enroll(struct client *client, const char *replaced, const struct input *input,
                  json_t *options, char **ret_transaction, struct fault *ret_fault);
int client_scan(struct client *client, const char *replaced, json_t *options,
                char **ret_transaction, struct fault *ret_fault);

/* Opens the window; @ret_seconds: how long it is open from now on. And closes it. */
int client_open(struct client *client, json_t *options, unsigned *ret_seconds,
                struct fault *ret_fault);
int client_close(struct client *client, struct fault *ret_fault);

/* Ends an enrollment and waits for the answer. */
int client_cancel(struct client *client, const char *transaction, struct fault *ret_fault);

/* Sends once more what was forwarded of a device. */
int client_send_keys(struct client *client, const char *device, struct fault *ret_fault);

/* Give a device another name, and remove one; wait for the answer. */
int client_rename(struct client *client, const char *device, const char *name,
                  struct fault *ret_fault);
int client_remove(struct client *client, const char *device, bool force, struct fault *ret_fault);

/*
 * Set channels of a device, @values being {leaf: value}, or ask for them, a list of leaves; wait
 * for the values that are in force.
 */
int client_set(struct client *client, const char *device, json_t *values, json_t **ret_values,
               struct fault *ret_fault);
int client_get(struct client *client, const char *device, char **leaves, json_t **ret_values,
               struct fault *ret_fault);

/* Removes what the broker keeps of a hub that does not publish it; returns what was removed. */
int client_clean(struct client *client, json_t *options, json_t **ret_report,
                 struct fault *ret_fault);

/* Changes the options of a device that @options names, and returns all of them. */
int client_set_options(struct client *client, const char *device, json_t *options,
                       json_t **ret_options, struct fault *ret_fault);

/*
 * A call of a method of org.enrolld1.Catalogue, to be filled in. 0 or -errno, for client_call().
 */
int client_new_call(struct client *client, const char *method, sd_bus_message **ret_message);

/*
 * Sends it, if @r, what building it came to, is not below 0, and waits for the answer for
 * @timeout_s, 0: as long as for others. @ret_value gets the one value of the answer; NULL: it has
 * none.
 */
int client_call(struct client *client, int r, sd_bus_message *message, unsigned timeout_s,
                json_t **ret_value, struct fault *ret_fault);

/*
 * The same as client_cancel() from within the event loop, without waiting. Only a refusal is
 * reported; what a cancellation comes to is an event of the enrollment.
 */
void client_cancel_later(struct client *client, const char *transaction);

/*
 * From now on calls @handler. Events are queued until client_attach() runs the loop, so that none
 * is missed in the meantime.
 */
int client_watch(struct client *client, const struct client_handler *handler, void *userdata,
                 struct fault *ret_fault);
int client_attach(struct client *client, sd_event *event, struct fault *ret_fault);

DEFINE_DEFER(struct client *, client_free);
