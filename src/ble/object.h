/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The properties of the objects of bluetoothd: adapters, devices, characteristics. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <systemd/sd-bus.h>

#define BLUEZ_ADDRESS_SIZE   18 /* with the NUL */
#define BLUEZ_ADAPTER        "org.bluez.Adapter1"
#define BLUEZ_DEVICE         "org.bluez.Device1"
#define BLUEZ_CHARACTERISTIC "org.bluez.GattCharacteristic1"

#define BLUEZ_PATH_MAX   64  /* of a path that is remembered, with its NUL; BlueZ's have up to 61 */
#define BLUEZ_UUID_SIZE  37  /* 128 bits in text, lower case, with its NUL */
#define BLUEZ_RSSI_UNSET 127 /* as in HCI: not known */

/* What exceeds these is skipped. */
#define BLUEZ_DATA_MAX       16  /* entries of either kind of data */
#define BLUEZ_DATA_BYTES_MAX 255 /* of one entry: no AD structure has more */

enum bluez_interface {
        BLUEZ_IS_ADAPTER,
        BLUEZ_IS_DEVICE,
        BLUEZ_IS_CHARACTERISTIC,
};

/* One entry of what a device advertises: service data or manufacturer data. */
struct bluez_data {
        char uuid[BLUEZ_UUID_SIZE]; /* service data: of the service */
        uint16_t company;           /* manufacturer data: as assigned by the Bluetooth SIG */
        const uint8_t *bytes;
        size_t n_bytes;
};

/* Members of struct bluez_object. */
enum {
        BLUEZ_HAS_POWERED = 1 << 0,
        BLUEZ_HAS_POWER_STATE = 1 << 1,
        BLUEZ_HAS_ROLES = 1 << 2,
        BLUEZ_HAS_CONNECTED = 1 << 3,
        BLUEZ_HAS_RESOLVED = 1 << 4,
        BLUEZ_HAS_RSSI = 1 << 5,
        BLUEZ_HAS_SERVICE_DATA = 1 << 6,
        BLUEZ_HAS_MANUFACTURER_DATA = 1 << 7,
        BLUEZ_HAS_UUID = 1 << 8,
        BLUEZ_HAS_PAIRED = 1 << 9,
        BLUEZ_HAS_ADDRESS = 1 << 10,
        BLUEZ_HAS_ADDRESS_TYPE = 1 << 11,
};

/* One interface of one object, as it was last announced. */
struct bluez_object {
        struct bluez_object *next; /* the cache's */
        char path[BLUEZ_PATH_MAX];
        enum bluez_interface interface;
        unsigned has; /* the members that are known: BLUEZ_HAS_... */

        bool powered, blocked;    /* adapter; blocked only where BlueZ reports it (PowerState) */
        bool central, peripheral; /* adapter: its roles */
        char address[BLUEZ_ADDRESS_SIZE]; /* adapter, device: "00:11:22:33:44:55" */
        bool random_address;              /* adapter, device: the address is not a public one */
        bool connected, resolved;         /* device; resolved: its services */
        bool paired;                      /* device */
        int16_t rssi;                     /* device, dBm; BLUEZ_RSSI_UNSET if not known */
        struct bluez_data *service_data, *manufacturer_data; /* device */
        size_t n_service_data, n_manufacturer_data;
        char uuid[BLUEZ_UUID_SIZE]; /* characteristic */
};

/* One announcement: the values are in @object, and data points into the message. */
struct object_news {
        struct bluez_object object;
        unsigned has, gone; /* what has a value, and what no longer has one */
        struct bluez_data service_data[BLUEZ_DATA_MAX], manufacturer_data[BLUEZ_DATA_MAX];
};

/* True if @name is one of the interfaces that are followed. */
bool object_interface(const char *name, enum bluez_interface *ret_interface);

/* Reads a{sv}, the properties of an object with this interface. 0 or -errno. */
int object_news_read(sd_bus_message *m, enum bluez_interface interface,
                     struct object_news *ret_news);

/* Reads as, the names of properties that no longer have a value. 0 or -errno. */
int object_news_read_gone(sd_bus_message *m, struct object_news *news);

/* A new object without properties; NULL if @path is too long or there is no memory. */
struct bluez_object *object_new(const char *path, enum bluez_interface interface);
struct bluez_object *object_free(struct bluez_object *object);

/* Brings @object up to date; it keeps no pointer into @news. 0 or -ENOMEM, and then the data is
 * as before. */
int object_update(struct bluez_object *object, const struct object_news *news);
