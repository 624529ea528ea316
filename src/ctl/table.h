/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Devices and conditions as tables for people; the objects are those of doc/dbus-api.md.
 *
 * A table fits into @width columns, 0: as many as it takes. A list that is too wide has fewer
 * columns, and a value that is too long is continued in the next line.
 */

#include <stdio.h>

#include <jansson.h>

/* All 0 or -errno. */
int table_devices(const json_t *devices, size_t width, FILE *file);
int table_entries(const json_t *entries, size_t width, FILE *file);
int table_device(const json_t *device, size_t width, FILE *file);
int table_values(const json_t *values, size_t width, FILE *file);
/* In the place of a list on a new hub: without an issuer no code is good. */
int table_beginning(const json_t *status, size_t width, FILE *file);
int table_status(const json_t *status, size_t width, FILE *file);
