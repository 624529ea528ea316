/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Reads from the messages of bluetoothd what they announce about its objects. */

#include "ble/object.h"

struct announcement_handler {
        /* @whole: all of the object's properties, not only what has changed. */
        void (*on_news)(void *userdata, const char *path, const struct object_news *news,
                        bool whole);
        void (*on_gone)(void *userdata, const char *path, enum bluez_interface interface);
};

/*
 * Read the answer to GetManagedObjects; InterfacesAdded; InterfacesRemoved; PropertiesChanged. 0 or
 * -errno, after what could be read before it.
 */
int announcement_read_list(sd_bus_message *m, const struct announcement_handler *handler,
                           void *userdata);
int announcement_read_added(sd_bus_message *m, const struct announcement_handler *handler,
                            void *userdata);
int announcement_read_removed(sd_bus_message *m, const struct announcement_handler *handler,
                              void *userdata);
int announcement_read_changed(sd_bus_message *m, const struct announcement_handler *handler,
                              void *userdata);
