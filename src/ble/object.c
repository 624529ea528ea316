/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ble/dict.h"
#include "util/defer.h"
#include "util/free.h"

/* --- one property each: 1 if it was read, 0 if it was not --- */

static int read_bool(sd_bus_message *m, bool *ret_value)
{
        int value, r = sd_bus_message_read(m, "v", "b", &value);

        if (r >= 0)
                *ret_value = value;
        return r;
}

static int read_powered(sd_bus_message *m, struct object_news *news)
{
        return read_bool(m, &news->object.powered);
}

static int read_connected(sd_bus_message *m, struct object_news *news)
{
        return read_bool(m, &news->object.connected);
}

static int read_resolved(sd_bus_message *m, struct object_news *news)
{
        return read_bool(m, &news->object.resolved);
}

static int read_paired(sd_bus_message *m, struct object_news *news)
{
        return read_bool(m, &news->object.paired);
}

static int read_rssi(sd_bus_message *m, struct object_news *news)
{
        return sd_bus_message_read(m, "v", "n", &news->object.rssi);
}

static int read_power_state(sd_bus_message *m, struct object_news *news)
{
        const char *state;
        int r = sd_bus_message_read(m, "v", "s", &state);

        if (r >= 0)
                news->object.blocked = strcmp(state, "off-blocked") == 0;
        return r;
}

/* One that is not an address is left empty, and matches no wish. */
static int read_address(sd_bus_message *m, struct object_news *news)
{
        const char *address;
        int r = sd_bus_message_read(m, "v", "s", &address);

        if (r >= 0 && strlen(address) < sizeof(news->object.address))
                (void)snprintf(news->object.address, sizeof(news->object.address), "%s", address);
        return r;
}

static int read_address_type(sd_bus_message *m, struct object_news *news)
{
        const char *type;
        int r = sd_bus_message_read(m, "v", "s", &type);

        if (r >= 0)
                news->object.random_address = strcmp(type, "random") == 0;
        return r;
}

/* True if @uuid is one of 128 bits, which @ret_uuid then is. */
static bool uuid_copy(const char *uuid, char ret_uuid[BLUEZ_UUID_SIZE])
{
        if (strlen(uuid) != BLUEZ_UUID_SIZE - 1)
                return false;
        memcpy(ret_uuid, uuid, BLUEZ_UUID_SIZE);
        return true;
}

static int read_uuid(sd_bus_message *m, struct object_news *news)
{
        const char *uuid;
        int r = sd_bus_message_read(m, "v", "s", &uuid);

        return r < 0 ? r : uuid_copy(uuid, news->object.uuid);
}

static int read_roles(sd_bus_message *m, struct object_news *news)
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
                if (strncmp(role, "central", 7) == 0)
                        news->object.central = true;
                if (strcmp(role, "peripheral") == 0 || strcmp(role, "central-peripheral") == 0)
                        news->object.peripheral = true;
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : sd_bus_message_exit_container(m);
}

/* The bytes of one entry of either kind of data: 1 if there are any to keep, 0 if not. */
static int read_bytes(sd_bus_message *m, struct bluez_data *data)
{
        const void *bytes;
        int r = dict_variant_is(m, "ay");

        if (r <= 0)
                return r < 0 ? r : sd_bus_message_skip(m, "v") < 0 ? -EBADMSG : 0;
        r = sd_bus_message_enter_container(m, 'v', "ay");
        if (r < 0)
                return r;
        r = sd_bus_message_read_array(m, 'y', &bytes, &data->n_bytes);
        if (r < 0)
                return r;
        data->bytes = bytes;
        r = sd_bus_message_exit_container(m);
        return r < 0 ? r : data->n_bytes <= BLUEZ_DATA_BYTES_MAX;
}

static int read_service_data_entry(sd_bus_message *m, void *userdata)
{
        struct object_news *news = userdata;
        struct bluez_data data = {0};
        const char *uuid;
        int r;

        r = sd_bus_message_read_basic(m, 's', &uuid);
        if (r < 0)
                return r;
        r = read_bytes(m, &data);
        if (r > 0 && uuid_copy(uuid, data.uuid) && news->object.n_service_data < BLUEZ_DATA_MAX)
                news->service_data[news->object.n_service_data++] = data;
        return r;
}

