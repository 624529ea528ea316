/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/bluez.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"
#include "util/log.h"

#define BLUEZ_NAME "org.bluez"

struct bluez {
        sd_bus *bus;
        char *owner; /* the unique name of bluetoothd, or NULL */
        bool known;  /* whether @owner says the truth yet */
        sd_bus_slot *name_match, *name_call;
        sd_bus_slot *properties_match, *objects_match;
        struct bluez_watch *watches;
};

struct bluez_watch {
        struct bluez *bluez;
        struct bluez_watch *next;
        const struct bluez_handler *handler;
        void *userdata;
        sd_bus_slot *list_call;
};

/* Hands one announcement to a handler: the context of the parsers. */
struct announcement {
        struct bluez *bluez;
        struct bluez_watch *only; /* or NULL: to every watch */
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

bool bluez_path_below(const char *path, const char *parent)
{
        size_t n = strlen(parent);

        return strncmp(path, parent, n) == 0 && path[n] == '/';
}

static int read_bool(sd_bus_message *m, bool *ret_value)
{
        int value, r = sd_bus_message_read(m, "v", "b", &value);

        if (r >= 0)
                *ret_value = value;
        return r;
}

static int read_powered(sd_bus_message *m, struct bluez_news *news)
{
        return read_bool(m, &news->powered);
}

static int read_connected(sd_bus_message *m, struct bluez_news *news)
{
        return read_bool(m, &news->connected);
}

static int read_resolved(sd_bus_message *m, struct bluez_news *news)
{
        return read_bool(m, &news->resolved);
}

static int read_rssi(sd_bus_message *m, struct bluez_news *news)
{
        return sd_bus_message_read(m, "v", "n", &news->rssi);
}

static int read_power_state(sd_bus_message *m, struct bluez_news *news)
{
        const char *state;
        int r = sd_bus_message_read(m, "v", "s", &state);

        if (r >= 0)
                news->blocked = strcmp(state, "off-blocked") == 0;
        return r;
}

static int read_uuid(sd_bus_message *m, struct bluez_news *news)
{
        const char *uuid;
        int r = sd_bus_message_read(m, "v", "s", &uuid);

        if (r < 0)
                return r;
        if (strcmp(uuid, BLE_IN_UUID) == 0)
                news->which = BLUEZ_IN;
        else if (strcmp(uuid, BLE_OUT_UUID) == 0)
                news->which = BLUEZ_OUT;
        else
                news->which = BLUEZ_OTHER;
        return r;
}

static int read_roles(sd_bus_message *m, struct bluez_news *news)
{
        const char *role;
        int r;

        r = sd_bus_message_enter_container(m, 'v', "as");
        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(m, 'a', "s");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read_basic(m, 's', &role)) > 0) {
                news->central = news->central || strncmp(role, "central", 7) == 0;
                news->peripheral = news->peripheral || strcmp(role, "peripheral") == 0 ||
                                   strcmp(role, "central-peripheral") == 0;
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* One {sv} of the service data: 1 if it is ours and well formed, 0 if not. */
static int read_service_data_entry(sd_bus_message *m, struct bluez_news *news)
{
        const char *uuid, *contents;
        const void *bytes;
        size_t n_bytes;
        char type;
        int r;

        r = sd_bus_message_read_basic(m, 's', &uuid);
        if (r < 0)
                return r;
        r = sd_bus_message_peek_type(m, &type, &contents);
        if (r < 0)
                return r;
        if (strcmp(uuid, BLE_SERVICE_UUID) != 0 || type != 'v' || strcmp(contents, "ay") != 0) {
                r = sd_bus_message_skip(m, "v");
                return r < 0 ? r : 0;
        }

        r = sd_bus_message_enter_container(m, 'v', "ay");
        if (r < 0)
                return r;
        r = sd_bus_message_read_array(m, 'y', &bytes, &n_bytes);
        if (r < 0)
                return r;
        if (n_bytes == BLE_DATA_BYTES)
                memcpy(news->data, bytes, n_bytes);
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : n_bytes == BLE_DATA_BYTES;
}

/* 0 where there is service data but none of ours: the property is read, but nothing is announced.
 */
static int read_service_data(sd_bus_message *m, struct bluez_news *news)
{
        bool ours = false;
        int r;

        r = sd_bus_message_enter_container(m, 'v', "a{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_service_data_entry(m, news);
                if (r < 0)
                        return r;
                ours = ours || r > 0;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : ours;
}

struct property {
        enum bluez_interface interface;
        unsigned has;
        const char *name, *type;
        int (*read)(sd_bus_message *m, struct bluez_news *news);
};

/* clang-format off */
static const struct property properties[] = {
        {BLUEZ_IS_ADAPTER,        BLUEZ_HAS_POWERED,     "Powered",          "b",     read_powered},
        {BLUEZ_IS_ADAPTER,        BLUEZ_HAS_POWER_STATE, "PowerState",       "s",     read_power_state},
        {BLUEZ_IS_ADAPTER,        BLUEZ_HAS_ROLES,       "Roles",            "as",    read_roles},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_CONNECTED,   "Connected",        "b",     read_connected},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_RESOLVED,    "ServicesResolved", "b",     read_resolved},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_RSSI,        "RSSI",             "n",     read_rssi},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_DATA,        "ServiceData",      "a{sv}", read_service_data},
        {BLUEZ_IS_CHARACTERISTIC, BLUEZ_HAS_UUID,        "UUID",             "s",     read_uuid},
};
/* clang-format on */

