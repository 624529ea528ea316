/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What waits in the outbox from before the hub was renamed: it goes out under the present name, or
 * it would never go, and nothing of its device after it.
 */

#include <stdint.h>

#include "store/store.h"

/* @master: 32 bytes, which sign the keys of devices. 0 or -errno. */
int backlog_readdress(struct store *store, const uint8_t *master, const char *hub);
