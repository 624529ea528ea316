/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The import of a catalogue file: a few lines in each turn of the loop, so that nobody waits for
 * the signatures of all of them.
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
        /* All lines were read; the last call. The import may be freed here. */
        void (*on_done)(void *userdata);
};

struct import;

/*
 * Begins in the next turn of the loop, and takes @text, which file_free() can free. @joins: the
 * devices may join. 0 or -ENOMEM.
 */
int import_new(sd_event *event, const struct catalogue *catalogue, char *text_take, size_t n_text,
               bool joins, const struct import_handler *handler, void *userdata,
               struct import **ret_import);
struct import *import_free(struct import *import);

DEFINE_DEFER(struct import *, import_free);
