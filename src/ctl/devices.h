/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The verbs about the devices of this hub. Each takes what stands behind the verb, a device first,
 * and returns the program's exit code.
 */

#include "ctl/invocation.h"

int devices_list(struct invocation *inv);
int devices_info(struct invocation *inv, char **arguments);
int devices_rename(struct invocation *inv, char **arguments);
int devices_keys(struct invocation *inv, char **arguments);
int devices_remove(struct invocation *inv, char **arguments);

/* Show the values of channels, or the options, that are in force then. */
int devices_set(struct invocation *inv, char **arguments);
int devices_get(struct invocation *inv, char **arguments);
int devices_options(struct invocation *inv, char **arguments);
