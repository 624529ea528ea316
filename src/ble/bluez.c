/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/bluez.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ble/announcement.h"
#include "ble/audience.h"
#include "ble/cache.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define BLUEZ_NAME "org.bluez"

#define LIST_AGAIN_MS 5000 /* after bluetoothd has refused to list its objects */

struct bluez {
        sd_bus *bus;
        char *owner;  /* the unique name of bluetoothd, or NULL */
        bool known;   /* whether @owner is known yet */
        bool listed;  /* whether @cache holds every object there is */
        bool refused; /* bluetoothd has refused to list them, which is logged once */
        struct cache cache;
        sd_bus_slot *name_match, *name_call;
        sd_bus_slot *properties_match, *objects_match, *list_call;
        sd_event_source *list_again;
        struct audience watches;
};

struct bluez_watch {
        struct audience_member member;
        struct bluez *bluez;
        const struct bluez_handler *handler;
        void *userdata;
};

sd_bus *bluez_bus(struct bluez *bluez)
{
        return bluez->bus;
}

sd_event *bluez_event(struct bluez *bluez)
{
        return sd_bus_get_event(bluez->bus);
}

bool bluez_is_down(const struct bluez *bluez)
{
        return bluez->known && !bluez->owner;
}

bool bluez_sent(const struct bluez *bluez, sd_bus_message *message)
{
        const char *sender = sd_bus_message_get_sender(message);

        return bluez->owner && sender && strcmp(sender, bluez->owner) == 0;
}

const struct bluez_object *bluez_find(const struct bluez *bluez, const char *path,
                                      enum bluez_interface interface)
{
        return cache_find(&bluez->cache, path, interface);
}

const struct bluez_object *bluez_next(const struct bluez *bluez, enum bluez_interface interface,
                                      const struct bluez_object *after)
{
        const struct bluez_object *o = after ? after->next : bluez->cache.first;

        while (o && o->interface != interface)
                o = o->next;
        return o;
}

const struct bluez_object *bluez_find_characteristic(const struct bluez *bluez, const char *device,
                                                     const char *uuid)
{
        const struct bluez_object *o = NULL;

        while ((o = bluez_next(bluez, BLUEZ_IS_CHARACTERISTIC, o)))
                if (strcmp(o->uuid, uuid) == 0 && bluez_path_below(o->path, device))
                        break;
        return o;
}

/* --- notifying the watches --- */

static struct bluez_watch *watch_first(struct bluez *b)
{
        return (struct bluez_watch *)audience_first(&b->watches);
}

static struct bluez_watch *watch_next(struct bluez_watch *w)
{
        return (struct bluez_watch *)audience_next(&w->bluez->watches, &w->member);
}

static void bluez_on_news(void *userdata, const char *path, const struct object_news *from,
                          bool whole)
{
        struct bluez *b = userdata;
        struct bluez_news news = {
                .object = cache_note(&b->cache, path, from, whole),
                .has = from->has,
                .whole = whole,
        };

        if (!news.object)
                return;
        for (struct bluez_watch *w = watch_first(b); w; w = watch_next(w))
                w->handler->on_news(w->userdata, &news);
}

static void bluez_on_gone(void *userdata, const char *path, enum bluez_interface interface)
{
        struct bluez *b = userdata;

        cache_remove(&b->cache, path, interface);
        for (struct bluez_watch *w = watch_first(b); w; w = watch_next(w))
                w->handler->on_gone(w->userdata, path, interface);
}

static const struct announcement_handler bluez_announcement_handler = {
        .on_news = bluez_on_news,
        .on_gone = bluez_on_gone,
};

static void bluez_report_listed(struct bluez *b)
{
        for (struct bluez_watch *w = watch_first(b); w; w = watch_next(w))
                if (w->handler->on_listed)
                        w->handler->on_listed(w->userdata);
}

static void bluez_report_down(struct bluez *b)
{
        for (struct bluez_watch *w = watch_first(b); w; w = watch_next(w))
                w->handler->on_down(w->userdata);
}

/* --- what bluetoothd announces --- */

/* A message that cannot be read is left alone: its content is not worth losing the link. */
static int bluez_unreadable(sd_bus_message *m, int error)
{
        const char *member = sd_bus_message_get_member(m);

        if (error < 0)
                log_debug("Cannot read %s of bluetoothd: %s", member ? member : "a reply",
                          strerror(-error));
        return 0;
}

static int bluez_on_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        (void)ret_error;
        if (!bluez_sent(userdata, m))
                return 0;
        return bluez_unreadable(
                m, announcement_read_changed(m, &bluez_announcement_handler, userdata));
}

