/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * bluetoothd on the bus: whether it is there, what its objects say, and how to call it.
 *
 * One struct bluez per bus connection serves everybody in this folder. It follows the owner of
 * org.bluez, so that a restart of bluetoothd is seen as "down" and "listed" again, and it listens
 * to that owner only: nobody else's signals are believed. All parsing of what objects announce is
 * here; a handler gets plain values.
 *
 * A handler's callbacks may start calls and arm sources of the loop, but must not free a watch, nor
 * call the owner of the watch: that is done in a later turn of the loop.
 */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "ble/uuid.h"
#include "reason/reason.h"
#include "util/defer.h"

#define BLUEZ_ADAPTER        "org.bluez.Adapter1"
#define BLUEZ_DEVICE         "org.bluez.Device1"
#define BLUEZ_CHARACTERISTIC "org.bluez.GattCharacteristic1"
#define BLUEZ_GATT_MANAGER   "org.bluez.GattManager1"
#define BLUEZ_ADVERTISER     "org.bluez.LEAdvertisingManager1"
#define BLUEZ_ADVERTISEMENT  "org.bluez.LEAdvertisement1"
#define BLUEZ_SERVICE        "org.bluez.GattService1"

#define BLUEZ_PATH_MAX   64  /* of a path that is remembered, with its NUL; BlueZ's have up to 61 */
#define BLUEZ_RSSI_UNSET 127 /* as in HCI: not known */

enum bluez_interface {
        BLUEZ_IS_ADAPTER,
        BLUEZ_IS_DEVICE,
        BLUEZ_IS_CHARACTERISTIC,
};

enum bluez_characteristic {
        BLUEZ_OTHER,
        BLUEZ_IN,
        BLUEZ_OUT,
};

/* Which members of struct bluez_news were announced. */
enum {
        BLUEZ_HAS_POWERED = 1 << 0,
        BLUEZ_HAS_POWER_STATE = 1 << 1,
        BLUEZ_HAS_ROLES = 1 << 2,
        BLUEZ_HAS_CONNECTED = 1 << 3,
        BLUEZ_HAS_RESOLVED = 1 << 4,
        BLUEZ_HAS_RSSI = 1 << 5,
        BLUEZ_HAS_DATA = 1 << 6,
        BLUEZ_HAS_UUID = 1 << 7,
};

/* What one interface of one object announced: all of it when new or listed, else what changed. */
struct bluez_news {
        const char *path;
        enum bluez_interface interface;
        bool whole; /* new or listed, that is, what BlueZ remembers and not only what is new */
        unsigned has;

        bool powered, blocked;        /* adapter; blocked only where BlueZ tells (PowerState) */
        bool central, peripheral;     /* adapter: its roles */
        bool connected, resolved;     /* device; resolved: its services */
        int16_t rssi;                 /* device, dBm */
        uint8_t data[BLE_DATA_BYTES]; /* device: service data under our UUID, of the right length */
        enum bluez_characteristic which;
};

struct bluez;
struct bluez_watch;

struct bluez_handler {
        void (*on_news)(void *userdata, const struct bluez_news *news);
        void (*on_gone)(void *userdata, const char *path, enum bluez_interface interface);
        /* Every object that exists has been told; after every start of bluetoothd. May be NULL. */
        void (*on_listed)(void *userdata);
        /* bluetoothd has gone, or is found not to run; every object with it. */
        void (*on_down)(void *userdata);
};

int bluez_new(sd_bus *bus, struct bluez **ret_bluez);

/* All watches must have been freed before. Takes NULL, returns NULL. */
struct bluez *bluez_free(struct bluez *bluez);

sd_bus *bluez_bus(struct bluez *bluez);
sd_event *bluez_event(struct bluez *bluez);

/* True once it is known that bluetoothd does not run. */
bool bluez_is_down(const struct bluez *bluez);

/* True if @message was sent by the bluetoothd of now. */
bool bluez_sent(const struct bluez *bluez, sd_bus_message *message);

/* Starts to tell @handler (which stays in place), first about every object that exists. */
int bluez_watch_new(struct bluez *bluez, const struct bluez_handler *handler, void *userdata,
                    struct bluez_watch **ret_watch);
struct bluez_watch *bluez_watch_free(struct bluez_watch *watch);

/* Tells the handler about every object once more. */
int bluez_watch_list(struct bluez_watch *watch);

/*
 * Calls bluetoothd; @types and what follows as for sd_bus_message_append(). Without @ret_slot the
 * call cannot be called off; without @on_reply nobody hears how it went. -EHOSTDOWN when
 * bluetoothd does not run. bluez_call_message() sends a message that needs containers, made by
 * bluez_call_new().
 */
int bluez_call(struct bluez *bluez, sd_bus_slot **ret_slot, const char *path, const char *interface,
               const char *member, sd_bus_message_handler_t on_reply, void *userdata,
               const char *types, ...);
int bluez_call_new(struct bluez *bluez, const char *path, const char *interface, const char *member,
                   sd_bus_message **ret_message);
int bluez_call_message(struct bluez *bluez, sd_bus_slot **ret_slot, sd_bus_message *message,
                       sd_bus_message_handler_t on_reply, void *userdata);

/* What an error reply means to people, where its name alone says so; else @otherwise. */
enum reason bluez_reason(const sd_bus_error *error, enum reason otherwise);

/* True if @path lies below @parent. */
bool bluez_path_below(const char *path, const char *parent);

DEFINE_DEFER(struct bluez *, bluez_free);
DEFINE_DEFER(struct bluez_watch *, bluez_watch_free);
