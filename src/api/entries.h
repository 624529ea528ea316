/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The catalogue as the faces show it and ask of it (doc/catalogue.md): entries, never with their
 * codes, and the report of what was added.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "api/backend.h"
#include "store/entry.h"

#define ENTRIES_FAILURES_MAX 256  /* that a report names; the others are counted */
#define ENTRIES_FETCH_MAX    1000 /* references of one fetch */

/* What can be asked of the catalogue; the hub fills it in. */
struct entries_handler {
        /*
         * Adds the codes of a catalogue file, whose descriptor stays the caller's; @joins: their
         * devices may join. The outcome has a report.
         */
        void (*on_import)(void *userdata, int fd, bool joins, const struct api_later *later);
        /*
         * Asks the web service for the codes of these references, a list that ends with NULL, as
         * people write them. The outcome has a report.
         */
        void (*on_fetch)(void *userdata, char **ids, bool joins, const struct api_later *later);
        /*
         * Adds a code, whose device may join, under this name, or "". The outcome has the entry for
         * a report.
         */
        void (*on_add)(void *userdata, const uint8_t *code, size_t n_code, const char *name,
                       const struct api_later *later);
        /* Whether the device of this entry, by its reference or device id, may join from now on. */
        struct api_answer (*on_let_join)(void *userdata, const char *id, bool joins);
        /* Removes an entry. */
        struct api_answer (*on_discard)(void *userdata, const char *id);
};

/* {"id", "device_id", "manufacturer", "model_id", "serial_number", "issuer", "name", "joins",
 * "added_at"}; "id" and "name" only if it has them. A new object, or NULL. */
json_t *entries_json(const struct store_entry *entry);

/* All entries, as a new array in the order of their device ids; NULL if the store fails. */
json_t *entries_list(const struct api_backend *backend);

/* An entry that was not added. */
struct entries_failure {
        size_t line;    /* of a file, from 1; 0: there is none */
        const char *id; /* its reference, or "" */
        enum reason reason;
        const char *detail; /* a phrase, or "" */
};

/* {"added": 2, "refused": 1, "failures": [{"line", "id", "code", "error", "hint"}]}: a new report
 * of nothing, or NULL; and one more in it. */
json_t *entries_report(void);
void entries_report_added(json_t *report);
void entries_report_refused(json_t *report, const struct entries_failure *failure);