static int bluez_on_objects(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        int r = 0;

        (void)ret_error;
        if (!bluez_sent(userdata, m))
                return 0;
        if (strcmp(sd_bus_message_get_member(m), "InterfacesAdded") == 0)
                r = announcement_read_added(m, &bluez_announcement_handler, userdata);
        else if (strcmp(sd_bus_message_get_member(m), "InterfacesRemoved") == 0)
                r = announcement_read_removed(m, &bluez_announcement_handler, userdata);
        return bluez_unreadable(m, r);
}

static int bluez_on_list(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct bluez *b = userdata;

        (void)ret_error;
        b->list_call = sd_bus_slot_unref(b->list_call);
        if (sd_bus_message_is_method_error(m, NULL)) {
                if (!b->refused)
                        log_warning("Cannot list the objects of bluetoothd: %s",
                                    sd_bus_message_get_error(m)->message);
                b->refused = true;
                loop_rearm_timer(b->list_again, LIST_AGAIN_MS);
                return 0;
        }
        (void)bluez_unreadable(m, announcement_read_list(m, &bluez_announcement_handler, b));
        b->listed = true;
        bluez_report_listed(b);
        return 0;
}

static int bluez_list(struct bluez *b)
{
        return bluez_call(b, &b->list_call, "/", "org.freedesktop.DBus.ObjectManager",
                          "GetManagedObjects", bluez_on_list, b, NULL);
}

static int bluez_on_list_again(sd_event_source *source, uint64_t usec, void *userdata)
{
        int r = bluez_list(userdata);

        (void)source;
        (void)usec;
        if (r < 0)
                (void)log_errno(r, "Cannot list the objects of bluetoothd");
        return 0;
}

/* Forgets everything that the previous bluetoothd reported. */
static void bluez_forget(struct bluez *b)
{
        b->properties_match = sd_bus_slot_unref(b->properties_match);
        b->objects_match = sd_bus_slot_unref(b->objects_match);
        b->list_call = sd_bus_slot_unref(b->list_call);
        loop_disarm(b->list_again);
        cache_clear(&b->cache);
        b->listed = b->refused = false;
        free(b->owner);
        b->owner = NULL;
}

static void bluez_go_down(struct bluez *b)
{
        bluez_forget(b);
        b->known = true;
        bluez_report_down(b);
}

static int bluez_match(struct bluez *b, sd_bus_slot **ret_slot, const char *rest,
                       sd_bus_message_handler_t handler)
{
        _defer_(free) char *rule = NULL;

        if (asprintf(&rule, "type='signal',sender='%s',%s", b->owner, rest) < 0) {
                rule = NULL;
                return -ENOMEM;
        }
        return sd_bus_add_match_async(b->bus, ret_slot, rule, handler, NULL, b);
}

static int bluez_go_up(struct bluez *b, const char *owner)
{
        int r;

        b->owner = strdup(owner);
        if (!b->owner)
                return -ENOMEM;
        b->known = true;
        r = bluez_match(b, &b->properties_match,
                        "path_namespace='/org/bluez',interface='org.freedesktop.DBus.Properties',"
                        "member='PropertiesChanged'",
                        bluez_on_changed);
        if (r < 0)
                return r;
        r = bluez_match(b, &b->objects_match,
                        "path='/',interface='org.freedesktop.DBus.ObjectManager'",
                        bluez_on_objects);
        if (r >= 0)
                r = bluez_list(b);
        return r < 0 ? r : 0;
}

/* bluetoothd now has the unique name @owner, or none if it is empty. */
static void bluez_set_owner(struct bluez *b, const char *owner)
{
        int r;

        if (b->owner && strcmp(b->owner, owner) == 0)
                return;
        if (b->owner || !*owner)
                bluez_go_down(b);
        if (!*owner)
                return;
        r = bluez_go_up(b, owner);
        if (r < 0) {
                (void)log_errno(r, "Cannot watch bluetoothd");
                bluez_go_down(b);
        }
}

static int bluez_on_owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct bluez *b = userdata;
        const char *name, *before, *after;

        (void)ret_error;
        if (sd_bus_message_read(m, "sss", &name, &before, &after) < 0)
                return 0;
        b->name_call = sd_bus_slot_unref(b->name_call);
        bluez_set_owner(b, after);
        return 0;
}

static int bluez_on_owner(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct bluez *b = userdata;
        const char *owner = "";

        (void)ret_error;
        b->name_call = sd_bus_slot_unref(b->name_call);
        if (!sd_bus_message_is_method_error(m, NULL) && sd_bus_message_read(m, "s", &owner) < 0)
                owner = "";
        bluez_set_owner(b, owner);
        return 0;
}

