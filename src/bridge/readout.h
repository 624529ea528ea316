/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What devices report on its way to the broker, as each device's options ask for it
 * (store/delivery.h): at once, or at most every so often with the newest values, and kept by the
 * broker or not.
 */

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "api/backend.h"
#include "bridge/mirror.h"
#include "mqtt/client.h"
#include "util/defer.h"

struct readout;

struct readout_handler {
        /*
         * It is time for what this device has reported: readout_send() may be called here, or
         * later, with the newest values. If @has_event, only here.
         */
        void (*on_turn)(void *userdata, const struct state_device *device, bool has_event);
};

/* What is passed lives longer; of @backend the store and the state are read. 0 or -errno. */
int readout_new(sd_event *event, struct mqtt_client *client, struct mirror *mirror,
                const struct api_backend *backend, const struct readout_handler *handler,
                void *userdata, struct readout **ret_readout);
struct readout *readout_free(struct readout *readout);

/* Publishes what this device has reported last; there is a connection. */
void readout_send(struct readout *readout, const struct state_device *device);

/*
 * A device has other options or another name, or is gone. What is not held back any more is
 * published, and what the broker is not to keep any more is removed.
 */
void readout_refresh(struct readout *readout);

/* A device has reported. An event is published at once, with what was held back. */
void readout_offer(struct readout *readout, const struct state_device *device);

/* On a new connection: notes what the broker is to keep, and publishes what is known. */
void readout_note_all(struct readout *readout);
void readout_publish_all(struct readout *readout);

DEFINE_DEFER(struct readout *, readout_free);
