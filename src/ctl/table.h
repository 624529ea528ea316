/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Devices and the codes of the catalogue as tables for people, of at most @width columns, 0: as
 * many as it takes; the objects are those of doc/dbus-api.md.
 */

#include <stdio.h>

#include <jansson.h>

/* All 0 or -errno. */
int table_devices(const json_t *devices, size_t width, FILE *file);
int table_entries(const json_t *entries, size_t width, FILE *file);
int table_device(const json_t *device, size_t width, FILE *file);
int table_values(const json_t *values, size_t width, FILE *file);
