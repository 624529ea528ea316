/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Discovery for Home Assistant: announces the hub and its devices, each time that one of them
 * changes, at every connection, and when Home Assistant says that it has started.
 *
 * It publishes nothing itself: its owner does, and tells it how the connection fares. Many devices
 * are announced a few at a time, as fast as the broker acknowledges.
 *
 * Home Assistant subscribes to the state of a device after its announcement, so what the device
 * reported last is published again a little later.
 *
 * Normative: doc/mqtt.md, section 10.
 */

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "api/backend.h"
#include "hass/notice.h"
#include "util/defer.h"

#define HASS_BIRTH          "online" /* what Home Assistant says when it has started */
#define HASS_STATES_MSEC    2000     /* from the last announcement to the states */
#define HASS_UNANSWERED_MAX 32       /* announcements that the broker has not acknowledged */

struct hass;

/* The texts live longer. */
struct hass_options {
        const char *hub;
        const char *version;
        enum notice_form form;
        const char *prefix;   /* of its topics */
        unsigned birth_delay; /* s, at most, until Home Assistant is answered */
};

struct hass_handler {
        /* hass_start() will publish a message under this name of TOPIC_DISCOVERY. */
        void (*on_name)(void *userdata, const char *name);
        /* Publishes it, retained; "" removes the one that is there. True if there will be a call of
         * hass_acknowledged() for it. */
        bool (*on_message)(void *userdata, const char *name, const char *text);
        /* What this device reported last is to be published again. */
        void (*on_state)(void *userdata, const struct state_device *device);
};

/* @backend is what it reads, and lives longer. 0, -ENOMEM or another -errno of the event loop. */
int hass_new(sd_event *event, const struct hass_options *options, const struct api_backend *backend,
             const struct hass_handler *handler, void *userdata, struct hass **ret_hass);
struct hass *hass_free(struct hass *hass);

/* From now on nothing is announced that would send a request or a command, or all of that is. */
void hass_close_requests(struct hass *hass, bool closed);

/* A new connection: calls on_name() for each message, and announces nothing until hass_start(). */
void hass_begin(struct hass *hass);
void hass_start(struct hass *hass);

/* A device was added, enrolled again, renamed or removed. */
void hass_devices_changed(struct hass *hass);

/* Home Assistant has started: announces everything after a random delay. */
void hass_greet(struct hass *hass);

/* The broker has answered a message; below 0, the connection is lost. */
void hass_acknowledged(struct hass *hass, int result);

DEFINE_DEFER(struct hass *, hass_free);