int bluez_new(sd_bus *bus, struct bluez **ret_bluez)
{
        _defer_(bluez_free) struct bluez *b = NULL;
        int r;

        b = calloc(1, sizeof(*b));
        if (!b)
                return -ENOMEM;
        b->bus = sd_bus_ref(bus);

        r = loop_add_timer(sd_bus_get_event(bus), &b->list_again, bluez_on_list_again, b);
        if (r < 0)
                return r;
        r = sd_bus_add_match_async(bus, &b->name_match,
                                   "type='signal',sender='org.freedesktop.DBus',"
                                   "path='/org/freedesktop/DBus',"
                                   "interface='org.freedesktop.DBus',member='NameOwnerChanged',"
                                   "arg0='" BLUEZ_NAME "'",
                                   bluez_on_owner_changed, NULL, b);
        if (r < 0)
                return r;
        r = sd_bus_call_method_async(bus, &b->name_call, "org.freedesktop.DBus",
                                     "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                     "GetNameOwner", bluez_on_owner, b, "s", BLUEZ_NAME);
        if (r < 0)
                return r;
        *ret_bluez = take(b);
        return 0;
}

struct bluez *bluez_free(struct bluez *bluez)
{
        if (!bluez)
                return NULL;
        (void)sd_bus_slot_unref(bluez->name_match);
        (void)sd_bus_slot_unref(bluez->name_call);
        bluez_forget(bluez);
        loop_drop(&bluez->list_again);
        (void)sd_bus_unref(bluez->bus);
        free(bluez);
        return NULL;
}

/* Brings a new watch up to date with the others. */
static void watch_catch_up(const struct bluez_watch *w)
{
        struct bluez *b = w->bluez;

        audience_hold(&b->watches);
        for (const struct bluez_object *o = b->cache.first; o && !w->member.gone; o = o->next) {
                struct bluez_news news = {.object = o, .has = o->has, .whole = true};

                w->handler->on_news(w->userdata, &news);
        }
        if (!w->member.gone && b->listed && w->handler->on_listed)
                w->handler->on_listed(w->userdata);
        else if (!w->member.gone && bluez_is_down(b))
                w->handler->on_down(w->userdata);
        audience_release(&b->watches);
}

int bluez_watch_new(struct bluez *bluez, const struct bluez_handler *handler, void *userdata,
                    struct bluez_watch **ret_watch)
{
        struct bluez_watch *w = calloc(1, sizeof(*w));

        if (!w)
                return -ENOMEM;
        w->bluez = bluez;
        w->handler = handler;
        w->userdata = userdata;
        audience_add(&bluez->watches, &w->member);
        *ret_watch = w;
        watch_catch_up(w);
        return 0;
}

struct bluez_watch *bluez_watch_free(struct bluez_watch *watch)
{
        if (watch)
                audience_remove(&watch->bluez->watches, &watch->member);
        return NULL;
}

int bluez_call_new(struct bluez *bluez, const char *path, const char *interface, const char *member,
                   sd_bus_message **ret_message)
{
        if (!bluez->owner)
                return -EHOSTDOWN;
        return sd_bus_message_new_method_call(bluez->bus, ret_message, bluez->owner, path,
                                              interface, member);
}

int bluez_call_message(struct bluez *bluez, sd_bus_slot **ret_slot, sd_bus_message *message,
                       sd_bus_message_handler_t on_reply, void *userdata)
{
        return sd_bus_call_async(bluez->bus, ret_slot, message, on_reply, userdata, 0);
}

int bluez_call(struct bluez *bluez, sd_bus_slot **ret_slot, const char *path, const char *interface,
               const char *member, sd_bus_message_handler_t on_reply, void *userdata,
               const char *types, ...)
{
        va_list arguments;
        int r;

        if (!bluez->owner)
                return -EHOSTDOWN;
        va_start(arguments, types);
        r = sd_bus_call_method_asyncv(bluez->bus, ret_slot, bluez->owner, path, interface, member,
                                      on_reply, userdata, types, arguments);
        va_end(arguments);
        return r;
}

enum reason bluez_reason(const sd_bus_error *error, enum reason otherwise)
{
        static const struct {
                const char *name;
                enum reason reason;
        } names[] = {
                {"org.bluez.Error.NotReady", REASON_ADAPTER_OFF},
                {"org.bluez.Error.Blocked", REASON_ADAPTER_BLOCKED},
                {SD_BUS_ERROR_NAME_HAS_NO_OWNER, REASON_BLUETOOTH_DOWN},
                {SD_BUS_ERROR_SERVICE_UNKNOWN, REASON_BLUETOOTH_DOWN},
                {SD_BUS_ERROR_NO_REPLY, REASON_BLUETOOTH_DOWN},
                {SD_BUS_ERROR_DISCONNECTED, REASON_BLUETOOTH_DOWN},
                {SD_BUS_ERROR_ACCESS_DENIED, REASON_BLUETOOTH_DOWN},
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (sd_bus_error_has_name(error, names[i].name))
                        return names[i].reason;
        return otherwise;
}
