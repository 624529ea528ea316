/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/advertiser.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ble/stepper.h"
#include "util/free.h"
#include "util/log.h"

#define OBJECT_PATH     "/org/enrolld/advertisement/%u"
#define INTERVAL_MIN_MS 20
#define INTERVAL_MAX_MS 100

struct advertiser {
        struct bluez *bluez;
        char adapter[BLUEZ_PATH_MAX]; /* "" without one */
        bool wanted, renew; /* whether to advertise, and to start over: the data has changed */
        bool plain;         /* without intervals, which not every BlueZ takes */
        uint8_t data[BLE_DATA_BYTES];

        enum {
                ADVERTISER_IDLE,
                ADVERTISER_UNDER_WAY, /* registering or withdrawing */
                ADVERTISER_ON,
        } state;
        char path[BLUEZ_PATH_MAX];
        unsigned n_paths;
        sd_bus_slot *call, *object;
        struct stepper stepper;

        const struct advertiser_handler *handler;
        void *userdata;
};

static int get_type(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        (void)bus;
        (void)path;
        (void)interface;
        (void)property;
        (void)userdata;
        (void)ret_error;
        return sd_bus_message_append(reply, "s", "peripheral");
}

static int get_discoverable(sd_bus *bus, const char *path, const char *interface,
                            const char *property, sd_bus_message *reply, void *userdata,
                            sd_bus_error *ret_error)
{
        (void)bus;
        (void)path;
        (void)interface;
        (void)property;
        (void)userdata;
        (void)ret_error;
        return sd_bus_message_append(reply, "b", true);
}

static int get_interval(sd_bus *bus, const char *path, const char *interface, const char *property,
                        sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        uint32_t ms = strcmp(property, "MinInterval") == 0 ? INTERVAL_MIN_MS : INTERVAL_MAX_MS;

        (void)bus;
        (void)path;
        (void)interface;
        (void)userdata;
        (void)ret_error;
        return sd_bus_message_append(reply, "u", ms);
}

static int get_service_data(sd_bus *bus, const char *path, const char *interface,
                            const char *property, sd_bus_message *reply, void *userdata,
                            sd_bus_error *ret_error)
{
        const struct advertiser *a = userdata;
        int r;

        (void)bus;
        (void)path;
        (void)interface;
        (void)property;
        (void)ret_error;
        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append(reply, "s", BLE_SERVICE_UUID);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'v', "ay");
        if (r < 0)
                return r;
        r = sd_bus_message_append_array(reply, 'y', a->data, sizeof(a->data));
        for (int depth = 0; depth < 3 && r >= 0; depth++)
                r = sd_bus_message_close_container(reply);
        return r;
}

/* bluetoothd has dropped the advertisement, for instance because its adapter was switched off. */
static int advertiser_on_release(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct advertiser *a = userdata;

        if (!bluez_sent(a->bluez, m))
                return sd_bus_error_set(ret_error, SD_BUS_ERROR_ACCESS_DENIED, "Not bluetoothd");
        if (a->state == ADVERTISER_ON) {
                a->state = ADVERTISER_IDLE;
                stepper_later(&a->stepper);
        }
        return sd_bus_reply_method_return(m, NULL);
}

