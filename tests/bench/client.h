/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A bare MQTT 5 client: libmosquitto and nothing around it. What a benchmark compares the hub with,
 * and what it listens with. A failure ends the program.
 */

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

struct client;

struct client_handler {
        /* Valid during the call; the payload ends with a NUL that does not belong to it. */
        void (*on_message)(void *userdata, const char *topic, const char *payload,
                           size_t n_payload);
};

/*
 * Connects to @broker, the path of a socket or a port on the loopback, and subscribes to @filter
 * with QoS 1 unless that is NULL. Returns when the broker has acknowledged that.
 */
struct client *client_new(const char *broker, const char *filter,
                          const struct client_handler *handler, void *userdata);
struct client *client_free(struct client *client);

/* Lets the loop drive it; or else its owner waits for what its descriptor can do, POLLIN and if it
 * wants POLLOUT. */
void client_attach(struct client *client, sd_event *event);
int client_fd(const struct client *client);
bool client_wants_write(const struct client *client);
void client_turn(struct client *client, short events);

/* With QoS 1; @answer is a topic to be answered on, or NULL. */
void client_publish(struct client *client, const char *topic, const char *payload, size_t n_payload,
                    const char *answer);

/* How many of its messages the broker has not acknowledged. */
size_t client_pending(const struct client *client);
