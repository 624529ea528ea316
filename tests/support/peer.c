/* SPDX-License-Identifier: Apache-2.0 */

#include "support/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mqtt_protocol.h>

#define TURN_MSEC 2

static void on_connect(struct mosquitto *m, void *userdata, int code, int flags,
                       const mosquitto_property *properties)
{
        struct peer *peer = userdata;

        (void)flags;
        (void)properties;
        if (code != 0)
                abort();
        (void)mosquitto_subscribe_v5(m, NULL, peer->filter, 1, MQTT_SUB_OPT_RETAIN_AS_PUBLISHED,
                                     NULL);
}

static void on_subscribe(struct mosquitto *m, void *userdata, int mid, int n_granted,
                         const int *granted, const mosquitto_property *properties)
{
        struct peer *peer = userdata;

        (void)m;
        (void)mid;
        (void)n_granted;
        (void)granted;
        (void)properties;
        peer->subscribed = true;
}

static void on_message(struct mosquitto *m, void *userdata, const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
        struct peer *peer = userdata;
        struct peer_message *heard = &peer->heard[peer->n_heard];
        void *correlation = NULL;
        uint16_t n = 0;

        (void)m;
        if (peer->n_heard == PEER_HEARD_MAX)
                abort();
        peer->n_heard++;
        (void)snprintf(heard->topic, sizeof(heard->topic), "%s", message->topic);
        (void)snprintf(heard->payload, sizeof(heard->payload), "%.*s", message->payloadlen,
                       message->payload ? (const char *)message->payload : "");
        heard->retained = message->retain;
        (void)mosquitto_property_read_binary(properties, MQTT_PROP_CORRELATION_DATA, &correlation,
                                             &n, false);
        (void)snprintf(heard->correlation, sizeof(heard->correlation), "%.*s", n,
                       correlation ? (const char *)correlation : "");
        free(correlation);
}

void peer_connect(struct peer *peer, const char *path, const char *user, const char *filter)
{
        memset(peer, 0, sizeof(*peer));
        peer->filter = filter;
        (void)mosquitto_lib_init();
        peer->mosquitto = mosquitto_new(NULL, true, peer);
        if (!peer->mosquitto)
                abort();
        (void)mosquitto_int_option(peer->mosquitto, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
        (void)mosquitto_username_pw_set(peer->mosquitto, user, user);
        mosquitto_connect_v5_callback_set(peer->mosquitto, on_connect);
        mosquitto_subscribe_v5_callback_set(peer->mosquitto, on_subscribe);
        mosquitto_message_v5_callback_set(peer->mosquitto, on_message);
        if (mosquitto_connect_bind_v5(peer->mosquitto, path, 0, 60, NULL, NULL) != 0)
                abort();
        for (int i = 0; i < 1000 && !peer->subscribed; i++)
                (void)mosquitto_loop(peer->mosquitto, 10, 1);
        if (!peer->subscribed)
                abort();
}

void peer_publish(struct peer *peer, const char *topic, const char *payload, bool retain,
                  const char *response_topic, const char *correlation)
{
        mosquitto_property *properties = NULL;

        if (response_topic)
                (void)mosquitto_property_add_string(&properties, MQTT_PROP_RESPONSE_TOPIC,
                                                    response_topic);
        if (correlation)
                (void)mosquitto_property_add_binary(&properties, MQTT_PROP_CORRELATION_DATA,
                                                    correlation, (uint16_t)strlen(correlation));
        if (mosquitto_publish_v5(peer->mosquitto, NULL, topic, (int)strlen(payload), payload, 1,
                                 retain, properties) != 0)
                abort();
        mosquitto_property_free_all(&properties);
}

void peer_disconnect(struct peer *peer)
{
        if (!peer->mosquitto)
                return;
        (void)mosquitto_disconnect(peer->mosquitto);
        mosquitto_destroy(peer->mosquitto);
        (void)mosquitto_lib_cleanup();
        peer->mosquitto = NULL;
}

void peer_turn(sd_event *event, struct peer *one, struct peer *two)
{
        if (event)
                (void)sd_event_run(event, TURN_MSEC * 1000);
        if (one && one->mosquitto)
                (void)mosquitto_loop(one->mosquitto, TURN_MSEC, 100);
        if (two && two->mosquitto)
                (void)mosquitto_loop(two->mosquitto, TURN_MSEC, 100);
}

const struct peer_message *peer_find(const struct peer *peer, const char *topic)
{
        for (size_t i = 0; i < peer->n_heard; i++)
                if (strcmp(peer->heard[i].topic, topic) == 0)
                        return &peer->heard[i];
        return NULL;
}
