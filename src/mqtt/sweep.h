/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One look at everything that the broker keeps under some filters, and the removal of what nobody
 * publishes any more. It has a connection of its own: on the hub's, its subscription would overlap
 * those for requests, and a request could come twice.
 *
 * A broker hands out as many retained messages at once as its settings allow, mosquitto 1,000
 * unless max_queued_messages says otherwise; a sweep that removed something may leave something
 * for the next.
 */

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "mqtt/options.h"
#include "util/defer.h"

#define SWEEP_SECONDS 15 /* and then it is given up */

struct sweep;

struct sweep_handler {
        /* The broker keeps a message under this topic. */
        void (*on_kept)(void *userdata, const char *topic, const void *payload, size_t n_payload);
        /*
         * All have been passed to on_kept(). Removes with sweep_remove() what is to go. 0, or
         * -errno, with which the sweep ends.
         */
        int (*on_seen)(void *userdata);
        /* What sweep_remove() named is removed, or MQTT 5's reason code says why it is not. */
        void (*on_removed)(void *userdata, const char *topic, int code);
        /*
         * Over: 0; -ENOTCONN, -ETIMEDOUT; -EACCES if the broker refuses the login or a
         * subscription; another -errno. The sweep may be freed here, and must be freed afterwards.
         */
        void (*on_done)(void *userdata, int result);
};

/*
 * Starts it. @options and @filters, of which there are @n_filters, stay in place until the end. 0
 * or -errno.
 */
int sweep_new(sd_event *event, const struct mqtt_options *options, const char *const *filters,
              size_t n_filters, const struct sweep_handler *handler, void *userdata,
              struct sweep **ret_sweep);
struct sweep *sweep_free(struct sweep *sweep);

/* From on_seen() only: asks the broker to remove what it keeps under @topic. 0 or -errno. */
int sweep_remove(struct sweep *sweep, const char *topic);

DEFINE_DEFER(struct sweep *, sweep_free);
