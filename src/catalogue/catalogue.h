/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The catalogue of the hub: codes of devices that are not enrolled yet, to be found by the
 * reference that names them, or by the device itself when it is first switched on.
 *
 * A code is checked before it is kept as before an enrollment, and again when it is used. It is
 * kept sealed under a key of the hub's master (XChaCha20-Poly1305, bound to the device).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/issuer.h"
#include "code/reference.h"
#include "code/text.h"
#include "reason/reason.h"
#include "store/entry.h"
#include "wire/kdf.h"

#define CATALOGUE_ENTRIES_MAX 4096
#define CATALOGUE_DETAIL_SIZE 200

/* What it works with; everything outlives it. */
struct catalogue {
        struct store *store;
        const struct issuers *issuers;
        const uint8_t *master; /* 32 bytes */
        uint32_t ceiling;      /* capabilities that this hub allows */
        uint32_t daemon;       /* its version, major * 256 + minor */
};

/* What is to be kept; by reference. */
struct catalogue_offer {
        const char *reference; /* canonical; "": none */
        const uint8_t *code;   /* in any form */
        size_t n_code;
        const char *name; /* that the device shall have, or "" */
        bool joins;       /* it is enrolled when it is first switched on */
        int64_t now;      /* Unix time, s */
};

/*
 * Checks a code as before an enrollment, and that the reference may name it, and makes its entry.
 * REASON_NONE; or why not, with a phrase that says what exactly, or "", in @ret_detail.
 */
enum reason catalogue_check(const struct catalogue *c, const struct catalogue_offer *offer,
                            struct store_entry *ret_entry, char ret_detail[CATALOGUE_DETAIL_SIZE]);

/*
 * Keeps entries that have been checked: of each, REASON_NONE, or why it was left out:
 * REASON_REFERENCE_TAKEN, _CATALOGUE_FULL or REASON_STORE_*.
 */
void catalogue_keep(const struct catalogue *c, const struct store_entry *entries, size_t n_entries,
                    enum reason *ret_reasons);

/* The code of an entry, which the caller wipes. 0; -EBADMSG if it is not ours or was altered. */
int catalogue_open(const struct catalogue *c, const struct store_entry *entry,
                   uint8_t ret_code[CODE_BYTES_MAX], size_t *ret_n_code);

/* The key by which the device's advertisement is recognised. 0; -EBADMSG. */
int catalogue_adv_key(const struct catalogue *c, const struct store_entry *entry,
                      uint8_t ret_key[KDF_KEY_BYTES]);

/*
 * The entry that a person names: by a reference, as people write it, or by the 32 hexadecimal
 * digits of the device id. REASON_NONE; REASON_REFERENCE_MISTYPED; REASON_NO_SUCH_ENTRY; or
 * REASON_STORE_*.
 */
enum reason catalogue_find(const struct catalogue *c, const char *id,
                           struct store_entry *ret_entry);
