/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How a part of the hub is, as people read it. */

#include <jansson.h>

/*
 * "hci0", "hci0: The Bluetooth adapter is switched off. (adapter_off) Switch it on ...": a part of
 * this name, or of none if NULL, in the state "ok" or with the code of a reason. A new text; NULL
 * if memory is short.
 */
json_t *health_text(const char *name, const char *state);
