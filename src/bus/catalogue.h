/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What can be called of org.enrolld1.Catalogue (doc/dbus-api.md). */

#include <systemd/sd-bus.h>

#define CATALOGUE_INTERFACE "org.enrolld1.Catalogue"

/* Its userdata is a struct api_backend. */
extern const sd_bus_vtable catalogue_vtable[];
