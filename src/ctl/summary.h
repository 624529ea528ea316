/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The status of the hub as a table for people, of at most @width columns, 0: as many as it takes;
 * the object is that of doc/dbus-api.md.
 */

#include <stdio.h>

#include <jansson.h>

/* 0 or -errno; the same for the following. */
int summary_print(const json_t *status, size_t width, FILE *file);

/* In the place of a list on a new hub: without an issuer no code is good. */
int summary_begin(const json_t *status, size_t width, FILE *file);
