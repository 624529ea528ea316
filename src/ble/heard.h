/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A tally of devices that were heard but are not the wanted one: those that can be enrolled, or all
 * others, so that an unsuccessful search can report what it heard.
 */

#include <stddef.h>
#include <stdint.h>

#include "ble/object.h"

#define HEARD_MAX       32 /* devices that are distinguished; further ones are not counted */
#define HEARD_TEXT_SIZE 96 /* of a description, with its NUL */

/* Begins as {0}. */
struct heard_tally {
        struct heard_device {
                char device[BLUEZ_PATH_MAX];
                int16_t rssi; /* dBm; BLUEZ_RSSI_UNSET if not known */
        } devices[HEARD_MAX];
        size_t n_devices;
};

/* Counts @device, an object path, once however often and by however many adapters it is heard. */
void heard_tally_note(struct heard_tally *tally, const char *device, int16_t rssi);

/* The signal strength of the strongest; BLUEZ_RSSI_UNSET if there is none or it is not known. */
int16_t heard_tally_strongest(const struct heard_tally *tally);

/* "nothing heard", or "2 enrollable devices heard, strongest -81 dBm, but not this one". */
void heard_tally_describe(const struct heard_tally *tally, char *text, size_t size);

/* The same of devices that cannot be enrolled: "12 other Bluetooth devices heard, but ...". */
void heard_tally_describe_others(const struct heard_tally *tally, char *text, size_t size);
