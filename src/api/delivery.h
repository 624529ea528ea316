/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The options of a device as the faces show and take them: {"retain": boolean, "throttle": s}, the
 * names of zigbee2mqtt.
 */

#include <jansson.h>

#include "api/backend.h"
#include "store/delivery.h"

#define DELIVERY_THROTTLE_MAX 86400 /* s */

/* A new object with all of them; NULL if memory is short. */
json_t *delivery_json(const struct store_delivery *delivery);

/*
 * Changes the options that @object names; null stands for what an option is by itself. False if it
 * is wrong, with a phrase in @ret_wrong that says what would be right, and @delivery is unchanged.
 */
bool delivery_read(json_t *object, struct store_delivery *delivery,
                   char ret_wrong[API_DETAIL_SIZE]);

/*
 * Gives the device that @who names the options that @object changes. Accepted with the options
 * before and after, or refused.
 */
struct api_answer delivery_change(const struct api_backend *backend, const char *who,
                                  json_t *object, struct store_delivery *ret_from,
                                  struct store_delivery *ret_to);
