/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The connection to the MQTT broker: MQTT 5, driven by the caller's event loop. It knows no topic
 * but the will's, which dial.h sets.
 *
 * A missing broker is a state, not an error: it is tried again after 1 s and then, without end, at
 * growing, jittered intervals of up to 60 s. The session is always clean, because requests that
 * were made while the hub was not connected are stale. What the broker has not acknowledged is
 * counted, so that one that is behind is noticed before it holds too much.
 *
 * No callback may free the connection. The process must ignore SIGPIPE.
 */

#include <stdbool.h>
#include <stddef.h>

#include <mosquitto.h>
#include <systemd/sd-event.h>

#include "mqtt/options.h"
#include "reason/reason.h"
#include "util/defer.h"

#define MQTT_REFUSED     0x80        /* results from here on are refusals (MQTT 5.0, section 2.4) */
#define MQTT_PENDING_MAX (8 << 20)   /* bytes that the broker may leave unacknowledged */
#define MQTT_WEIGHT_MAX  (1 << 20)   /* bytes as which one message counts among them */
#define MQTT_BUSY_BYTES  (256 << 10) /* so many make the connection busy */

struct mqtt_connection;

struct mqtt_connection_handler {
        /* The broker has accepted the hub: what it must have first is sent here. */
        void (*on_accepted)(void *userdata);
        /*
         * It is up (REASON_NONE), or is not: REASON_BROKER_UNREACHABLE,
         * REASON_BROKER_LOGIN_REFUSED. Called for each change, and first when the first attempt
         * ends.
         */
        void (*on_state)(void *userdata, enum reason reason);
        /* A message of any topic that was subscribed to; valid during the call. */
        void (*on_message)(void *userdata, const struct mosquitto_message *message,
                           const mosquitto_property *properties);
        /* The broker refuses a subscription, with this MQTT 5 reason code. */
        void (*on_not_subscribed)(void *userdata, int code);
        /* It was busy, and has room again: mqtt_connection_is_busy(). */
        void (*on_room)(void *userdata);
};

/*
 * The outcome of a message: the broker's MQTT 5 reason code (0x00 taken, 0x10 nobody subscribes,
 * 0x87 not authorised, ...) or -ENOTCONN if the connection was lost before the answer came.
 */
struct mqtt_done {
        void (*on_done)(void *userdata, int result);
        void *userdata;
};

/* Starts to connect in the next turn of the loop. 0; -EINVAL for a bad broker; -ENOMEM. */
int mqtt_connection_new(sd_event *event, const struct mqtt_options *options,
                        const struct mqtt_connection_handler *handler, void *userdata,
                        struct mqtt_connection **ret_connection);

/*
 * The texts of the options have changed: says goodbye to the broker and connects again, at once.
 * on_state() reports the loss in this call. 0; -EINVAL for a bad broker.
 */
int mqtt_connection_restart(struct mqtt_connection *connection);

/* Disconnects and frees it; calls no callback. Takes NULL, returns NULL. */
struct mqtt_connection *mqtt_connection_free(struct mqtt_connection *connection);

/* What it was made with. */
const struct mqtt_options *mqtt_connection_options(const struct mqtt_connection *connection);

/* Whether the broker has accepted the hub, and the connection is not lost. */
bool mqtt_connection_is_up(const struct mqtt_connection *connection);

/*
 * Whether the broker is behind with its acknowledgements. What can wait is better kept until
 * on_room(): at MQTT_PENDING_MAX the connection is given up.
 */
bool mqtt_connection_is_busy(const struct mqtt_connection *connection);

/* Whether the broker has acknowledged everything that it was sent; so it has when there is none. */
bool mqtt_connection_is_idle(const struct mqtt_connection *connection);

/*
 * Publishes on @topic. @properties stay the caller's; they and @done may be NULL. @done is called
 * later, exactly once, and only if this returned 0, unless the connection is freed before. 0;
 * -ENOTCONN; -EMSGSIZE; -ENOMEM; -EIO.
 */
int mqtt_connection_send(struct mqtt_connection *connection, const char *topic, const void *payload,
                         size_t n_payload, bool retain, const mosquitto_property *properties,
                         const struct mqtt_done *done);

/* Forgets every @done that was given with @userdata, because its owner is about to be freed. */
void mqtt_connection_forget(struct mqtt_connection *connection, const void *userdata);

/* Subscribes to @filter with the MQTT_SUB_OPT_ @options, on this connection. 0; -ENOTCONN; -EIO. */
int mqtt_connection_subscribe(struct mqtt_connection *connection, const char *filter, int options);
void mqtt_connection_unsubscribe(struct mqtt_connection *connection, const char *filter);

DEFINE_DEFER(struct mqtt_connection *, mqtt_connection_free);
