/* SPDX-License-Identifier: Apache-2.0 */

#include "client.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>

#define KEEPALIVE_SEC 600 /* longer than any benchmark: nobody has to ping */

struct client {
        struct mosquitto *mosquitto;
        sd_event_source *io;
        const char *filter;
        const struct client_handler *handler;
        void *userdata;
        size_t n_pending;
        bool ready;
};

static void must(int code, const char *what)
{
        if (code == MOSQ_ERR_SUCCESS)
                return;
        (void)fprintf(stderr, "bench: MQTT: %s: %s\n", what, mosquitto_strerror(code));
        exit(EXIT_FAILURE);
}

static void client_on_connect(struct mosquitto *m, void *userdata, int code, int flags,
                              const mosquitto_property *properties)
{
        struct client *c = userdata;

        (void)flags;
        (void)properties;
        must(code == 0 ? MOSQ_ERR_SUCCESS : MOSQ_ERR_CONN_REFUSED, "CONNECT");
        if (c->filter)
                must(mosquitto_subscribe_v5(m, NULL, c->filter, 1, 0, NULL), "SUBSCRIBE");
        else
                c->ready = true;
}

static void client_on_subscribe(struct mosquitto *m, void *userdata, int mid, int n_granted,
                                const int *granted, const mosquitto_property *properties)
{
        struct client *c = userdata;

        (void)m;
        (void)mid;
        (void)n_granted;
        (void)properties;
        must(granted[0] < MQTT_RC_UNSPECIFIED ? MOSQ_ERR_SUCCESS : MOSQ_ERR_ACL_DENIED,
             "SUBSCRIBE");
        c->ready = true;
}

static void client_on_publish(struct mosquitto *m, void *userdata, int mid, int code,
                              const mosquitto_property *properties)
{
        struct client *c = userdata;

        (void)m;
        (void)mid;
        (void)code;
        (void)properties;
        c->n_pending--;
}

static void client_on_message(struct mosquitto *m, void *userdata,
                              const struct mosquitto_message *message,
                              const mosquitto_property *properties)
{
        struct client *c = userdata;

        (void)m;
        (void)properties;
        c->handler->on_message(c->userdata, message->topic,
                               message->payload ? message->payload : "",
                               (size_t)message->payloadlen);
}

int client_fd(const struct client *client)
{
        return mosquitto_socket(client->mosquitto);
}

bool client_wants_write(const struct client *client)
{
        return mosquitto_want_write(client->mosquitto);
}

void client_turn(struct client *client, short events)
{
        if (events & POLLOUT)
                must(mosquitto_loop_write(client->mosquitto, 1), "write");
        if (events & ~POLLOUT)
                must(mosquitto_loop_read(client->mosquitto, 1), "read");
}

static void client_watch(struct client *c)
{
        if (c->io)
                (void)sd_event_source_set_io_events(
                        c->io, client_wants_write(c) ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static int client_on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        struct client *c = userdata;

        (void)source;
        (void)fd;
        client_turn(c, (short)events); /* the bits of poll and epoll are the same */
        client_watch(c);
        return 0;
}

void client_attach(struct client *client, sd_event *event)
{
        if (sd_event_add_io(event, &client->io, client_fd(client), EPOLLIN, client_on_io, client) <
            0)
                must(MOSQ_ERR_NOMEM, "sd_event_add_io");
        client_watch(client);
}

static void client_wait_until_ready(struct client *c)
{
        while (!c->ready) {
                struct pollfd p = {.fd = client_fd(c), .events = POLLIN};

                if (client_wants_write(c))
                        p.events |= POLLOUT;
                if (poll(&p, 1, -1) == 1)
                        client_turn(c, p.revents);
        }
}

struct client *client_new(const char *broker, const char *filter,
                          const struct client_handler *handler, void *userdata)
{
        struct client *c = calloc(1, sizeof(*c));
        bool by_path = broker[0] == '/';

        (void)mosquitto_lib_init();
        if (!c || !(c->mosquitto = mosquitto_new(NULL, true, c)))
                must(MOSQ_ERR_NOMEM, "mosquitto_new");
        c->filter = filter;
        c->handler = handler;
        c->userdata = userdata;
        (void)mosquitto_int_option(c->mosquitto, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
        (void)mosquitto_int_option(c->mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
        mosquitto_connect_v5_callback_set(c->mosquitto, client_on_connect);
        mosquitto_subscribe_v5_callback_set(c->mosquitto, client_on_subscribe);
        mosquitto_publish_v5_callback_set(c->mosquitto, client_on_publish);
        mosquitto_message_v5_callback_set(c->mosquitto, client_on_message);
        must(mosquitto_connect_bind_v5(c->mosquitto, by_path ? broker : "127.0.0.1",
                                       by_path ? 0 : (int)strtol(broker, NULL, 10), KEEPALIVE_SEC,
                                       NULL, NULL),
             broker);
        client_wait_until_ready(c);
        return c;
}

struct client *client_free(struct client *client)
{
        if (!client)
                return NULL;
        (void)sd_event_source_disable_unref(client->io);
        (void)mosquitto_disconnect(client->mosquitto);
        mosquitto_destroy(client->mosquitto);
        free(client);
        return NULL;
}

void client_publish(struct client *client, const char *topic, const char *payload, size_t n_payload,
                    const char *answer)
{
        mosquitto_property *properties = NULL;

        if (answer)
                must(mosquitto_property_add_string(&properties, MQTT_PROP_RESPONSE_TOPIC, answer),
                     answer);
        client->n_pending++;
        must(mosquitto_publish_v5(client->mosquitto, NULL, topic, (int)n_payload, payload, 1, false,
                                  properties),
             topic);
        mosquitto_property_free_all(&properties);
        client_watch(client);
}

size_t client_pending(const struct client *client)
{
        return client->n_pending;
}
