/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * MQTT requests: enrolld/<hub>/bridge/request/<verb> -> bridge/response/<verb>.
 *
 * Bytes in, bytes out: the owner of the connection passes what arrived and publishes the answer.
 * doc/mqtt.md lists the verbs. A request carries a code, and a code holds a secret: nothing of a
 * payload is ever logged.
 */

#include <stddef.h>
#include <stdint.h>

#include "api/backend.h"
#include "mqtt/client.h"
#include "util/defer.h"

#define REQUESTS_PAYLOAD_MAX 32768 /* bytes; a code has at most 4,435 as text, perhaps a mail's */

struct requests;

struct requests_handler {
        /* The devices are to be published again. */
        void (*on_devices)(void *userdata);
        /* The answer to a request that takes its time, as JSON text. */
        void (*on_answer)(void *userdata, const struct mqtt_return *to, const char *answer);
};

/* @backend is what the requests are for, and lives longer. 0 or -ENOMEM. */
int requests_new(const struct api_backend *backend, const struct requests_handler *handler,
                 void *userdata, struct requests **ret_requests);
struct requests *requests_free(struct requests *requests);

/* From now on every request is refused with requests_disabled, or none. */
void requests_close(struct requests *requests, bool closed);

enum {
        REQUESTS_E_LATER = 1, /* on_answer() has been called or will be */
};

/*
 * Answers one request, which is not a retained one; @verb is the topic's part after
 * bridge/request/. Every request is answered, an unknown or malformed one with an error. 0 and the
 * answer as JSON text, to be freed; REQUESTS_E_LATER; or -ENOMEM.
 */
int requests_answer(struct requests *requests, const struct mqtt_return *to, const char *verb,
                    const uint8_t *payload, size_t n_payload, char **ret_answer);

DEFINE_DEFER(struct requests *, requests_free);
