/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The hub as a device of Home Assistant: the window for enrollments, what became of the last one,
 * its problems and its counters.
 *
 * Normative: doc/mqtt.md, section 10.
 */

#include <stdbool.h>

#include <jansson.h>

#define PORTAL_WINDOW_S 180 /* for how long devices may join once the switch is on */

/*
 * The entities of @hub by their ids, each with its "platform"; without those that request
 * something unless it @obeys. A new object; NULL if memory is short.
 */
json_t *portal_json(const char *hub, const char *identifier, bool obeys);
