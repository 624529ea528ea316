/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which retained messages of this hub the broker holds. The store remembers their topics, and when
 * the hub has published everything that it has to say, what it did not say again is removed: what
 * belonged to devices that went while the broker was away and, if no other hub has taken that name,
 * what this hub said under its former one.
 */

#include "mqtt/client.h"
#include "store/store.h"
#include "util/defer.h"

struct mirror;

struct mirror_handler {
        /* Nothing is left that could be removed now; called once after mirror_begin(). */
        void (*on_swept)(void *userdata);
};

/* 0 or -ENOMEM. @client and @store live longer; @hub is the hub's name and lives longer, too. */
int mirror_new(struct mqtt_client *client, struct store *store, const char *hub,
               const struct mirror_handler *handler, void *userdata, struct mirror **ret_mirror);
struct mirror *mirror_free(struct mirror *mirror);

/* A new connection: nothing has been published on it yet. */
void mirror_begin(struct mirror *mirror);

/*
 * The retained message of this topic, not an empty one, is about to be published. mirror_save()
 * writes all that were noted since the last time, and is called before the first of them is
 * published.
 */
void mirror_note(struct mirror *mirror, enum topic topic, const char *name);
void mirror_save(struct mirror *mirror);

/* Whether this topic has been noted since mirror_begin(). */
bool mirror_has(const struct mirror *mirror, const char *topic);

/* Removes, one after the other, what stands from before and has not been noted since
 * mirror_begin(). */
void mirror_sweep(struct mirror *mirror);

/* As mqtt_handler.on_no_hub() says: what this hub said under that name can go. */
void mirror_no_hub(struct mirror *mirror, const char *hub);

DEFINE_DEFER(struct mirror *, mirror_free);
