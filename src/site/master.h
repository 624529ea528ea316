/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub's master key: 32 random bytes from which every key of the hub is derived
 * (src/wire/kdf.h).
 *
 * It is generated at the first start and kept in one file that only the daemon can read. Anyone
 * with this file and the store controls every device of the hub; without it the devices must be
 * reset.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util/defer.h"

#define MASTER_BYTES 32

struct master; /* in guarded, locked memory: no swap, no core dump */

/*
 * Reads @path, or with @make creates it if it is not there (mode 0600, durable before the call
 * returns). 0; -ENOENT: it is not there; -EBADMSG: the file is not 32 bytes; -EPERM: others may
 * read it; or another -errno.
 */
int master_load(const char *path, bool make, struct master **ret_master);
struct master *master_free(struct master *master);

const uint8_t *master_key(const struct master *master);

DEFINE_DEFER(struct master *, master_free);
