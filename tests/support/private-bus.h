/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A dbus-daemon of the test's own, in a directory of its own. */

#include <sys/types.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

struct private_bus {
        char directory[64];
        char address[128];
        pid_t pid; /* 0: not running */
};

/*
 * Makes the directory and the configuration and starts the daemon; @policy is XML that is added to
 * the policy that allows everything, or "". Ends the test on failure; returns when clients can
 * connect.
 */
void private_bus_start(struct private_bus *bus, const char *policy);

/* Ends the daemon; private_bus_again() starts another one at the same address. */
void private_bus_kill(struct private_bus *bus);
void private_bus_again(struct private_bus *bus);

/* Ends the daemon and removes the directory. */
void private_bus_stop(struct private_bus *bus);

/* A new connection to it, served by @event if that is not NULL. */
sd_bus *private_bus_connect(const struct private_bus *bus, sd_event *event);
