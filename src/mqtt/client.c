/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include "mqtt/connection.h"
#include "mqtt/dial.h"
#include "util/defer.h"
#include "util/log.h"
#include "util/word.h"

#define PAYLOAD_ONLINE "{\"state\":\"online\"}"

_Static_assert(MQTT_REQUEST_MAX < MQTT_PACKET_MAX, "the largest request fits into a packet");

struct mqtt_client {
        struct mqtt_connection *connection;
        const struct mqtt_options *options; /* the connection's */
        const struct mqtt_handler *handler;
        void *userdata;
};

int mqtt_client_publish(struct mqtt_client *client, enum topic topic, const char *name,
                        const void *payload, size_t n_payload, const struct mqtt_done *done)
{
        char text[TOPIC_SIZE];
        int r;

        r = topic_build(topic, client->options->hub, name, text);
        if (r < 0)
                return r;
        if (!topic_outbound(topic))
                return -EACCES;
        return mqtt_connection_send(client->connection, text, payload, n_payload,
                                    topic_retained(topic), NULL, done);
}

int mqtt_client_publish_kept(struct mqtt_client *client, enum topic topic, const char *name,
                             const void *payload, size_t n_payload)
{
        char text[TOPIC_SIZE];
        int r;

        r = topic_build(topic, client->options->hub, name, text);
        if (r < 0)
                return r;
        if (!topic_outbound(topic) || topic_retained(topic) || !topic_may_retain(topic))
                return -EACCES;
        return mqtt_connection_send(client->connection, text, payload, n_payload, true, NULL, NULL);
}

int mqtt_client_remove(struct mqtt_client *client, const char *text, const struct mqtt_done *done)
{
        char hub[TOPIC_NAME_SIZE];
        enum topic topic;

        if (topic_hub(text, &topic, hub) || !topic_may_retain(topic))
                return -EINVAL;
        return mqtt_connection_send(client->connection, text, "", 0, true, NULL, done);
}

int mqtt_client_ask_hub(struct mqtt_client *client, const char *hub)
{
        char text[TOPIC_SIZE];
        int r;

        r = topic_build(TOPIC_STATE, hub, NULL, text);
        return r < 0 ? r : mqtt_connection_subscribe(client->connection, text, 0);
}

int mqtt_client_ask_kept(struct mqtt_client *client, enum topic topic)
{
        char filter[TOPIC_SIZE];
        int r;

        r = topic_filter_kept(topic, client->options->hub, filter);
        return r < 0 ? r : mqtt_connection_subscribe(client->connection, filter, 0);
}

void mqtt_client_leave_kept(struct mqtt_client *client, enum topic topic)
{
        char filter[TOPIC_SIZE];

        if (topic_filter_kept(topic, client->options->hub, filter) < 0)
                return;
        mqtt_connection_unsubscribe(client->connection, filter);
}

void mqtt_client_forget(struct mqtt_client *client, const void *userdata)
{
        mqtt_connection_forget(client->connection, userdata);
}

static int client_send_correlated(struct mqtt_client *c, const struct mqtt_return *to,
                                  const char *topic, const char *payload, size_t n_payload)
{
        mosquitto_property *properties = NULL;
        int r = 0;

        if (to->n_correlation > 0)
                r = mqtt_errno(mosquitto_property_add_binary(
                        &properties, MQTT_PROP_CORRELATION_DATA, to->correlation,
                        (uint16_t)to->n_correlation));
        if (r == 0)
                r = mqtt_connection_send(c->connection, topic, payload, n_payload, false,
                                         properties, NULL);
        mosquitto_property_free_all(&properties);
        return r;
}

int mqtt_client_reply(struct mqtt_client *client, const struct mqtt_return *to, const char *payload,
                      size_t n_payload)
{
        char topic[TOPIC_SIZE] = "";
        int r = 0;

        if (to->verb[0]) {
                r = topic_build(TOPIC_RESPONSE, client->options->hub, to->verb, topic);
                if (r < 0)
                        return r;
                r = client_send_correlated(client, to, topic, payload, n_payload);
        }
        if (r < 0 || !to->response_topic[0] || strcmp(to->response_topic, topic) == 0)
                return r;
        return client_send_correlated(client, to, to->response_topic, payload, n_payload);
}

