/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Dictionaries in D-Bus messages, read an entry at a time. */

#include <stdbool.h>

#include <systemd/sd-bus.h>

/*
 * Reads an array of entries of type @contents, "sv" for a{sv}: @on_entry is called with the message
 * inside of each entry, which it reads to its end. Its first negative answer ends the reading and
 * is returned. 0 or -errno.
 */
int dict_read(sd_bus_message *m, const char *contents,
              int (*on_entry)(sd_bus_message *m, void *userdata), void *userdata);

/* The same where the array is wrapped into a variant. */
int dict_read_variant(sd_bus_message *m, const char *contents,
                      int (*on_entry)(sd_bus_message *m, void *userdata), void *userdata);

/* 1 if a variant of type @type is next, else 0. Negative errno if there is no variant. */
int dict_variant_is(sd_bus_message *m, const char *type);
