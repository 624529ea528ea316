/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One fetch: asks the web service of the settings for the codes of many references, as many at a
 * time as an order may have, checks each and puts it into the catalogue.
 */

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "catalogue/catalogue.h"
#include "fetch/fetcher.h"
#include "site/settings.h"
#include "util/defer.h"

struct fetching;

/* Everything outlives the fetch. */
struct fetching_means {
        sd_event *event;
        const char *socket; /* of enroll-fetch */
        const struct settings *settings;
        const struct catalogue *catalogue;
};

struct fetching_handler {
        /* The code of this entry is good; one of the next two says whether it is kept. Or NULL. */
        void (*on_checked)(void *userdata, const struct store_entry *entry);
        /* The code of this entry is in the catalogue now. */
        void (*on_kept)(void *userdata, const struct store_entry *entry);
        /* Why that of this reference is not, with a phrase that says what exactly, or "". */
        void (*on_refused)(void *userdata, const char *reference, enum reason why,
                           const char *detail);
        /* One of these two was called for each reference; the last call. It may be freed here. */
        void (*on_done)(void *userdata);
};

/*
 * Begins in the next turn of the loop. @references are canonical, each once; copied. @joins: their
 * devices may join. 0 or -errno.
 */
int fetching_new(const struct fetching_means *means, const char (*references)[REFERENCE_SIZE],
                 size_t n_references, bool joins, const struct fetching_handler *handler,
                 void *userdata, struct fetching **ret_fetching);
struct fetching *fetching_free(struct fetching *fetching);

DEFINE_DEFER(struct fetching *, fetching_free);
