/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The templates (Jinja) with which Home Assistant takes a value out of the flat object that a
 * device publishes, and makes one for a command.
 *
 * The object has only the leaves that the device has reported. For the others a template says
 * "None", which to most platforms means that the state is not known, or nothing, which the others
 * ignore.
 */

#include <stdbool.h>

#include <jansson.h>

#include "store/channel.h"
#include "store/device.h"

enum template_absent {
        TEMPLATE_UNKNOWN, /* "None" */
        TEMPLATE_IGNORED, /* "" */
};

/* Any value as JSON: a text stays one, even if it looks like a number. */
#define TEMPLATE_COMMAND "{{ value | to_json }}"

/* The state in what bridge/state and a device's availability say. */
#define TEMPLATE_STATE "{{ value_json.state }}"

/* The value of @leaf: a boolean is "True" or "False". A new text; NULL if memory is short. */
json_t *template_leaf(const char *leaf, enum template_absent absent);

/* The same for a boolean that is "true" or "false", and ignored if it is absent. */
json_t *template_boolean(const char *leaf);

/* The event that @leaf reports, as an object with the event's type. */
json_t *template_event(const char *leaf);

/*
 * Whether @channel is a number with at least two values between its limits, whose distance fits
 * into 63 bits: what follows needs that.
 */
bool template_scales(const struct store_channel *channel);

/* Its highest valid value, without the exponent: the last step may end below the limit. */
int64_t template_highest(const struct store_channel *channel);

/*
 * The other way round and back: what Home Assistant counts from 0 to @full and calls @variable
 * becomes the valid value of @channel that is closest, and a value that it reports becomes that
 * number. New texts.
 */
json_t *template_to_channel(const struct store_channel *channel, const char *variable,
                            unsigned full);
json_t *template_from_channel(const struct store_channel *channel, unsigned full);

/* What Home Assistant gives in the unit of @channel becomes the valid value that is closest. */
json_t *template_to_step(const struct store_channel *channel);
