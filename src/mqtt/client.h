/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub at the MQTT broker: what it publishes under the rows of topic.h, what it subscribes to,
 * and the requests that come of it. How it is connected is connection.h.
 *
 * Nothing is queued in memory while there is no connection; what must arrive is in the outbox
 * (outbox.h), and what the broker retains is published again by its owner whenever on_state() says
 * REASON_NONE.
 *
 * The will, and what the broker publishes when the client is freed, is {"state":"offline"}.
 *
 * No callback may free the client. The process must ignore SIGPIPE.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "mqtt/connection.h"
#include "mqtt/options.h"
#include "mqtt/topic.h"
#include "reason/reason.h"
#include "util/defer.h"

#define MQTT_RESPONSE_TOPIC_SIZE 256
#define MQTT_CORRELATION_MAX     128   /* bytes */
#define MQTT_REQUEST_MAX         65536 /* bytes of payload; larger ones are refused */

struct mqtt_client;

/* Where the answer to a request goes; plain data, kept until the answer is ready. */
struct mqtt_return {
        char verb[TOPIC_NAME_SIZE];                    /* "" for a command to a device */
        char response_topic[MQTT_RESPONSE_TOPIC_SIZE]; /* "" if none was asked for */
        size_t n_correlation;
        uint8_t correlation[MQTT_CORRELATION_MAX];
};

/* A message on an inbound topic; valid during the call. Never a retained one. */
struct mqtt_request {
        enum topic topic; /* TOPIC_REQUEST, or one of those for commands */
        const char *name; /* as the row says: the verb, or the device's name */
        const char *payload;
        size_t n_payload;
        struct mqtt_return to;
};

struct mqtt_handler {
        /*
         * The client is connected (REASON_NONE), or is not: REASON_BROKER_UNREACHABLE,
         * REASON_BROKER_LOGIN_REFUSED. Called for each change, and first when the first attempt
         * ends.
         */
        void (*on_state)(void *userdata, enum reason reason);
        void (*on_request)(void *userdata, const struct mqtt_request *request);
        /* There is no hub of this name on the broker now; after mqtt_client_ask_hub(). */
        void (*on_no_hub)(void *userdata, const char *hub);
        /* Home Assistant has said something on the topic of its birth messages. */
        void (*on_birth)(void *userdata, const char *payload, size_t n_payload);
        /* One of the messages that mqtt_client_ask_kept() asked for. May be NULL. */
        void (*on_kept)(void *userdata, enum topic topic, const char *name);
        /* The client was busy, and has room again: mqtt_client_is_busy(). May be NULL. */
        void (*on_room)(void *userdata);
};

/* Starts to connect in the next turn of the loop. 0; -EINVAL for a bad hub or broker; -ENOMEM. */
int mqtt_client_new(sd_event *event, const struct mqtt_options *options,
                    const struct mqtt_handler *handler, void *userdata,
                    struct mqtt_client **ret_client);

/*
 * The texts of the options have changed: says goodbye to the broker and connects again, at once.
 * on_state() reports the loss in this call. 0; -EINVAL for a bad broker.
 */
int mqtt_client_restart(struct mqtt_client *client);

/* Disconnects and frees the client; calls no callback. Takes NULL, returns NULL. */
struct mqtt_client *mqtt_client_free(struct mqtt_client *client);

/* What it was made with. */
const struct mqtt_options *mqtt_client_options(const struct mqtt_client *client);

bool mqtt_client_connected(const struct mqtt_client *client);

/*
 * Whether the broker is behind with its acknowledgements. What can wait is better kept until
 * on_room(): at MQTT_PENDING_MAX the connection is given up.
 */
bool mqtt_client_is_busy(const struct mqtt_client *client);

/* Whether the broker has acknowledged everything that it was sent; so it has when there is none. */
bool mqtt_client_is_idle(const struct mqtt_client *client);

/*
 * Publishes under the row @topic and @name (NULL where the row has none). An empty payload on a
 * retained topic removes what is there. @done may be NULL; it is called later, exactly once, and
 * only if this returned 0, unless the client is freed before.
 *
 * 0; -ENOTCONN; -EINVAL for a bad name; -EACCES for a row that the hub does not write; -EMSGSIZE;
 * -ENOMEM; -EIO.
 */
int mqtt_client_publish(struct mqtt_client *client, enum topic topic, const char *name,
                        const void *payload, size_t n_payload, const struct mqtt_done *done);

/*
 * The same under a row where that is open, and the broker keeps it; -EACCES under any other row. An
 * empty payload removes what is there.
 */
int mqtt_client_publish_kept(struct mqtt_client *client, enum topic topic, const char *name,
                             const void *payload, size_t n_payload);

/*
 * Asks whether there is a hub named @hub. on_no_hub() is the answer if its state is "offline", now
 * or later on this connection; else there is none. 0; -EINVAL; -ENOTCONN; -EIO.
 */
int mqtt_client_ask_hub(struct mqtt_client *client, const char *hub);

/*
 * Asks the broker for everything that it keeps under the retained row @topic of this hub, which
 * comes through on_kept(), once, until mqtt_client_leave_kept(). 0; -EINVAL; -ENOTCONN; -EIO.
 */
int mqtt_client_ask_kept(struct mqtt_client *client, enum topic topic);
void mqtt_client_leave_kept(struct mqtt_client *client, enum topic topic);

/*
 * Removes what the broker keeps under @text, a retained topic of this hub or of another name of it.
 * As mqtt_client_publish(); -EINVAL if it is no such topic.
 */
int mqtt_client_remove(struct mqtt_client *client, const char *text, const struct mqtt_done *done);

/* Forgets every @done that was given with @userdata, because its owner is about to be freed. */
void mqtt_client_forget(struct mqtt_client *client, const void *userdata);

/*
 * Answers a request on the response topic of the table, which a command has not, and, if the
 * request names one, on its own response topic with its correlation data. Returns as
 * mqtt_client_publish() does; 0, too, if there is nowhere to answer.
 */
int mqtt_client_reply(struct mqtt_client *client, const struct mqtt_return *to, const char *payload,
                      size_t n_payload);

DEFINE_DEFER(struct mqtt_client *, mqtt_client_free);
