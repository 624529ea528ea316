/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Devices and conditions as tables for people; the objects are those of doc/dbus-api.md. */

#include <stdio.h>

#include <jansson.h>

/* All 0 or -errno. */
int table_devices(const json_t *devices, FILE *file);
int table_device(const json_t *device, FILE *file);
int table_status(const json_t *status, FILE *file);