static int read_manufacturer_data_entry(sd_bus_message *m, void *userdata)
{
        struct object_news *news = userdata;
        struct bluez_data data = {0};
        int r;

        r = sd_bus_message_read_basic(m, 'q', &data.company);
        if (r < 0)
                return r;
        r = read_bytes(m, &data);
        if (r > 0 && news->object.n_manufacturer_data < BLUEZ_DATA_MAX)
                news->manufacturer_data[news->object.n_manufacturer_data++] = data;
        return r;
}

static int read_service_data(sd_bus_message *m, struct object_news *news)
{
        int r = dict_read_variant(m, "sv", read_service_data_entry, news);

        return r < 0 ? r : 1;
}

static int read_manufacturer_data(sd_bus_message *m, struct object_news *news)
{
        int r = dict_read_variant(m, "qv", read_manufacturer_data_entry, news);

        return r < 0 ? r : 1;
}

/* --- all of them --- */

struct property {
        enum bluez_interface interface;
        unsigned has;
        const char *name, *type;
        int (*read)(sd_bus_message *m, struct object_news *news);
};

/* clang-format off */
static const struct property properties[] = {
        {BLUEZ_IS_ADAPTER,        BLUEZ_HAS_POWERED,           "Powered",          "b",     read_powered},
        {BLUEZ_IS_ADAPTER,        BLUEZ_HAS_POWER_STATE,       "PowerState",       "s",     read_power_state},
        {BLUEZ_IS_ADAPTER,        BLUEZ_HAS_ROLES,             "Roles",            "as",    read_roles},
        {BLUEZ_IS_ADAPTER,        BLUEZ_HAS_ADDRESS,           "Address",          "s",     read_address},
        {BLUEZ_IS_ADAPTER,        BLUEZ_HAS_ADDRESS_TYPE,      "AddressType",      "s",     read_address_type},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_ADDRESS,           "Address",          "s",     read_address},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_ADDRESS_TYPE,      "AddressType",      "s",     read_address_type},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_CONNECTED,         "Connected",        "b",     read_connected},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_RESOLVED,          "ServicesResolved", "b",     read_resolved},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_PAIRED,            "Paired",           "b",     read_paired},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_RSSI,              "RSSI",             "n",     read_rssi},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_SERVICE_DATA,      "ServiceData",      "a{sv}", read_service_data},
        {BLUEZ_IS_DEVICE,         BLUEZ_HAS_MANUFACTURER_DATA, "ManufacturerData", "a{qv}", read_manufacturer_data},
        {BLUEZ_IS_CHARACTERISTIC, BLUEZ_HAS_UUID,              "UUID",             "s",     read_uuid},
};
/* clang-format on */

static const struct property *property_find(enum bluez_interface interface, const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(properties); i++)
                if (properties[i].interface == interface && strcmp(properties[i].name, name) == 0)
                        return &properties[i];
        return NULL;
}

bool object_interface(const char *name, enum bluez_interface *ret_interface)
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
static int read_property(sd_bus_message *m, void *userdata)
{
        struct object_news *news = userdata;
        const struct property *property;
        const char *name;
        int r;

        r = sd_bus_message_read_basic(m, 's', &name);
        if (r < 0)
                return r;
        property = property_find(news->object.interface, name);
        r = property ? dict_variant_is(m, property->type) : 0;
        if (r < 0)
                return r;
        if (r == 0)
                return sd_bus_message_skip(m, "v");
        r = property->read(m, news);
        if (r > 0)
                news->has |= property->has;
        return r;
}

int object_news_read(sd_bus_message *m, enum bluez_interface interface,
                     struct object_news *ret_news)
{
        *ret_news = (struct object_news){.object.interface = interface};
        return dict_read(m, "sv", read_property, ret_news);
}