static const struct property *property_find(enum bluez_interface interface, const char *name,
                                            const char *type)
{
        for (size_t i = 0; i < ELEMENTSOF(properties); i++)
                if (properties[i].interface == interface && strcmp(properties[i].name, name) == 0 &&
                    strcmp(properties[i].type, type) == 0)
                        return &properties[i];
        return NULL;
}

static bool interface_find(const char *name, enum bluez_interface *ret_interface)
{
        static const char *const names[] = {
                [BLUEZ_IS_ADAPTER] = BLUEZ_ADAPTER,
                [BLUEZ_IS_DEVICE] = BLUEZ_DEVICE,
                [BLUEZ_IS_CHARACTERISTIC] = BLUEZ_CHARACTERISTIC,
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcmp(names[i], name) == 0) {
                        *ret_interface = (enum bluez_interface)i;
                        return true;
                }
        return false;
}

/* Reads one {sv}; a name that is not known, or of another type than it should be, is skipped. */
static int read_property(sd_bus_message *m, struct bluez_news *news)
{
        const struct property *property;
        const char *name, *type;
        char container;
        int r;

        r = sd_bus_message_read_basic(m, 's', &name);
        if (r < 0)
                return r;
        r = sd_bus_message_peek_type(m, &container, &type);
        if (r < 0)
                return r;
        property = property_find(news->interface, name, type);
        if (!property) {
                r = sd_bus_message_skip(m, "v");
                return r < 0 ? r : 0;
        }
        r = property->read(m, news);
        if (r > 0)
                news->has |= property->has;
        return r < 0 ? r : 0;
}

/* Reads a{sv} into @news, whose path and interface are set. */
static int read_properties(sd_bus_message *m, struct bluez_news *news)
{
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = read_property(m, news);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        return sd_bus_message_exit_container(m);
}

static void announce(const struct announcement *to, const struct bluez_news *news)
{
        if (to->only) {
                to->only->handler->on_news(to->only->userdata, news);
                return;
        }
        for (struct bluez_watch *w = to->bluez->watches; w; w = w->next)
                w->handler->on_news(w->userdata, news);
}

/* Reads a{sa{sv}}: the interfaces of the object at @path. */
static int read_interfaces(sd_bus_message *m, const struct announcement *to, const char *path)
{
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{sa{sv}}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "sa{sv}")) > 0) {
                struct bluez_news news = {.path = path, .whole = true, .rssi = BLUEZ_RSSI_UNSET};
                const char *interface;

                r = sd_bus_message_read_basic(m, 's', &interface);
                if (r < 0)
                        return r;
                if (interface_find(interface, &news.interface)) {
                        r = read_properties(m, &news);
                        if (r < 0)
                                return r;
                        announce(to, &news);
                } else {
                        r = sd_bus_message_skip(m, "a{sv}");
                        if (r < 0)
                                return r;
                }
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        return sd_bus_message_exit_container(m);
}

/* Reads a{oa{sa{sv}}}: every object. */
static int read_objects(sd_bus_message *m, const struct announcement *to)
{
        int r;

        r = sd_bus_message_enter_container(m, 'a', "{oa{sa{sv}}}");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(m, 'e', "oa{sa{sv}}")) > 0) {
                const char *path;

                r = sd_bus_message_read_basic(m, 'o', &path);
                if (r < 0)
                        return r;
                r = read_interfaces(m, to, path);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(m);
                if (r < 0)
                        return r;
        }
        return r;
}

