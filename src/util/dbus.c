/* SPDX-License-Identifier: Apache-2.0 */

#include "util/dbus.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Whether there is an address in the list that sd-bus knows; it passes over all others. */
static bool dbus_knows(const char *addresses)
{
        static const char *const ways[] = {"unix:", "tcp:", "unixexec:", "x-machine-unix:"};

        for (const char *at = addresses; at; at = strchr(at, ';') ? strchr(at, ';') + 1 : NULL)
                for (size_t i = 0; i < ELEMENTSOF(ways); i++)
                        if (strncmp(at, ways[i], strlen(ways[i])) == 0)
                                return true;
        return false;
}

int dbus_open(const char *address, sd_bus **ret_bus)
{
        _defer_(sd_bus_flush_close_unref) sd_bus *bus = NULL;
        int r;

        if (address && !dbus_knows(address))
                return -EINVAL;
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
