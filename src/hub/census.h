/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Whether a program that connects to the broker late learns of every device.
 *
 * The broker keeps a message for each, but may not hand all of them out: mosquitto drops what is
 * beyond 1,000 messages for one subscriber unless its settings say otherwise. So after everything
 * has been published on a new connection, a hub with many devices subscribes to their availability
 * itself, and counts.
 */

#include <stddef.h>

#include <systemd/sd-event.h>

#include "event/state.h"
#include "mqtt/client.h"
#include "util/defer.h"

#define CENSUS_DEVICES_MIN 100
#define CENSUS_PAUSE_MSEC  1000  /* between two looks whether everything has been published */
#define CENSUS_QUIET_MSEC  10000 /* without another one: that was all */

struct census_handler {
        /* So many of the devices that there are have arrived, all or less. */
        void (*on_counted)(void *userdata, size_t n_arrived, size_t n_devices);
};

struct census;

/* @client and @state live longer. 0; -ENOMEM, or another -errno of the event loop. */
int census_new(sd_event *event, struct mqtt_client *client, const struct state *state,
               const struct census_handler *handler, void *userdata, struct census **ret_census);
struct census *census_free(struct census *census);

/* The connection is there; it is gone. */
void census_begin(struct census *census);
void census_end(struct census *census);

/* As mqtt_handler.on_kept() says. */
void census_take(struct census *census);

DEFINE_DEFER(struct census *, census_free);
