/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What a person may say beside the code, as D-Bus options and MQTT payloads carry it:
 * {"name": text, "source": text, "dry_run": boolean, "seconds": integer,
 *  "values": {parameter: text}, "force": boolean, "other_model": boolean, "hub": text}, all of them
 * optional.
 */

#include <jansson.h>

#include "api/backend.h"

#define OPTIONS_SECONDS_MAX 600 /* s */

/* Which of them a verb takes; others are refused, so that nobody believes they had an effect. */
enum {
        OPTIONS_NAME = 1 << 0,
        OPTIONS_SOURCE = 1 << 1,
        OPTIONS_DRY_RUN = 1 << 2,
        OPTIONS_SECONDS = 1 << 3,
        OPTIONS_VALUES = 1 << 4,
        OPTIONS_FORCE = 1 << 5,       /* of a removal */
        OPTIONS_OTHER_MODEL = 1 << 6, /* of a replacement */
        OPTIONS_HUB = 1 << 7,         /* of a cleaning */
};

/*
 * Reads @object into @ret_request, whose texts belong to @object; what is not said is empty. False
 * if it is wrong, with a phrase in @ret_wrong that names the key, what is wrong with it and what
 * would be right: "'seconds' is not a number from 1 to 600".
 */
bool options_read(json_t *object, unsigned allowed, struct api_request *ret_request,
                  char ret_wrong[API_DETAIL_SIZE]);

/* The phrase for a key that is there twice, which no JSON object can have. */
void options_refuse_twice(const char *key, char ret_wrong[API_DETAIL_SIZE]);