/* What the requester wants in its answer, without what is not allowed. */
static void client_read_return(struct mqtt_client *c, const char *verb,
                               const mosquitto_property *properties, struct mqtt_return *ret_to)
{
        char *topic = NULL;
        void *correlation = NULL;
        uint16_t n_correlation = 0;

        *ret_to = (struct mqtt_return){.n_correlation = 0};
        (void)snprintf(ret_to->verb, sizeof(ret_to->verb), "%s", verb);
        (void)mosquitto_property_read_string(properties, MQTT_PROP_RESPONSE_TOPIC, &topic, false);
        (void)mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &correlation,
                                             &n_correlation, false);
        if (topic && strlen(topic) < sizeof(ret_to->response_topic) &&
            topic_may_answer(c->options->hub, topic))
                (void)snprintf(ret_to->response_topic, sizeof(ret_to->response_topic), "%s", topic);
        else if (topic)
                log_warning("Refusing to answer %s on the topic it names: %s",
                            verb[0] ? verb : "a command", topic);
        if (correlation && n_correlation <= sizeof(ret_to->correlation)) {
                memcpy(ret_to->correlation, correlation, n_correlation);
                ret_to->n_correlation = n_correlation;
        }
        free(topic);
        free(correlation);
}

/* The state of another hub, which mqtt_client_ask_hub() asked for. */
static bool client_take_state(struct mqtt_client *c, const struct mosquitto_message *message)
{
        char hub[TOPIC_NAME_SIZE];
        enum topic topic;

        if (topic_hub(message->topic, &topic, hub) || topic != TOPIC_STATE ||
            strcmp(hub, c->options->hub) == 0)
                return false;
        if ((size_t)message->payloadlen == strlen(MQTT_PAYLOAD_OFFLINE) &&
            memcmp(message->payload, MQTT_PAYLOAD_OFFLINE, strlen(MQTT_PAYLOAD_OFFLINE)) == 0)
                c->handler->on_no_hub(c->userdata, hub);
        return true;
}

/* Home Assistant may retain what it says, and the hub hears it only when it is said. */
static bool client_take_birth(struct mqtt_client *c, const struct mosquitto_message *message)
{
        const char *birth = mqtt_option(c->options->birth);

        if (!birth || strcmp(message->topic, birth) != 0)
                return false;
        c->handler->on_birth(c->userdata, message->payload ? message->payload : "",
                             (size_t)message->payloadlen);
        return true;
}

/* What this hub publishes itself comes back to it while it asks for what is kept. */
static bool client_take_kept(struct mqtt_client *c, const struct mosquitto_message *message)
{
        char name[TOPIC_NAME_SIZE];
        enum topic topic;

        if (topic_parse(c->options->hub, message->topic, &topic, name) || !topic_outbound(topic) ||
            !topic_retained(topic))
                return false;
        if (message->retain && c->handler->on_kept)
                c->handler->on_kept(c->userdata, topic, name);
        return true;
}

static void client_on_message(void *userdata, const struct mosquitto_message *message,
                              const mosquitto_property *properties)
{
        struct mqtt_client *c = userdata;
        struct mqtt_request request;
        char name[TOPIC_NAME_SIZE];

        if (client_take_state(c, message) || client_take_birth(c, message) ||
            client_take_kept(c, message))
                return;
        if (topic_parse(c->options->hub, message->topic, &request.topic, name) ||
            !topic_inbound(request.topic)) {
                log_warning("Ignoring an MQTT message that is not a request: %s", message->topic);
                return;
        }
        /* The broker keeps it, so it would be executed again at every start. */
        if (message->retain) {
                log_warning("Refusing a retained MQTT request: %s", message->topic);
                return;
        }
        if (message->payloadlen > MQTT_REQUEST_MAX) {
                log_warning("Refusing an MQTT request of %d bytes: %s", message->payloadlen,
                            message->topic);
                return;
        }
        request.name = name;
        request.payload = message->payload ? message->payload : "";
        request.n_payload = (size_t)message->payloadlen;
        client_read_return(c, request.topic == TOPIC_REQUEST ? name : "", properties, &request.to);
        c->handler->on_request(c->userdata, &request);
}

