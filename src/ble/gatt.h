/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The GATT application of a device that can be enrolled: the service and its two characteristics,
 * as objects that bluetoothd reads and calls, and their registration.
 *
 * Given an adapter, it tries to register there until bluetoothd agrees. Only bluetoothd may call.
 */

#include <stdbool.h>

#include "ble/bluez.h"
#include "reason/reason.h"

struct gatt;

/* What a handler may answer besides 0 and -errno. */
enum {
        GATT_E_TAKEN = 1,    /* another central has the device */
        GATT_E_UNSUBSCRIBED, /* this central has not subscribed */
};

struct gatt_packet {
        const char *device; /* object path of the central that writes */
        uint16_t mtu;
        const void *bytes;
        size_t n_bytes;
};

struct gatt_handler {
        /* Registered (REASON_NONE), or refused, which is tried again; the last thing done. */
        void (*on_state)(void *userdata, enum reason why);
        /*
         * The central @device subscribes: @fd_take is our end of its packet socket, and @mtu that
         * of its connection. 0, GATT_E_TAKEN or -errno.
         */
        int (*on_subscribe)(void *userdata, const char *device, unsigned mtu, int fd_take);
        /* A central writes. 0, GATT_E_TAKEN, GATT_E_UNSUBSCRIBED or -errno. */
        int (*on_packet)(void *userdata, const struct gatt_packet *packet);
        /* True if no other central may subscribe now. */
        bool (*is_taken)(void *userdata);
};

int gatt_new(struct bluez *bluez, const struct gatt_handler *handler, void *userdata,
             struct gatt **ret_gatt);

/* Withdraws without waiting. Takes NULL, returns NULL. */
struct gatt *gatt_free(struct gatt *gatt);

/* The adapter to serve on. */
void gatt_use(struct gatt *gatt, const char *adapter);

/* The application is gone with bluetoothd or its adapter, and no adapter is left. */
void gatt_forget(struct gatt *gatt);

/* The adapter on which it serves, or will serve; "" without one. */
const char *gatt_adapter(const struct gatt *gatt);

/* True while it is registered. */
bool gatt_is_registered(const struct gatt *gatt);

DEFINE_DEFER(struct gatt *, gatt_free);
