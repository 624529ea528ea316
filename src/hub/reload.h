/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The settings are read again while the hub runs: what of them is taken over, and what is not. */

#include <stdbool.h>

#include "site/settings.h"

/*
 * Takes over every setting of @next that may change while the hub runs, and logs which have
 * changed, by name. One that may not is logged with what to do, and kept. Whether something has
 * changed that the connection to the broker is made with.
 */
bool reload_take(struct settings *settings, const struct settings *next);
