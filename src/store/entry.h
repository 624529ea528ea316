/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The entries of the hub's catalogue: codes of devices that are not enrolled yet, one for each
 * device, with the reference that names it if it has one. The code is sealed by its owner; the
 * store cannot open it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/device.h"
#include "store/store.h"

#define STORE_REFERENCE_SIZE 33
#define STORE_SEALED_MAX     3072 /* bytes: the largest code, sealed */

struct store_entry {
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        char reference[STORE_REFERENCE_SIZE]; /* "": only its device names it */
        char maker[STORE_TEXT_SIZE], model[STORE_TEXT_SIZE], serial[STORE_TEXT_SIZE];
        char issuer[STORE_TEXT_SIZE];
        char name[STORE_NAME_SIZE]; /* that the device shall have, or "" */
        bool joins;                 /* the device is enrolled when it is first switched on */
        int64_t added_at;           /* Unix time, s */
        size_t n_sealed;
        uint8_t sealed[STORE_SEALED_MAX];
};

/*
 * Puts entries there, each in the place of an older one for its device, which may join if that one
 * might, and keeps its name if the new one has none. One transaction, durable. The files hold the
 * sealed code of the older one until store_forget_past(). @ret_taken says of each whether it was
 * left out because its reference names another device. 0 or -errno, and then nothing was written.
 */
int store_put_entries(struct store *store, const struct store_entry *const *entries,
                      size_t n_entries, bool *ret_taken);

/* 0; STORE_E_NONE; -errno. */
int store_find_entry(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                     struct store_entry *ret_entry);
int store_find_reference(struct store *store, const char *reference, struct store_entry *ret_entry);

/* Whether the device may join from now on. Durable. 0; STORE_E_NONE; -errno. */
int store_let_join(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES], bool joins);

/*
 * Removes an entry. The files hold the sealed code until store_forget_past(). 0; STORE_E_NONE;
 * -errno.
 */
int store_remove_entry(struct store *store, const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/*
 * Calls @on_entry for each entry, in the order of the device ids. It may use every verb of the
 * store. Ends early when it returns anything but 0, with that.
 */
int store_each_entry(struct store *store,
                     int (*on_entry)(void *userdata, const struct store_entry *entry),
                     void *userdata);

/* How many entries there are, and how many of them may join. 0 or -errno. */
int store_entry_count(struct store *store, uint64_t *ret_n_entries);
int store_joining_count(struct store *store, uint64_t *ret_n_entries);
