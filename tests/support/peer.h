/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Somebody else at the broker, in the same thread: subscribes, remembers what it hears, publishes.
 * It moves only inside peer_turn(), which also turns the event loop of what is tested.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mosquitto.h>
#include <systemd/sd-event.h>

#define PEER_HEARD_MAX 512

struct peer_message {
        char topic[256];
        char payload[256];
        bool retained;
        char correlation[64];
};

struct peer {
        struct mosquitto *mosquitto;
        const char *filter;
        bool subscribed;
        size_t n_heard;
        struct peer_message heard[PEER_HEARD_MAX];
};

/* Connects to the unix socket at @path as @user (or NULL) and subscribes to @filter, which stays
 * the caller's. */
void peer_connect(struct peer *peer, const char *path, const char *user, const char *filter);

/* Publishes with QoS 1; @response_topic and @correlation may be NULL. */
void peer_publish(struct peer *peer, const char *topic, const char *payload, bool retain,
                  const char *response_topic, const char *correlation);

void peer_disconnect(struct peer *peer);

/* One turn of the loop and of up to two peers, at most some milliseconds long. */
void peer_turn(sd_event *event, struct peer *one, struct peer *two);

/* The first message heard on @topic, or NULL. */
const struct peer_message *peer_find(const struct peer *peer, const char *topic);

/*
 * Turns until @condition holds and fails the test when it never does: the bound is far longer than
 * anything takes, and no test measures time with it.
 */
#define peer_wait(event, one, two, condition)                                                      \
        do {                                                                                       \
                for (int turns_ = 0; !(condition) && turns_ < 6000; turns_++)                      \
                        peer_turn((event), (one), (two));                                          \
                assert_true(condition);                                                            \
        } while (0)
