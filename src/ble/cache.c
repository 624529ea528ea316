/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/cache.h"

#include <stdlib.h>
#include <string.h>

bool bluez_path_below(const char *path, const char *parent)
{
        size_t n = strlen(parent);

        return strncmp(path, parent, n) == 0 && path[n] == '/';
}

static struct bluez_object **cache_at(struct cache *c, const char *path,
                                      enum bluez_interface interface)
{
        struct bluez_object **at = &c->first;

        while (*at && ((*at)->interface != interface || strcmp((*at)->path, path) != 0))
                at = &(*at)->next;
        return at;
}

const struct bluez_object *cache_find(const struct cache *cache, const char *path,
                                      enum bluez_interface interface)
{
        return *cache_at((struct cache *)cache, path, interface);
}

static struct bluez_object *cache_unlink(struct cache *c, struct bluez_object **at)
{
        struct bluez_object *o = *at;

        *at = o->next;
        if (o->interface == BLUEZ_IS_DEVICE)
                c->n_devices--;
        return o;
}

static void cache_push(struct cache *c, struct bluez_object *o)
{
        o->next = c->first;
        c->first = o;
        if (o->interface == BLUEZ_IS_DEVICE)
                c->n_devices++;
}

void cache_remove(struct cache *cache, const char *path, enum bluez_interface interface)
{
        struct bluez_object **at = &cache->first;

        while (*at)
                if (bluez_path_below((*at)->path, path) ||
                    ((*at)->interface == interface && strcmp((*at)->path, path) == 0))
                        (void)object_free(cache_unlink(cache, at));
                else
                        at = &(*at)->next;
}

void cache_clear(struct cache *cache)
{
        while (cache->first)
                (void)object_free(cache_unlink(cache, &cache->first));
}

/* Makes room for one more device; false if all of them are connected. */
static bool cache_make_room(struct cache *c)
{
        const struct bluez_object *oldest = NULL;
        char path[BLUEZ_PATH_MAX];

        if (c->n_devices < CACHE_DEVICES_MAX)
                return true;
        for (const struct bluez_object *o = c->first; o; o = o->next)
                if (o->interface == BLUEZ_IS_DEVICE && !o->connected)
                        oldest = o;
        if (!oldest)
                return false;
        memcpy(path, oldest->path, sizeof(path));
        cache_remove(c, path, BLUEZ_IS_DEVICE);
        return true;
}

/* A device may serve thousands of characteristics; those that belong to it share its path. */
static bool cache_has_room_at(const struct cache *c, const char *path)
{
        const char *service = strstr(path, "/service");
        size_t n_prefix = service ? (size_t)(service - path) : strlen(path), n = 0;

        for (const struct bluez_object *o = c->first; o; o = o->next)
                if (o->interface == BLUEZ_IS_CHARACTERISTIC &&
                    strncmp(o->path, path, n_prefix) == 0 && o->path[n_prefix] == '/')
                        n++;
        return n < CACHE_CHARACTERISTICS_MAX;
}

static struct bluez_object *cache_add(struct cache *c, const char *path,
                                      enum bluez_interface interface)
{
        if (interface == BLUEZ_IS_DEVICE && !cache_make_room(c))
                return NULL;
        if (interface == BLUEZ_IS_CHARACTERISTIC && !cache_has_room_at(c, path))
                return NULL;
        return object_new(path, interface);
}

const struct bluez_object *cache_note(struct cache *cache, const char *path,
                                      const struct object_news *news, bool whole)
{
        struct bluez_object **at = cache_at(cache, path, news->object.interface), *o = NULL;

        if (*at)
                o = cache_unlink(cache, at);
        if (whole)
                o = object_free(o);
        if (!o)
                o = cache_add(cache, path, news->object.interface);
        if (!o || object_update(o, news) < 0)
                return object_free(o);
        cache_push(cache, o);
        return o;
}
