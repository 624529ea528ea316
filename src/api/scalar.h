/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One value of a channel as JSON, and back: a number, a text or a boolean. */

#include <stdbool.h>

#include <jansson.h>

#include "wire/message.h"

/* A new JSON value; NULL if memory is short. */
json_t *scalar_json(const struct message_value *value);

/*
 * Reads @json; a text belongs to it and lives as long. A number that is not a whole one becomes a
 * decimal of at most 15 digits. The channel of @ret_value is 0. False for anything that no channel
 * can have: null, a list, an object, a text that is not printable or longer than 64 bytes, and a
 * number whose exponent is too large.
 */
bool scalar_read(const json_t *json, struct message_value *ret_value);
