/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/gatt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ble/dict.h"
#include "ble/stepper.h"
#include "util/free.h"
#include "util/log.h"

#define APPLICATION_PATH "/org/enrolld/peripheral"
#define SERVICE_PATH     APPLICATION_PATH "/service"
#define IN_PATH          SERVICE_PATH "/in"
#define OUT_PATH         SERVICE_PATH "/out"

#define ERROR_NOT_PERMITTED "org.bluez.Error.NotPermitted"

struct gatt {
        struct bluez *bluez;
        char adapter[BLUEZ_PATH_MAX]; /* "" without one */
        sd_bus_slot *manager, *service, *in, *out;

        enum {
                GATT_ABSENT,
                GATT_UNDER_WAY, /* being registered */
                GATT_PRESENT,
        } state;
        sd_bus_slot *call;
        struct stepper stepper;

        const struct gatt_handler *handler;
        void *userdata;
};

const char *gatt_adapter(const struct gatt *gatt)
{
        return gatt->adapter;
}

bool gatt_is_registered(const struct gatt *gatt)
{
        return gatt->state == GATT_PRESENT;
}

/* --- the objects that bluetoothd reads and calls --- */

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        const char *text = BLE_SERVICE_UUID;

        (void)bus;
        (void)interface;
        (void)property;
        (void)userdata;
        (void)ret_error;
        if (strcmp(path, IN_PATH) == 0)
                text = BLE_IN_UUID;
        else if (strcmp(path, OUT_PATH) == 0)
                text = BLE_OUT_UUID;
        return sd_bus_message_append(reply, "s", text);
}

static int get_service(sd_bus *bus, const char *path, const char *interface, const char *property,
                       sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        (void)bus;
        (void)path;
        (void)interface;
        (void)property;
        (void)userdata;
        (void)ret_error;
        return sd_bus_message_append(reply, "o", SERVICE_PATH);
}

static int get_flags(sd_bus *bus, const char *path, const char *interface, const char *property,
                     sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        bool in = strcmp(path, IN_PATH) == 0;

        (void)bus;
        (void)interface;
        (void)property;
        (void)userdata;
        (void)ret_error;
        return sd_bus_message_append(reply, "as", 1, in ? "write-without-response" : "notify");
}

static int get_true(sd_bus *bus, const char *path, const char *interface, const char *property,
                    sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        (void)bus;
        (void)path;
        (void)interface;
        (void)property;
        (void)userdata;
        (void)ret_error;
        return sd_bus_message_append(reply, "b", true);
}

static int get_acquired(sd_bus *bus, const char *path, const char *interface, const char *property,
                        sd_bus_message *reply, void *userdata, sd_bus_error *ret_error)
{
        const struct gatt *g = userdata;

        (void)bus;
        (void)path;
        (void)interface;
        (void)property;
        (void)ret_error;
        return sd_bus_message_append(reply, "b", g->handler->is_taken(g->userdata));
}

/* One {sv} of the options of AcquireNotify and WriteValue: the device, and its MTU. */
static int option_read(sd_bus_message *m, void *userdata)
{
        struct gatt_packet *packet = userdata;
        const char *name;
        int r;

        r = sd_bus_message_read_basic(m, 's', &name);
        if (r < 0)
                return r;
        if (strcmp(name, "device") == 0 && dict_variant_is(m, "o") > 0)
                return sd_bus_message_read(m, "v", "o", &packet->device);
        if (strcmp(name, "mtu") == 0 && dict_variant_is(m, "q") > 0)
                return sd_bus_message_read(m, "v", "q", &packet->mtu);
        return sd_bus_message_skip(m, "v");
}

static int options_read(sd_bus_message *m, struct gatt_packet *packet)
{
        int r = dict_read(m, "sv", option_read, packet);

        if (r < 0)
                return r;
        return packet->device && strlen(packet->device) < BLUEZ_PATH_MAX ? 0 : -EBADMSG;
}

/* The error for the caller that corresponds to a handler's outcome. */
static int gatt_refuse(int outcome, sd_bus_error *ret_error)
{
        return sd_bus_error_set(ret_error, ERROR_NOT_PERMITTED,
                                outcome == GATT_E_TAKEN ? "One central at a time"
                                                        : "Subscribe first");
}

static int gatt_on_acquire_notify(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct gatt *g = userdata;
        struct gatt_packet packet = {0};
        _defer_(fd_close) int theirs = -1;
        int fds[2], r;

        if (!bluez_sent(g->bluez, m))
                return sd_bus_error_set(ret_error, SD_BUS_ERROR_ACCESS_DENIED, "Not bluetoothd");
        r = options_read(m, &packet);
        if (r < 0)
                return r;
        if (g->handler->is_taken(g->userdata))
                return gatt_refuse(GATT_E_TAKEN, ret_error);
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0)
                return -errno;
        theirs = fds[1];
        r = g->handler->on_subscribe(g->userdata, packet.device, packet.mtu, fds[0]);
        if (r > 0)
                return gatt_refuse(r, ret_error);
        return r < 0 ? r : sd_bus_reply_method_return(m, "hq", theirs, packet.mtu);
}

