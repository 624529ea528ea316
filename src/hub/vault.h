/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The store and the master key, which are of no use without each other.
 *
 * They are made together, at the first start, and the store then carries a check value of its key.
 * Later, one without the other, one of another hub, or one that is damaged is refused: a hub that
 * began again beside the old key would know none of its devices, and they would accept no other
 * key. A store from before there were check values is recognised by its devices.
 */

#include "site/master.h"
#include "store/store.h"

enum {
        /* The two cannot be used before a person has put something right; it was logged what. */
        VAULT_E_REFUSED = 1,
};

/*
 * Opens enrolld.db and hub.key in @directory, or makes both where neither is. What is refused is
 * left as it is. 0, VAULT_E_REFUSED or -errno; the failure has been logged.
 */
int vault_open(const char *directory, struct store **ret_store, struct master **ret_master);
