/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/vault.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "contact/keys.h"
#include "store/device.h"
#include "util/log.h"
#include "wire/crypto.h"
#include "wire/kdf.h"

struct vault {
        char store_path[PATH_MAX], key_path[PATH_MAX];
        struct store *store;
        struct master *master;
};

#define START_EMPTY "or, to start with no device and enroll all of them again, move "

static int vault_refuse_key(const struct vault *v, int r)
{
        if (r == -EPERM) {
                log_error("%s can be read by other users; they may have the hub's key. Correct it "
                          "with chmod 600.",
                          v->key_path);
                return VAULT_E_REFUSED;
        }
        if (r == -EBADMSG || r == -ELOOP) {
                log_error("%s is not a file with a master key of %d bytes; restore it from a "
                          "backup.",
                          v->key_path, MASTER_BYTES);
                return VAULT_E_REFUSED;
        }
        return log_errno(r, "Cannot use the master key %s", v->key_path);
}

static int vault_refuse_store(const struct vault *v, int r)
{
        switch (r) {
        case STORE_E_NEWER:
                log_error("%s was written by a newer enrolld; update this one.", v->store_path);
                return VAULT_E_REFUSED;
        case STORE_E_FOREIGN:
                log_error("%s is a database of another program or of a newer enrolld; restore the "
                          "store from a backup, " START_EMPTY "it and %s away.",
                          v->store_path, v->key_path);
                return VAULT_E_REFUSED;
        case -EUCLEAN:
                log_error("%s is damaged (%s); check the disk and restore the file from a backup, "
                          "if there is one, " START_EMPTY "it and %s away.",
                          v->store_path, reason_code(store_reason(r)), v->key_path);
                return VAULT_E_REFUSED;
        case -EISDIR:
        case -ELOOP:
                log_error("%s is not a file of its own, but a %s; restore the store from a "
                          "backup, " START_EMPTY "it and %s away.",
                          v->store_path, r == -EISDIR ? "directory" : "symbolic link", v->key_path);
                return VAULT_E_REFUSED;
        case STORE_E_EMPTY:
        case -ENOENT:
                log_error("%s is there, but its store %s is %s; restore the store from a "
                          "backup, " START_EMPTY "the key away.",
                          v->key_path, v->store_path, r == STORE_E_EMPTY ? "empty" : "missing");
                return VAULT_E_REFUSED;
        case -EBUSY:
                log_error("Another enrolld uses %s.", v->store_path);
                return r;
        default:
                log_error("Cannot open %s: %s (%s). %s", v->store_path, strerror(-r),
                          reason_code(store_reason(r)), reason_remedy(store_reason(r)));
                return r;
        }
}

/* The store was there, and its key is not. */
static int vault_make_key(struct vault *v)
{
        uint64_t n_devices = 0;
        uint32_t check = 0;
        int r;

        r = store_key_check(v->store, &check);
        if (r == 0)
                r = store_device_count(v->store, &n_devices);
        if (r < 0)
                return vault_refuse_store(v, r);
        if (check != 0 || n_devices > 0) {
                log_error("%s is missing, and the store's %llu devices accept no other key; "
                          "restore it from a backup, " START_EMPTY "%s away.",
                          v->key_path, (unsigned long long)n_devices, v->store_path);
                return VAULT_E_REFUSED;
        }
        r = master_load(v->key_path, true, &v->master);
        return r < 0 ? vault_refuse_key(v, r) : 0;
}

/* The hub has a key of its own for each device; the store has its public half. */
static int vault_on_device(void *userdata, const struct store_device *device)
{
        const struct vault *v = userdata;
        struct keys keys;
        bool ours;

        if (device->kind != STORE_ENROLLED)
                return 0;
        keys_begin(&keys, master_key(v->master), device->ownership.public_key);
        ours = memcmp(keys.hub_public, device->ownership.hub_public, sizeof(keys.hub_public)) == 0;
        crypto_wipe(&keys, sizeof(keys));
        return ours ? 0 : VAULT_E_REFUSED;
}

static uint32_t vault_key_check(const struct vault *v)
{
        uint8_t key[KDF_KEY_BYTES];
        uint32_t check;

        kdf_hub_store(master_key(v->master), key);
        check = (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 | (uint32_t)key[2] << 8 | key[3];
        return check ? check : 1; /* 0 says that there is none */
}

/* Whether the two belong to each other; a store that does not say gets to know its key. */
static int vault_bind(struct vault *v)
{
        uint32_t should = vault_key_check(v), check = 0;
        bool ours;
        int r;

        r = store_key_check(v->store, &check);
        if (r == 0 && check == 0)
                r = store_each_device(v->store, vault_on_device, v);
        if (r < 0)
                return vault_refuse_store(v, r);
        ours = r == 0 && (check == 0 || check == should);
        if (!ours) {
                log_error("%s is not the key of %s; restore the two that belong together from a "
                          "backup, " START_EMPTY "both away.",
                          v->key_path, v->store_path);
                return VAULT_E_REFUSED;
        }
        if (check == 0)
                r = store_set_key_check(v->store, should);
        if (r < 0) /* on a full disk, for instance; the next start does it */
                log_warning("%s cannot be marked as the store of its key: %s", v->store_path,
                            strerror(-r));
        return 0;
}

static int vault_open_both(struct vault *v)
{
        int r;

        r = master_load(v->key_path, false, &v->master);
        if (r < 0 && r != -ENOENT)
                return vault_refuse_key(v, r);
        r = v->master ? store_reopen(v->store_path, &v->store)
                      : store_open(v->store_path, &v->store);
        if (r == -ENOENT && !v->master) {
                log_error("The directory of %s cannot be made, because the one above it does not "
                          "exist; create it.",
                          v->store_path);
                return VAULT_E_REFUSED;
        }
        if (r != 0)
                return vault_refuse_store(v, r);
        if (!v->master)
                r = vault_make_key(v);
        return r == 0 ? vault_bind(v) : r;
}

int vault_open(const char *directory, struct store **ret_store, struct master **ret_master)
{
        struct vault v = {.store = NULL};
        int r;

        (void)snprintf(v.store_path, sizeof(v.store_path), "%s/enrolld.db", directory);
        (void)snprintf(v.key_path, sizeof(v.key_path), "%s/hub.key", directory);
        r = vault_open_both(&v);
        if (r != 0) {
                (void)store_free(v.store);
                (void)master_free(v.master);
                return r;
        }
        *ret_store = v.store;
        *ret_master = v.master;
        return 0;
}
