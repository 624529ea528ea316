/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A message bus of the test's own: dbus-daemon with a configuration that lets everybody do all. */

#include <sys/types.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

struct private_bus {
        char directory[32], address[96];
        pid_t pid;
};

/* Starts it; fails the test where that is not possible. */
void private_bus_start(struct private_bus *p);

/* Ends it and removes its files. */
void private_bus_stop(struct private_bus *p);

/* A new connection to it, served by @event if that is not NULL. */
sd_bus *private_bus_connect(const struct private_bus *p, sd_event *event);
