/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * bluetoothd on the bus: whether it is there, what its objects say, and how to call it.
 *
 * One struct bluez per bus connection serves this whole folder. It follows the owner of org.bluez,
 * so that a restart of bluetoothd is seen as "down" and "listed" again, and it accepts signals from
 * that owner only. The objects are listed once after each start of bluetoothd; from then on its
 * signals keep them up to date (ble/cache.h).
 *
 * A handler's callbacks may start calls, arm sources of the loop, and make and free watches.
 */

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#include "ble/object.h"
#include "ble/uuid.h"
#include "reason/reason.h"
#include "util/defer.h"

#define BLUEZ_GATT_MANAGER  "org.bluez.GattManager1"
#define BLUEZ_ADVERTISER    "org.bluez.LEAdvertisingManager1"
#define BLUEZ_ADVERTISEMENT "org.bluez.LEAdvertisement1"
#define BLUEZ_SERVICE       "org.bluez.GattService1"

/* What one interface of one object announced. */
struct bluez_news {
        const struct bluez_object *object; /* as it is known now, all of it */
        unsigned has;                      /* the members that were announced: BLUEZ_HAS_... */
        bool whole; /* new, listed or from the cache: all that BlueZ knows, not only what is new */
};

struct bluez;
struct bluez_watch;

struct bluez_handler {
        void (*on_news)(void *userdata, const struct bluez_news *news);
        /* The object is gone, and everything below its path. */
        void (*on_gone)(void *userdata, const char *path, enum bluez_interface interface);
        /* Every object that exists has been reported; after every start of bluetoothd. May be NULL.
         */
        void (*on_listed)(void *userdata);
        /* bluetoothd has gone or is not running, and every object is gone with it. */
        void (*on_down)(void *userdata);
};

int bluez_new(sd_bus *bus, struct bluez **ret_bluez);

/* All watches must have been freed before. Takes NULL, returns NULL. */
struct bluez *bluez_free(struct bluez *bluez);

sd_bus *bluez_bus(struct bluez *bluez);
sd_event *bluez_event(struct bluez *bluez);

/* True once it is known that bluetoothd is not running. */
bool bluez_is_down(const struct bluez *bluez);

/* True if @message was sent by the current bluetoothd. */
bool bluez_sent(const struct bluez *bluez, sd_bus_message *message);

/*
 * Reports to @handler, which stays in place: at once, before it returns, every known object and
 * then on_listed, or on_down; later, every announcement.
 */
int bluez_watch_new(struct bluez *bluez, const struct bluez_handler *handler, void *userdata,
                    struct bluez_watch **ret_watch);
struct bluez_watch *bluez_watch_free(struct bluez_watch *watch);

/* The object as it was last announced, or NULL; valid until the next turn of the loop. */
const struct bluez_object *bluez_find(const struct bluez *bluez, const char *path,
                                      enum bluez_interface interface);

/* The characteristic of @device with this UUID, or NULL. */
const struct bluez_object *bluez_find_characteristic(const struct bluez *bluez, const char *device,
                                                     const char *uuid);

/* The known objects with that interface, the one announced last first: @after NULL for that one. */
const struct bluez_object *bluez_next(const struct bluez *bluez, enum bluez_interface interface,
                                      const struct bluez_object *after);

/*
 * Calls bluetoothd; @types and what follows as for sd_bus_message_append(). Without @ret_slot the
 * call cannot be cancelled; without @on_reply the result is not reported. -EHOSTDOWN when
 * bluetoothd is not running. bluez_call_message() sends a message that needs containers, made by
 * bluez_call_new().
 */
int bluez_call(struct bluez *bluez, sd_bus_slot **ret_slot, const char *path, const char *interface,
               const char *member, sd_bus_message_handler_t on_reply, void *userdata,
               const char *types, ...);
int bluez_call_new(struct bluez *bluez, const char *path, const char *interface, const char *member,
                   sd_bus_message **ret_message);
int bluez_call_message(struct bluez *bluez, sd_bus_slot **ret_slot, sd_bus_message *message,
                       sd_bus_message_handler_t on_reply, void *userdata);

/* The reason for an error reply, where its name alone decides it; else @otherwise. */
enum reason bluez_reason(const sd_bus_error *error, enum reason otherwise);

/* True if @path lies below @parent. */
bool bluez_path_below(const char *path, const char *parent);

DEFINE_DEFER(struct bluez *, bluez_free);
DEFINE_DEFER(struct bluez_watch *, bluez_watch_free);
