/* SPDX-License-Identifier: Apache-2.0 */

#include "thermometer/reach.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>

#include "ble/peripheral.h"
#include "link/stream.h"
#include "thermometer/console.h"
#include "util/address.h"
#include "util/dbus.h"
#include "util/log.h"

#define AIR "ble:" /* the prefix of a Bluetooth address */

static int reach_until_end(sd_event *event)
{
        int r;

        (void)sd_notify(0, "READY=1");
        r = sd_event_loop(event);
        return r < 0 ? log_errno(r, "The event loop failed") : r;
}

/* --- a stream --- */

static void on_stream_link(void *userdata, struct link *link)
{
        host_take_link(userdata, link, true);
}

static const struct stream_listener_handler stream_listener_handler = {.on_link = on_stream_link};

static int reach_stream(sd_event *event, const char *address, struct host *host)
{
        _defer_(stream_listener_free) struct stream_listener *listener = NULL;
        int r;

        r = stream_listener_new(event, address, &stream_listener_handler, host, &listener);
        if (r != 0)
                return r < 0 ? log_errno(r, "Cannot listen on %s", address) : -EIO;
        console_say("listening on %s", address);
        return reach_until_end(event);
}

/* --- Bluetooth LE --- */

struct air {
        struct host *host;
        struct peripheral *peripheral;
};

static void air_on_state(void *userdata, enum reason why)
{
        (void)userdata;
        if (why == REASON_NONE)
                console_say("advertising");
        else
                console_say("not advertising: %s", reason_text(why));
}

static void air_on_link(void *userdata, struct link *link)
{
        struct air *air = userdata;

        host_take_link(air->host, link, false);
}

static void air_on_advertisement(void *userdata, const uint8_t *advertisement)
{
        struct air *air = userdata;

        peripheral_advertise(air->peripheral, advertisement);
}

static int bus_open(sd_event *event, const char *address, sd_bus **ret_bus)
{
        _defer_(sd_bus_flush_close_unref) sd_bus *bus = NULL;
        int r;

        r = dbus_open(address, &bus);
        if (r >= 0)
                r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r < 0)
                return log_errno(r, "Cannot connect to the bus");
        *ret_bus = take(bus);
        return 0;
}

static int reach_air(sd_event *event, const char *adapter, const char *bus_address, bool coc,
                     struct host *host)
{
        static const struct peripheral_handler peripheral_handler = {.on_state = air_on_state,
                                                                     .on_link = air_on_link};
        static const struct host_handler host_handler = {.on_advertisement = air_on_advertisement};
        _defer_(sd_bus_flush_close_unref) sd_bus *bus = NULL;
        _defer_(bluez_free) struct bluez *bluez = NULL;
        _defer_(peripheral_free) struct peripheral *peripheral = NULL;
        struct air air = {.host = host};
        int r;

        r = bus_open(event, bus_address, &bus);
        if (r < 0)
                return r;
        r = bluez_new(bus, &bluez);
        if (r >= 0)
                r = peripheral_new(bluez, *adapter ? adapter : NULL, true, &peripheral_handler,
                                   &air, &peripheral);
        if (r < 0)
                return log_errno(r, "Cannot use Bluetooth");
        air.peripheral = peripheral;
        if (coc)
                peripheral_offer_channel(peripheral);
        host_set_handler(host, &host_handler, &air);
        r = reach_until_end(event);
        host_set_handler(host, NULL, NULL);
        host_let_go(host);
        return r;
}

static bool is_air(const char *address)
{
        return strncmp(address, AIR, strlen(AIR)) == 0;
}

bool reach_knows(const char *address)
{
        struct address stream;

        return is_air(address) ||
               address_parse(address, ADDRESS_UNIX | ADDRESS_RELATIVE, &stream, NULL) == 0;
}

int reach_serve(sd_event *event, const char *address, const char *bus, bool coc, struct host *host)
{
        if (is_air(address))
                return reach_air(event, address + strlen(AIR), bus, coc, host);
        return reach_stream(event, address, host);
}
