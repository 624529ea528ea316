/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What can be called of org.enrolld1.Manager (doc/dbus-api.md): its methods and properties. */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "api/backend.h"
#include "reason/reason.h"

/* The userdata of the vtable. */
struct methods {
        struct api_backend backend;
        const char *hub;
        sd_bus_message *devices; /* the last answer of ListDevices, or NULL */
        uint64_t devices_at;     /* it holds until what it says of the backend has changed */
        int64_t window_until;    /* Unix time; 0: it is closed */
};

extern const sd_bus_vtable methods_vtable[];

/* Forgets the answer that it keeps, before the connection ends. */
void methods_forget(struct methods *methods);

/* Fills in the error of a call that is refused, with what @detail adds, "" for nothing. Its -errno.
 */
int methods_refuse(sd_bus_error *ret_error, enum reason reason, const char *detail);

/* A descriptor is not trusted: it must be a regular file that can be read without blocking. */
bool methods_is_readable(int fd);
