/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Who may sign codes: the issuer files of a directory, and what each of them is allowed
 * (doc/code.md, section 5).
 *
 * A file with a mistake is reported to the caller and not trusted; the others are.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/payload.h"
#include "code/envelope.h"

#define ISSUER_NAME_MAX 32 /* bytes */

struct issuer {
        char name[ISSUER_NAME_MAX + 1];
        uint8_t key[ENVELOPE_KEY_BYTES];
        uint8_t kid[ENVELOPE_KID_BYTES];
        unsigned capabilities; /* the ceiling, sum of enum capability */
        char *products;        /* space-separated patterns against maker/model; NULL: any */
        char *path;            /* the file it came from */
        bool doubled;          /* while loading: another file has the same key, and differs */
        bool repeated;         /* while loading: an earlier file says the same */
};

/* The trusted issuers. All zero: no issuer; issuers_done() releases what issuers_load() added. */
struct issuers {
        struct issuer *list;
        size_t n_list;
        size_t n_refused; /* files */
};

/* Called for every file that is refused; @line is 0 if no line in particular is wrong. */
struct issuers_handler {
        void (*on_error)(void *userdata, const char *path, unsigned line, const char *text);
        void *userdata;
};

/*
 * Reads every file of @directory whose name ends in ".issuer", in the order of their names, in
 * addition to what @issuers holds. 0, or -errno if the directory cannot be read (-ENOENT: there is
 * none) or memory is out.
 */
int issuers_load(struct issuers *issuers, const char *directory,
                 const struct issuers_handler *handler);
void issuers_done(struct issuers *issuers);

/* The issuer with this kid, or NULL. */
const struct issuer *issuers_find(const struct issuers *issuers,
                                  const uint8_t kid[ENVELOPE_KID_BYTES]);

/* True if the issuer may sign codes for this product. */
bool issuer_allows_product(const struct issuer *issuer, const char *maker, const char *model);
