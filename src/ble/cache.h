/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The objects of bluetoothd as last announced, up to a fixed number.
 *
 * There can be many unknown devices whose addresses change every few minutes. What was announced
 * last stands first; if there are too many devices, the last one that is not connected is dropped,
 * with everything below it.
 */

#include "ble/object.h"

#define CACHE_DEVICES_MAX         512
#define CACHE_CHARACTERISTICS_MAX 64 /* of one device */

struct cache {
        struct bluez_object *first;
        size_t n_devices;
};

/*
 * Brings the object up to date, as a new one if it is not known or if @whole is set because all of
 * it has been announced. NULL if there is no room for it.
 */
const struct bluez_object *cache_note(struct cache *cache, const char *path,
                                      const struct object_news *news, bool whole);

/* Drops the object and everything below its path. */
void cache_remove(struct cache *cache, const char *path, enum bluez_interface interface);
void cache_clear(struct cache *cache);

const struct bluez_object *cache_find(const struct cache *cache, const char *path,
                                      enum bluez_interface interface);

/* True if @path lies below @parent. */
bool bluez_path_below(const char *path, const char *parent);
