/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A directory of catalogue files, "*.catalogue", on the hub or on a stick in it, in which a
 * reference is looked for: read only, a little in each turn of the loop, and only when somebody
 * names a reference that the catalogue itself does not have.
 */

#include <stddef.h>

#include <systemd/sd-event.h>

#include "catalogue/line.h"
#include "catalogue/source.h"
#include "util/defer.h"

#define SHELF_FILES_MAX   64
#define SHELF_ENTRIES_MAX 4096 /* of the directory, whatever they are called */
#define SHELF_TOTAL_MAX   (32 * 1024 * 1024)

struct shelf;

struct shelf_handler {
        /* The line, which is valid during the call; NULL: no file has it. The last call; the shelf
         * may be freed here. */
        void (*on_end)(void *userdata, const struct line *line);
};

/*
 * Looks, from the next turn of the loop on, for the line of the first file, in the order of their
 * names, that has a code for the reference. A file that cannot be read, or is too large, is left
 * out and logged, as is a directory that cannot be read; what is not a regular file, or not there,
 * is left out. 0 or -errno.
 */
int shelf_new(sd_event *event, const char *directory, const char *reference,
              const struct shelf_handler *handler, void *userdata, struct shelf **ret_shelf);
struct shelf *shelf_free(struct shelf *shelf);

DEFINE_DEFER(struct shelf *, shelf_free);