static void client_on_not_subscribed(void *userdata, int code)
{
        (void)userdata;
        log_warning("The MQTT broker refuses enrolld a subscription, to requests, to the state of "
                    "its former name or to what Home Assistant says when it starts: %s",
                    mosquitto_reason_string(code));
}

static int client_subscribe_to(struct mqtt_client *c, const char *filter)
{
        const int options = MQTT_SUB_OPT_NO_LOCAL | MQTT_SUB_OPT_RETAIN_AS_PUBLISHED |
                            MQTT_SUB_OPT_SEND_RETAIN_NEVER;

        return mqtt_connection_subscribe(c->connection, filter, options);
}

static int client_subscribe(struct mqtt_client *c)
{
        const char *birth = mqtt_option(c->options->birth);
        char filter[TOPIC_SIZE];
        int r;

        for (int i = 0; i < TOPIC_MAX; i++) {
                if (topic_filter((enum topic)i, c->options->hub, filter) < 0)
                        continue;
                r = client_subscribe_to(c, filter);
                if (r < 0)
                        return r;
        }
        return birth ? client_subscribe_to(c, birth) : 0;
}

/* The broker has accepted the connection. */
static void client_on_accepted(void *userdata)
{
        struct mqtt_client *c = userdata;
        int r;

        r = mqtt_client_publish(c, TOPIC_STATE, NULL, PAYLOAD_ONLINE, strlen(PAYLOAD_ONLINE), NULL);
        if (r == 0)
                r = client_subscribe(c);
        if (r < 0)
                (void)log_errno(r, "Cannot greet the MQTT broker");
}

static void client_on_state(void *userdata, enum reason reason)
{
        struct mqtt_client *c = userdata;

        c->handler->on_state(c->userdata, reason);
}

static void client_on_room(void *userdata)
{
        struct mqtt_client *c = userdata;

        if (c->handler->on_room)
                c->handler->on_room(c->userdata);
}

static const struct mqtt_connection_handler client_connection_handler = {
        .on_accepted = client_on_accepted,
        .on_state = client_on_state,
        .on_message = client_on_message,
        .on_not_subscribed = client_on_not_subscribed,
        .on_room = client_on_room,
};

int mqtt_client_new(sd_event *event, const struct mqtt_options *options,
                    const struct mqtt_handler *handler, void *userdata,
                    struct mqtt_client **ret_client)
{
        _defer_(mqtt_client_free) struct mqtt_client *c = NULL;
        int r;

        if (!word_valid(options->hub, strlen(options->hub)))
                return -EINVAL;
        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->handler = handler;
        c->userdata = userdata;
        r = mqtt_connection_new(event, options, &client_connection_handler, c, &c->connection);
        if (r < 0)
                return r;
        c->options = mqtt_connection_options(c->connection);

        *ret_client = take(c);
        return 0;
}

struct mqtt_client *mqtt_client_free(struct mqtt_client *client)
{
        if (!client)
                return NULL;
        client->connection = mqtt_connection_free(client->connection);
        free(client);
        return NULL;
}

int mqtt_client_restart(struct mqtt_client *client)
{
        return mqtt_connection_restart(client->connection);
}

const struct mqtt_options *mqtt_client_options(const struct mqtt_client *client)
{
        return client->options;
}

bool mqtt_client_connected(const struct mqtt_client *client)
{
        return mqtt_connection_is_up(client->connection);
}

bool mqtt_client_is_busy(const struct mqtt_client *client)
{
        return mqtt_connection_is_busy(client->connection);
}

bool mqtt_client_is_idle(const struct mqtt_client *client)
{
        return mqtt_connection_is_idle(client->connection);
}