/* clang-format off */
static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Type", "s", get_type, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("ServiceData", "a{sv}", get_service_data, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Discoverable", "b", get_discoverable, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("MinInterval", "u", get_interval, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("MaxInterval", "u", get_interval, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_METHOD("Release", "", "", advertiser_on_release, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable plain_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("Type", "s", get_type, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("ServiceData", "a{sv}", get_service_data, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Discoverable", "b", get_discoverable, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_METHOD("Release", "", "", advertiser_on_release, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};
/* clang-format on */

static void advertiser_drop(struct advertiser *a)
{
        a->state = ADVERTISER_IDLE;
        a->call = sd_bus_slot_unref(a->call);
        a->object = sd_bus_slot_unref(a->object);
}

static int advertiser_on_withdrawn(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct advertiser *a = userdata;

        (void)m;
        (void)ret_error;
        advertiser_drop(a);
        stepper_soon(&a->stepper);
        return 0;
}

/* Every obstacle is temporary: it is tried again until it is no longer wanted. */
static void advertiser_try_later(struct advertiser *a)
{
        advertiser_drop(a);
        a->plain = false;
        stepper_later(&a->stepper);
}

static void advertiser_refused(struct advertiser *a, const sd_bus_error *error)
{
        if (!a->plain) {
                advertiser_drop(a);
                a->plain = true;
                stepper_soon(&a->stepper);
                return;
        }
        log_warning("Cannot advertise on %s: %s", a->adapter, error->message);
        advertiser_try_later(a);
        a->handler->on_refused(a->userdata, bluez_reason(error, REASON_ADAPTER_BUSY));
}

static int advertiser_on_registered(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct advertiser *a = userdata;

        (void)ret_error;
        a->call = sd_bus_slot_unref(a->call);
        if (sd_bus_message_is_method_error(m, NULL)) {
                advertiser_refused(a, sd_bus_message_get_error(m));
                return 0;
        }
        a->state = ADVERTISER_ON;
        stepper_soon(&a->stepper);
        return 0;
}

static int advertiser_withdraw(struct advertiser *a)
{
        a->state = ADVERTISER_UNDER_WAY;
        return bluez_call(a->bluez, &a->call, a->adapter, BLUEZ_ADVERTISER,
                          "UnregisterAdvertisement", advertiser_on_withdrawn, a, "o", a->path);
}

/* Each advertisement gets a path of its own: BlueZ may take a while to forget the last one. */
static int advertiser_register(struct advertiser *a)
{
        int r;

        advertiser_drop(a);
        a->renew = false;
        (void)snprintf(a->path, sizeof(a->path), OBJECT_PATH, a->n_paths++);
        r = sd_bus_add_object_vtable(bluez_bus(a->bluez), &a->object, a->path, BLUEZ_ADVERTISEMENT,
                                     a->plain ? plain_vtable : vtable, a);
        if (r < 0)
                return r;
        a->state = ADVERTISER_UNDER_WAY;
        return bluez_call(a->bluez, &a->call, a->adapter, BLUEZ_ADVERTISER, "RegisterAdvertisement",
                          advertiser_on_registered, a, "oa{sv}", a->path, 0);
}

/* Takes the next step towards what is wanted. */
static void advertiser_step(void *userdata)
{
        struct advertiser *a = userdata;
        int r = 0;

        if (!a->adapter[0])
                return;
        if (a->state == ADVERTISER_IDLE && a->wanted)
                r = advertiser_register(a);
        else if (a->state == ADVERTISER_ON && (!a->wanted || a->renew))
                r = advertiser_withdraw(a);
        if (r < 0) {
                (void)log_errno(r, "Cannot set up advertising on %s", a->adapter);
                advertiser_try_later(a);
        }
}

/* Withdraws without waiting; harmless if bluetoothd or its adapter has already forgotten it. */
static void advertiser_abandon(struct advertiser *a)
{
        if (a->adapter[0] && a->state != ADVERTISER_IDLE)
                (void)bluez_call(a->bluez, NULL, a->adapter, BLUEZ_ADVERTISER,
                                 "UnregisterAdvertisement", NULL, NULL, "o", a->path);
        advertiser_drop(a);
        a->plain = false;
        a->adapter[0] = '\0';
}

void advertiser_use(struct advertiser *advertiser, const char *adapter)
{
        if (adapter && strcmp(adapter, advertiser->adapter) == 0)
                return;
        advertiser_abandon(advertiser);
        stepper_cancel(&advertiser->stepper);
        (void)snprintf(advertiser->adapter, sizeof(advertiser->adapter), "%s",
                       adapter ? adapter : "");
        stepper_soon(&advertiser->stepper);
}

void advertiser_set(struct advertiser *advertiser, const uint8_t *data)
{
        advertiser->wanted = data;
        if (data && memcmp(advertiser->data, data, BLE_DATA_BYTES) != 0) {
                memcpy(advertiser->data, data, BLE_DATA_BYTES);
                advertiser->renew = true;
        }
        stepper_soon(&advertiser->stepper);
}

int advertiser_new(struct bluez *bluez, const struct advertiser_handler *handler, void *userdata,
                   struct advertiser **ret_advertiser)
{
        _defer_(advertiser_free) struct advertiser *a = NULL;
        int r;

        a = calloc(1, sizeof(*a));
        if (!a)
                return -ENOMEM;
        a->bluez = bluez;
        a->handler = handler;
        a->userdata = userdata;
        r = stepper_init(&a->stepper, bluez_event(bluez), advertiser_step, a);
        if (r < 0)
                return r;
        *ret_advertiser = take(a);
        return 0;
}

struct advertiser *advertiser_free(struct advertiser *advertiser)
{
        if (!advertiser)
                return NULL;
        advertiser_abandon(advertiser);
        stepper_done(&advertiser->stepper);
        free(advertiser);
        return NULL;
}
