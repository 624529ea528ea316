/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The import of a catalogue file: a slice of it, or a few of its lines, in each turn of the loop,
 * so that nobody waits for a slow medium or for the signatures of all of them.
 */

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "catalogue/catalogue.h"
#include "util/defer.h"

/* One line that is not in the catalogue. */
struct import_refusal {
        size_t number;         /* of the line, from 1 */
        const char *reference; /* or "" */
        enum reason reason;
        const char *detail; /* a phrase, or "" */
};

struct import_handler {
        /* The code of this entry is in the catalogue. */
        void (*on_kept)(void *userdata, const struct store_entry *entry);
        void (*on_refused)(void *userdata, const struct import_refusal *refusal);
        /* All lines were taken (0), or no more can be read (-errno); the last call. The import may
         * be freed here. */
        void (*on_done)(void *userdata, int r);
};

struct import;

/*
 * Begins in the next turn of the loop. @fd stays the caller's. @joins: the devices may join. 0;
 * what source_open() says of the file; -errno.
 */
int import_new(sd_event *event, const struct catalogue *catalogue, int fd, bool joins,
               const struct import_handler *handler, void *userdata, struct import **ret_import);
struct import *import_free(struct import *import);

DEFINE_DEFER(struct import *, import_free);
