/* SPDX-License-Identifier: Apache-2.0 */

#include "util/dbus.h"

#include <stdbool.h>

int dbus_open(const char *address, sd_bus **ret_bus)
{
        _defer_(sd_bus_flush_close_unref) sd_bus *bus = NULL;
        int r;

        r = address ? sd_bus_new(&bus) : sd_bus_open_system(&bus);
        if (r >= 0 && address)
                r = sd_bus_set_address(bus, address);
        if (r >= 0 && address)
                r = sd_bus_set_bus_client(bus, true);
        if (r >= 0 && address)
                r = sd_bus_start(bus);
        if (r < 0)
                return r;
        *ret_bus = take(bus);
        return 0;
}