int object_news_read_gone(sd_bus_message *m, struct object_news *news)
{
        const struct property *property;
        const char *name;
        int r;

        r = sd_bus_message_enter_container(m, 'a', "s");
        if (r < 0)
                return r;
        while ((r = sd_bus_message_read_basic(m, 's', &name)) > 0) {
                property = property_find(news->object.interface, name);
                if (property)
                        news->gone |= property->has;
        }
        return r < 0 ? r : sd_bus_message_exit_container(m) < 0 ? -EBADMSG : 0;
}

struct bluez_object *object_new(const char *path, enum bluez_interface interface)
{
        struct bluez_object *o;

        if (strlen(path) >= sizeof(o->path))
                return NULL;
        o = calloc(1, sizeof(*o));
        if (!o)
                return NULL;
        (void)snprintf(o->path, sizeof(o->path), "%s", path);
        o->interface = interface;
        o->rssi = BLUEZ_RSSI_UNSET;
        return o;
}

struct bluez_object *object_free(struct bluez_object *object)
{
        if (!object)
                return NULL;
        free(object->service_data);
        free(object->manufacturer_data);
        free(object);
        return NULL;
}

/* Replaces a list of data by a copy, entries and bytes in one piece of memory. */
static int data_replace(struct bluez_data **list, size_t *n_list, const struct bluez_data *from,
                        size_t n_from)
{
        size_t size = n_from * sizeof(*from);
        struct bluez_data *copy = NULL;
        uint8_t *bytes;

        for (size_t i = 0; i < n_from; i++)
                size += from[i].n_bytes;
        if (n_from > 0) {
                copy = malloc(size);
                if (!copy)
                        return -ENOMEM;
                bytes = (uint8_t *)(copy + n_from);
                for (size_t i = 0; i < n_from; i++) {
                        copy[i] = from[i];
                        copy[i].bytes = bytes;
                        if (from[i].n_bytes > 0)
                                memcpy(bytes, from[i].bytes, from[i].n_bytes);
                        bytes += from[i].n_bytes;
                }
        }
        free(*list);
        *list = copy;
        *n_list = n_from;
        return 0;
}

static int object_update_data(struct bluez_object *o, const struct object_news *news)
{
        unsigned changed = news->has | news->gone;
        int r = 0;

        if (changed & BLUEZ_HAS_SERVICE_DATA)
                r = data_replace(&o->service_data, &o->n_service_data, news->service_data,
                                 news->object.n_service_data);
        if (r == 0 && (changed & BLUEZ_HAS_MANUFACTURER_DATA))
                r = data_replace(&o->manufacturer_data, &o->n_manufacturer_data,
                                 news->manufacturer_data, news->object.n_manufacturer_data);
        return r;
}

int object_update(struct bluez_object *object, const struct object_news *news)
{
        const struct bluez_object *from = &news->object;

        object->has = (object->has & ~news->gone) | news->has;
        if (news->has & BLUEZ_HAS_POWERED)
                object->powered = from->powered;
        if (news->has & BLUEZ_HAS_POWER_STATE)
                object->blocked = from->blocked;
        if (news->has & BLUEZ_HAS_ROLES) {
                object->central = from->central;
                object->peripheral = from->peripheral;
        }
        if (news->has & BLUEZ_HAS_ADDRESS)
                memcpy(object->address, from->address, sizeof(object->address));
        if (news->has & BLUEZ_HAS_ADDRESS_TYPE)
                object->random_address = from->random_address;
        if (news->has & BLUEZ_HAS_CONNECTED)
                object->connected = from->connected;
        if (news->has & BLUEZ_HAS_RESOLVED)
                object->resolved = from->resolved;
        if (news->has & BLUEZ_HAS_PAIRED)
                object->paired = from->paired;
        if ((news->has | news->gone) & BLUEZ_HAS_RSSI)
                object->rssi = news->has & BLUEZ_HAS_RSSI ? from->rssi : BLUEZ_RSSI_UNSET;
        if (news->has & BLUEZ_HAS_UUID)
                memcpy(object->uuid, from->uuid, sizeof(object->uuid));
        return object_update_data(object, news);
}
