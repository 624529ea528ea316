/* SPDX-License-Identifier: Apache-2.0 */

#include "ble/heard.h"

#include <stdio.h>
#include <string.h>

/* The part of an object's path that names the device, not the adapter. */
static const char *device_name(const char *device)
{
        const char *name = strrchr(device, '/');

        return name ? name + 1 : device;
}

static struct heard_device *heard_tally_find(struct heard_tally *t, const char *device)
{
        for (size_t i = 0; i < t->n_devices; i++)
                if (strcmp(device_name(t->devices[i].device), device_name(device)) == 0)
                        return &t->devices[i];
        return NULL;
}

void heard_tally_note(struct heard_tally *tally, const char *device, int16_t rssi)
{
        struct heard_device *d = heard_tally_find(tally, device);

        if (!d && tally->n_devices < HEARD_MAX) {
                d = &tally->devices[tally->n_devices++];
                (void)snprintf(d->device, sizeof(d->device), "%s", device);
                d->rssi = BLUEZ_RSSI_UNSET;
        }
        if (d && rssi != BLUEZ_RSSI_UNSET)
                d->rssi = rssi;
}

int16_t heard_tally_strongest(const struct heard_tally *tally)
{
        int16_t strongest = BLUEZ_RSSI_UNSET;

        for (size_t i = 0; i < tally->n_devices; i++) {
                int16_t rssi = tally->devices[i].rssi;

                if (rssi != BLUEZ_RSSI_UNSET && (strongest == BLUEZ_RSSI_UNSET || rssi > strongest))
                        strongest = rssi;
        }
        return strongest;
}

void heard_tally_describe(const struct heard_tally *tally, char *text, size_t size)
{
        const char *plural = tally->n_devices == 1 ? "" : "s";
        int16_t strongest = heard_tally_strongest(tally);

        if (tally->n_devices == 0)
                (void)snprintf(text, size, "nothing heard");
        else if (strongest == BLUEZ_RSSI_UNSET)
                (void)snprintf(text, size, "%zu enrollable device%s heard, but not this one",
                               tally->n_devices, plural);
        else
                (void)snprintf(text, size,
                               "%zu enrollable device%s heard, strongest %d dBm, but not this one",
                               tally->n_devices, plural, strongest);
}

void heard_tally_describe_others(const struct heard_tally *tally, char *text, size_t size)
{
        if (tally->n_devices == 0)
                (void)snprintf(text, size, "nothing heard");
        else
                (void)snprintf(text, size,
                               "%zu%s other Bluetooth device%s heard, but none that can "
                               "be enrolled",
                               tally->n_devices, tally->n_devices == HEARD_MAX ? " or more" : "",
                               tally->n_devices == 1 ? "" : "s");
}
