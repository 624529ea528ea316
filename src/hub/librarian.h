/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who keeps the catalogue: adds codes to it, finds the code that a reference names, in the
 * catalogue or in the directory of the settings, and removes the codes of devices that are
 * enrolled.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/entries.h"
#include "catalogue/catalogue.h"
#include "catalogue/shelf.h"
#include "hub/eraser.h"
#include "hub/fetching.h"
#include "hub/herald.h"
#include "hub/means.h"
#include "site/settings.h"
#include "util/defer.h"

struct librarian;

/* Everything outlives the librarian. */
struct librarian_means {
        sd_event *event;
        const struct settings *settings;
        struct means *means;
        struct herald *herald;
        struct eraser *eraser;
        /* The entries have changed. */
        void (*on_changed)(void *userdata);
        void *userdata;
};

/* What a reference was found to name; librarian_wipe() when it is used. */
struct librarian_code {
        uint8_t bytes[CODE_BYTES_MAX];
        size_t n_bytes;
        char name[STORE_NAME_SIZE];      /* that the device shall have, or "" */
        char text[REASON_TEXT_SIZE + 1]; /* one line for people, or why there is none */
};

/* 0 or -ENOMEM. */
int librarian_new(const struct librarian_means *means, struct librarian **ret_librarian);

/* Answers everybody who still waits. Takes NULL, returns NULL. */
struct librarian *librarian_free(struct librarian *librarian);

/*
 * The code that a reference in its canonical form names, in the catalogue. REASON_NONE;
 * REASON_REFERENCE_UNKNOWN; or why the code that was found is not taken. @ret_code has the text in
 * either case.
 */
enum reason librarian_find(struct librarian *librarian, const char *reference,
                           struct librarian_code *ret_code);

/*
 * Whether there is a directory to look for it in; does so, with @handler called as shelf_new()
 * says; and reads the line that was found, or NULL: as librarian_find(). 0 or -errno.
 */
bool librarian_has_directory(const struct librarian *librarian);
int librarian_browse(struct librarian *librarian, const char *reference,
                     const struct shelf_handler *handler, void *userdata, struct shelf **ret_shelf);
enum reason librarian_read(struct librarian *librarian, const char *reference,
                           const struct line *line, struct librarian_code *ret_code);

/* The code of an entry that was checked, whether it is kept or not: @whose it is, "The catalogue".
 */
enum reason librarian_open(struct librarian *librarian, const struct store_entry *entry,
                           const char *whose, struct librarian_code *ret_code);

/*
 * The entries have changed: the faces show it, and what one held that was replaced or removed
 * is erased soon.
 */
void librarian_changed(struct librarian *librarian);

/*
 * Whether a web service can be asked for it; and does so. @handler is called as fetching_new()
 * says, and calls librarian_changed() when it is done. 0 or -errno.
 */
bool librarian_has_service(const struct librarian *librarian);
int librarian_fetch(struct librarian *librarian, const char *reference,
                    const struct fetching_handler *handler, void *userdata,
                    struct fetching **ret_fetching);

/* The code of the entry for this device. The same, or REASON_NO_SUCH_ENTRY. */
enum reason librarian_find_device(struct librarian *librarian,
                                  const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                                  struct librarian_code *ret_code);

void librarian_wipe(struct librarian_code *code);

/* The device is this hub's: its entry goes, if there is one. */
void librarian_forget(struct librarian *librarian, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/* The catalogue itself, as it is to be used now. */
const struct catalogue *librarian_catalogue(struct librarian *librarian);

/* For the faces. */
void librarian_serve(struct librarian *librarian, struct api_backend *backend);

/* Its part of the status: how many entries. */
void librarian_status(const struct librarian *librarian, struct api_status *status);

DEFINE_DEFER(struct librarian *, librarian_free);
