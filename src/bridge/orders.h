/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Commands and queries that came over MQTT, on enrolld/<hub>/<name>/set and /get, from their
 * payloads to their answers.
 *
 * doc/mqtt.md, section 8, has the form of both.
 */

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "api/backend.h"
#include "mqtt/client.h"
#include "util/defer.h"

#define ORDERS_PAYLOAD_MAX 8192 /* bytes */

struct orders;

struct orders_handler {
        /*
         * A command has been answered: @answer, JSON text, is for the one who asked, @event for
         * everybody. Both are valid during the call.
         */
        void (*on_answered)(void *userdata, const struct mqtt_return *to, const char *answer,
                            json_t *event);
};

/* @backend is what the commands are for, and lives longer. 0 or -ENOMEM. */
int orders_new(const struct api_backend *backend, const struct orders_handler *handler,
               void *userdata, struct orders **ret_orders);
struct orders *orders_free(struct orders *orders);

/* From now on every command is refused with requests_disabled, or none. */
void orders_close(struct orders *orders, bool closed);

/*
 * Takes a message on one of the topics for commands; on_answered() is called once, now or later. 0
 * or -ENOMEM.
 */
int orders_take(struct orders *orders, const struct mqtt_request *request);

DEFINE_DEFER(struct orders *, orders_free);
