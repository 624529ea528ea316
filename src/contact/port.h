/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A stream port with at most one device at its other end, which is asked who it is for as long as
 * somebody listens (doc/protocol.md section 2.3).
 *
 * The port is opened when the first subscriber comes and closed when the last one goes. It is not
 * asked while a session has it, that is, while airtime says that it is used.
 */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "contact/airtime.h"
#include "link/link.h"
#include "util/defer.h"
#include "wire/message.h"

struct port_handler {
        /* The device has announced itself. The ear may be freed here. */
        void (*on_announced)(void *userdata, const uint8_t data[MESSAGE_ADV_BYTES]);
};

/* How often somebody who listens wants the port to be asked; the most eager one decides. */
enum port_pace {
        PORT_NEVER, /* what is asked for others is enough: the port is not opened for it */
        PORT_RARELY,
        PORT_OFTEN,
};

struct port;
struct port_ear;

/* @address as in link/stream.h, which stays in place as @airtime does. 0 or -errno. */
int port_new(sd_event *event, struct airtime *airtime, const char *address, struct port **ret_port);

/* All ears must have been freed. Takes NULL, returns NULL. */
struct port *port_free(struct port *port);

/* Its address, which is its name as a place of airtime. */
const char *port_address(const struct port *port);

/* Whether it could be opened since the first of those came who listen often now. */
bool port_was_open(const struct port *port);

/*
 * Whether it can be opened, as far as that shows without opening it: 0; -errno of stream_look(); or
 * REASON_PORT_UNAVAILABLE if it looks well, and yet the last attempt failed. @ret_node is as with
 * stream_look(), and 0 if nothing is there.
 */
int port_look(const struct port *port, uint64_t *ret_node);

/* Starts to listen; callbacks come from the loop. 0 or -errno. */
int port_ear_new(struct port *port, enum port_pace pace, const struct port_handler *handler,
                 void *userdata, struct port_ear **ret_ear);
struct port_ear *port_ear_free(struct port_ear *ear);

/* The link over which the device announced itself, for a session; NULL if it is gone again. */
struct link *port_take(struct port *port);

DEFINE_DEFER(struct port *, port_free);
