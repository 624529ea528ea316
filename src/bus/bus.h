/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * org.enrolld1 on the bus (doc/dbus-api.md).
 *
 * A bus that is missing, disconnects or refuses the name is an ordinary state: the connection is
 * tried again until it works, and the rest of the daemon is not affected.
 */

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "api/backend.h"
#include "api/face.h"
#include "util/defer.h"

#define BUS_NAME      "org.enrolld1"
#define BUS_OBJECT    "/org/enrolld1"
#define BUS_INTERFACE "org.enrolld1.Manager"

struct bus;

/*
 * Serves @backend, which is copied, on the bus at @address, NULL for the system bus. @hub lives
 * longer. 0, also when the bus is not there yet; -ENOMEM or another -errno of the event loop.
 */
int bus_new(sd_event *event, const char *address, const char *hub,
            const struct api_backend *backend, struct bus **ret_bus);
struct bus *bus_free(struct bus *bus);

/* It sends a signal for each event, and answers queries about the rest. */
struct face bus_face(struct bus *bus);

/* Whether the daemon owns org.enrolld1 now. */
bool bus_is_up(const struct bus *bus);

DEFINE_DEFER(struct bus *, bus_free);
