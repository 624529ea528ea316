/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One attempt to connect to the broker: a client of libmosquitto is made with everything that it
 * says of itself, the broker's name is resolved, and the socket is opened.
 *
 * A name server or a broker that is silent makes the last two wait for minutes, so they run on a
 * thread of their own, and the loop goes on. A dial that is freed before leaves its thread behind,
 * which ends by itself; at most MQTT_DIALS_LEFT of them at a time.
 */

#include <mosquitto.h>
#include <systemd/sd-event.h>

#include "mqtt/options.h"
#include "util/address.h"
#include "util/defer.h"

#define MQTT_DIALS_LEFT      4
#define MQTT_PACKET_MAX      69632 /* bytes that the broker may send in one packet */
#define MQTT_PAYLOAD_OFFLINE "{\"state\":\"offline\"}" /* the will */

struct mqtt_dial;

struct mqtt_dial_handler {
        /* The socket is open; CONNECT has been sent. The dial may be freed here. */
        void (*on_open)(void *userdata, struct mosquitto *mosquitto_take);
        /* It cannot be opened, for @why, a few words for people. The dial may be freed here. */
        void (*on_failed)(void *userdata, const char *why);
};

/*
 * Dials the address number @i of the broker's host, counted from 0 and around; with TLS the name,
 * for which the certificate is, and then libmosquitto chooses. The texts of @options stay in place;
 * @userdata is libmosquitto's, too. Calls back from the loop, once. 0; -EBUSY if too many threads
 * have been left behind; another -errno, and the log says of what.
 */
int mqtt_dial_new(sd_event *event, const struct mqtt_options *options, const struct address *broker,
                  size_t i, const struct mqtt_dial_handler *handler, void *userdata,
                  struct mqtt_dial **ret_dial);
struct mqtt_dial *mqtt_dial_free(struct mqtt_dial *dial);

/* How many addresses the host has; 0 if that is not known, and 1 with TLS. */
size_t mqtt_dial_addresses(const struct mqtt_dial *dial);

/* The result of a call of libmosquitto, as -errno. */
int mqtt_errno(int code);

DEFINE_DEFER(struct mqtt_dial *, mqtt_dial_free);
