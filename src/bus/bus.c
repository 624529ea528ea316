/* SPDX-License-Identifier: Apache-2.0 */

#include "bus/bus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-bus.h>

#include "api/json.h"
#include "api/variant.h"
#include "bus/callers.h"
#include "bus/catalogue.h"
#include "bus/methods.h"
#include "util/free.h"
#include "util/dbus.h"
#include "util/log.h"
#include "util/loop.h"

#define RETRY_MSEC 2000

#define NAME_PRIMARY_OWNER 1 /* D-Bus Specification, org.freedesktop.DBus.RequestName */

struct bus {
        sd_event *event;
        char *address;
        struct methods methods;

        sd_bus *bus;
        sd_bus_slot *object, *catalogue, *disconnected, *name, *calls;
        sd_event_source *retry;
        struct callers callers;
        bool up;
        bool complained; /* about this outage: one line each */
};

DEFINE_DEFER(sd_bus_message *, sd_bus_message_unref);

/* The one place where a connection ends. */
static void bus_disconnect(struct bus *bus)
{
        bus->object = sd_bus_slot_unref(bus->object);
        bus->catalogue = sd_bus_slot_unref(bus->catalogue);
        bus->disconnected = sd_bus_slot_unref(bus->disconnected);
        bus->name = sd_bus_slot_unref(bus->name);
        bus->calls = sd_bus_slot_unref(bus->calls);
        methods_forget(&bus->methods);
        callers_clear(&bus->callers);
        bus->bus = sd_bus_close_unref(bus->bus);
        bus->up = false;
}

struct bus *bus_free(struct bus *bus)
{
        if (!bus)
                return NULL;
        if (bus->bus)
                (void)sd_bus_flush(bus->bus);
        bus_disconnect(bus);
        loop_drop(&bus->retry);
        bus->event = sd_event_unref(bus->event);
        free(bus->address);
        free(bus);
        return NULL;
}

/* Sees each message before it is dispatched. */
static int bus_on_message(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        struct bus *bus = userdata;
        uint64_t n_answers = 0;

        if (sd_bus_message_is_method_call(message, NULL, NULL) <= 0)
                return 0;
        (void)sd_bus_get_n_queued_write(bus->bus, &n_answers);
        if (n_answers == 0)
                callers_clear(&bus->callers);
        else if (!callers_admit(&bus->callers, sd_bus_message_get_sender(message)))
                return methods_refuse(ret_error, REASON_BUSY,
                                      "this program has not read the answers to its last calls");
        return 0;
}

/* --- the connection --- */

/* Logs each outage once, and tries again after RETRY_MSEC. */
static void bus_lose(struct bus *bus, int r, const char *what)
{
        if (!bus->complained)
                log_warning("D-Bus: %s: %s; trying again", what, strerror(-r));
        bus->complained = true;
        bus_disconnect(bus);
        loop_rearm_timer(bus->retry, RETRY_MSEC);
}

static int bus_on_disconnected(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        (void)message;
        (void)ret_error;
        bus_lose(userdata, -ECONNRESET, "the connection ended");
        return 0;
}

static int bus_on_name(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        const sd_bus_error *error = sd_bus_message_get_error(message);
        struct bus *bus = userdata;
        uint32_t answer = 0;
        int r;

        (void)ret_error;
        r = error ? -sd_bus_error_get_errno(error) : sd_bus_message_read(message, "u", &answer);
        if (r >= 0 && answer != NAME_PRIMARY_OWNER)
                r = -EEXIST;
        if (r < 0) {
                bus_lose(bus, r, "the name " BUS_NAME " cannot be acquired");
                return 0;
        }
        bus->up = true;
        if (bus->complained)
                log_info("D-Bus: " BUS_NAME " acquired");
        bus->complained = false;
        return 0;
}

static int bus_connect(struct bus *bus)
{
        int r;

        r = dbus_open(bus->address, &bus->bus);
        if (r < 0)
                return r;
        r = sd_bus_attach_event(bus->bus, bus->event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return r;
        r = sd_bus_match_signal(bus->bus, &bus->disconnected, "org.freedesktop.DBus.Local", NULL,
                                "org.freedesktop.DBus.Local", "Disconnected", bus_on_disconnected,
                                bus);
        if (r < 0)
                return r;
        r = sd_bus_add_filter(bus->bus, &bus->calls, bus_on_message, bus);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(bus->bus, &bus->object, BUS_OBJECT, BUS_INTERFACE,
                                     methods_vtable, &bus->methods);
        if (r < 0)
                return r;
        r = sd_bus_add_object_vtable(bus->bus, &bus->catalogue, BUS_OBJECT, CATALOGUE_INTERFACE,
                                     catalogue_vtable, &bus->methods.backend);
        if (r < 0)
                return r;
        return sd_bus_request_name_async(bus->bus, &bus->name, BUS_NAME, 0, bus_on_name, bus);
}

static int bus_on_retry(sd_event_source *source, uint64_t now, void *userdata)
{
        struct bus *bus = userdata;
        int r;

        (void)source;
        (void)now;
        r = bus_connect(bus);
        if (r < 0)
                bus_lose(bus, r, "cannot connect");
        return 0;
}

int bus_new(sd_event *event, const char *address, const char *hub,
            const struct api_backend *backend, struct bus **ret_bus)
{
        _defer_(bus_free) struct bus *bus = calloc(1, sizeof(*bus));
        _defer_(free) char *copy = address ? strdup(address) : NULL;
        int r;

        if (!bus || (address && !copy))
                return -ENOMEM;
        bus->event = sd_event_ref(event);
        bus->methods.hub = hub;
        bus->methods.backend = *backend;
        bus->address = take(copy);
        r = loop_add_timer(event, &bus->retry, bus_on_retry, bus);
        if (r < 0)
                return r;
        loop_rearm_timer(bus->retry, 0);
        *ret_bus = take(bus);
        return 0;
}

bool bus_is_up(const struct bus *bus)
{
        return bus->up;
}

static int send_event(struct bus *bus, json_t *object)
{
        _defer_(sd_bus_message_unref) sd_bus_message *message = NULL;
        int r;

        r = sd_bus_message_new_signal(bus->bus, &message, BUS_OBJECT, BUS_INTERFACE, "Event");
        if (r < 0)
                return r;
        r = variant_append(message, object);
        if (r < 0)
                return r;
        return sd_bus_send(bus->bus, message, NULL);
}

static void bus_on_event(void *userdata, const struct event *event)
{
        _defer_(json_free) json_t *object = NULL;
        struct bus *bus = userdata;
        int r;

        if (!bus->up)
                return;
        object = json_from_event(event);
        r = object ? send_event(bus, object) : -ENOMEM;
        if (r < 0)
                (void)log_errno(r, "D-Bus: an event cannot be sent");
}

/* The end of the window is the one property that changes. */
static void bus_on_window_changed(void *userdata, int64_t until)
{
        struct bus *bus = userdata;
        int r;

        bus->methods.window_until = until;
        if (!bus->up)
                return;
        r = sd_bus_emit_properties_changed(bus->bus, BUS_OBJECT, BUS_INTERFACE, "WindowEnd", NULL);
        if (r < 0)
                (void)log_errno(r, "D-Bus: a change of a property cannot be sent");
}

struct face bus_face(struct bus *bus)
{
        static const struct face_handler handler = {.on_event = bus_on_event,
                                                    .on_window_changed = bus_on_window_changed};

        return (struct face){&handler, bus};
}