static int bluez_read_changed(struct bluez *b, sd_bus_message *m)
{
        struct bluez_news news = {.path = sd_bus_message_get_path(m), .rssi = BLUEZ_RSSI_UNSET};
        struct announcement to = {.bluez = b};
        const char *interface;
        int r;

        r = sd_bus_message_read_basic(m, 's', &interface);
        if (r < 0 || !interface_find(interface, &news.interface))
                return r;
        r = read_properties(m, &news);
        if (r < 0)
                return r;
        announce(&to, &news);
        return 0;
}

static int bluez_read_added(struct bluez *b, sd_bus_message *m)
{
        struct announcement to = {.bluez = b};
        const char *path;
        int r;

        r = sd_bus_message_read_basic(m, 'o', &path);
        return r < 0 ? r : read_interfaces(m, &to, path);
}

static int bluez_read_removed(struct bluez *b, sd_bus_message *m)
{
        const char *path, *name;
        int r;

        r = sd_bus_message_read_basic(m, 'o', &path);
        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(m, 'a', "s");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read_basic(m, 's', &name)) > 0) {
                enum bluez_interface interface;

                if (!interface_find(name, &interface))
                        continue;
                for (struct bluez_watch *w = b->watches; w; w = w->next)
                        w->handler->on_gone(w->userdata, path, interface);
        }
        return r;
}

/* A message that cannot be read is left alone: what it would have said is not worth the link. */
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
        return bluez_unreadable(m, bluez_read_changed(userdata, m));
}

static int bluez_on_objects(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        int r = 0;

        (void)ret_error;
        if (!bluez_sent(userdata, m))
                return 0;
        if (strcmp(sd_bus_message_get_member(m), "InterfacesAdded") == 0)
                r = bluez_read_added(userdata, m);
        else if (strcmp(sd_bus_message_get_member(m), "InterfacesRemoved") == 0)
                r = bluez_read_removed(userdata, m);
        return bluez_unreadable(m, r);
}

static int bluez_on_list(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct bluez_watch *watch = userdata;
        struct announcement to = {.bluez = watch->bluez, .only = watch};

        (void)ret_error;
        watch->list_call = sd_bus_slot_unref(watch->list_call);
        if (sd_bus_message_is_method_error(m, NULL)) {
                log_warning("Cannot list the objects of bluetoothd: %s",
                            sd_bus_message_get_error(m)->message);
                return 0;
        }
        (void)bluez_unreadable(m, read_objects(m, &to));
        if (watch->handler->on_listed)
                watch->handler->on_listed(watch->userdata);
        return 0;
}

int bluez_watch_list(struct bluez_watch *watch)
{
        watch->list_call = sd_bus_slot_unref(watch->list_call);
        return bluez_call(watch->bluez, &watch->list_call, "/",
                          "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", bluez_on_list,
                          watch, NULL);
}

static void bluez_go_down(struct bluez *b)
{
        b->properties_match = sd_bus_slot_unref(b->properties_match);
        b->objects_match = sd_bus_slot_unref(b->objects_match);
        free(b->owner);
        b->owner = NULL;
        b->known = true;
        for (struct bluez_watch *w = b->watches; w; w = w->next) {
                w->list_call = sd_bus_slot_unref(w->list_call);
                w->handler->on_down(w->userdata);
        }
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
        for (struct bluez_watch *w = b->watches; w && r >= 0; w = w->next)
                r = bluez_watch_list(w);
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
                (void)log_errno(r, "Cannot follow bluetoothd");
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
        (void)sd_bus_slot_unref(bluez->properties_match);
        (void)sd_bus_slot_unref(bluez->objects_match);
        (void)sd_bus_unref(bluez->bus);
        free(bluez->owner);
        free(bluez);
        return NULL;
}

int bluez_watch_new(struct bluez *bluez, const struct bluez_handler *handler, void *userdata,
                    struct bluez_watch **ret_watch)
{
        _defer_(bluez_watch_free) struct bluez_watch *w = NULL;
        int r;

        w = calloc(1, sizeof(*w));
        if (!w)
                return -ENOMEM;
        w->bluez = bluez;
        w->handler = handler;
        w->userdata = userdata;
        w->next = bluez->watches;
        bluez->watches = w;

        if (bluez->owner) {
                r = bluez_watch_list(w);
                if (r < 0)
                        return r;
        }
        *ret_watch = take(w);
        return 0;
}

struct bluez_watch *bluez_watch_free(struct bluez_watch *watch)
{
        if (!watch)
                return NULL;
        for (struct bluez_watch **at = &watch->bluez->watches; *at; at = &(*at)->next)
                if (*at == watch) {
                        *at = watch->next;
                        break;
                }
        (void)sd_bus_slot_unref(watch->list_call);
        free(watch);
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