static int gatt_on_write(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct gatt *g = userdata;
        struct gatt_packet packet = {0};
        int r;

        if (!bluez_sent(g->bluez, m))
                return sd_bus_error_set(ret_error, SD_BUS_ERROR_ACCESS_DENIED, "Not bluetoothd");
        r = sd_bus_message_read_array(m, 'y', &packet.bytes, &packet.n_bytes);
        if (r >= 0)
                r = options_read(m, &packet);
        if (r < 0)
                return r;
        r = g->handler->on_packet(g->userdata, &packet);
        if (r > 0)
                return gatt_refuse(r, ret_error);
        return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

/* clang-format off */
static const sd_bus_vtable service_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("UUID", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Primary", "b", get_true, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable in_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("UUID", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Service", "o", get_service, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Flags", "as", get_flags, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_METHOD("WriteValue", "aya{sv}", "", gatt_on_write, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable out_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_PROPERTY("UUID", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Service", "o", get_service, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("Flags", "as", get_flags, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("NotifyAcquired", "b", get_acquired, 0, 0),
        SD_BUS_METHOD("AcquireNotify", "a{sv}", "hq", gatt_on_acquire_notify, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

/* clang-format on */

/* --- keeping it registered --- */

static int gatt_on_registered(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
        struct gatt *g = userdata;
        const sd_bus_error *error = sd_bus_message_get_error(m);

        (void)ret_error;
        g->call = sd_bus_slot_unref(g->call);
        if (error && !sd_bus_error_has_name(error, "org.bluez.Error.AlreadyExists")) {
                log_warning("Cannot register the GATT service on %s: %s", g->adapter,
                            error->message);
                g->state = GATT_ABSENT;
                stepper_later(&g->stepper);
                g->handler->on_state(g->userdata, bluez_reason(error, REASON_ADAPTER_BUSY));
                return 0;
        }
        g->state = GATT_PRESENT;
        g->handler->on_state(g->userdata, REASON_NONE);
        return 0;
}

static void gatt_step(void *userdata)
{
        struct gatt *g = userdata;
        int r;

        if (!g->adapter[0] || g->state != GATT_ABSENT)
                return;
        g->state = GATT_UNDER_WAY;
        r = bluez_call(g->bluez, &g->call, g->adapter, BLUEZ_GATT_MANAGER, "RegisterApplication",
                       gatt_on_registered, g, "oa{sv}", APPLICATION_PATH, 0);
        if (r < 0) {
                (void)log_errno(r, "Cannot register the GATT service on %s", g->adapter);
                g->state = GATT_ABSENT;
                stepper_later(&g->stepper);
        }
}

void gatt_use(struct gatt *gatt, const char *adapter)
{
        if (strcmp(gatt->adapter, adapter) != 0)
                gatt_forget(gatt);
        (void)snprintf(gatt->adapter, sizeof(gatt->adapter), "%s", adapter);
        stepper_soon(&gatt->stepper);
}

void gatt_forget(struct gatt *gatt)
{
        gatt->adapter[0] = '\0';
        gatt->state = GATT_ABSENT;
        gatt->call = sd_bus_slot_unref(gatt->call);
        stepper_cancel(&gatt->stepper);
}

static int gatt_export(struct gatt *g)
{
        sd_bus *bus = bluez_bus(g->bluez);
        int r;

        r = sd_bus_add_object_manager(bus, &g->manager, APPLICATION_PATH);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(bus, &g->service, SERVICE_PATH, BLUEZ_SERVICE, service_vtable,
                                     g);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(bus, &g->in, IN_PATH, BLUEZ_CHARACTERISTIC, in_vtable, g);
        if (r < 0)
                return r;
        return sd_bus_add_object_vtable(bus, &g->out, OUT_PATH, BLUEZ_CHARACTERISTIC, out_vtable,
                                        g);
}

int gatt_new(struct bluez *bluez, const struct gatt_handler *handler, void *userdata,
             struct gatt **ret_gatt)
{
        _defer_(gatt_free) struct gatt *g = NULL;
        int r;

        g = calloc(1, sizeof(*g));
        if (!g)
                return -ENOMEM;
        g->bluez = bluez;
        g->handler = handler;
        g->userdata = userdata;
        r = stepper_init(&g->stepper, bluez_event(bluez), gatt_step, g);
        if (r < 0)
                return r;
        r = gatt_export(g);
        if (r < 0)
                return r;
        *ret_gatt = take(g);
        return 0;
}

struct gatt *gatt_free(struct gatt *gatt)
{
        if (!gatt)
                return NULL;
        if (gatt->adapter[0] && gatt->state != GATT_ABSENT)
                (void)bluez_call(gatt->bluez, NULL, gatt->adapter, BLUEZ_GATT_MANAGER,
                                 "UnregisterApplication", NULL, NULL, "o", APPLICATION_PATH);
        (void)sd_bus_slot_unref(gatt->call);
        (void)sd_bus_slot_unref(gatt->manager);
        (void)sd_bus_slot_unref(gatt->service);
        (void)sd_bus_slot_unref(gatt->in);
        (void)sd_bus_slot_unref(gatt->out);
        stepper_done(&gatt->stepper);
        free(gatt);
        return NULL;
}
