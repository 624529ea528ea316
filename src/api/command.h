/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A command to a device, or a query: the shape that all faces share, from what was asked to what is
 * answered.
 */

#include <jansson.h>

#include "api/backend.h"
#include "event/reading.h"
#include "store/device.h"
#include "wire/message.h"

#define COMMAND_VALUES_MAX MESSAGE_CHANNELS_MAX

enum command_kind {
        COMMAND_SET, /* these channels shall have these values: all of them or none */
        COMMAND_GET, /* what are the values of these channels now? */
};

struct command {
        enum command_kind kind;
        const char *device; /* as devices_resolve() takes it */
        /* Once they are known; else "" and 0. */
        char name[STORE_NAME_SIZE];
        uint8_t device_id[STORE_DEVICE_ID_BYTES], known_as[STORE_DEVICE_ID_BYTES];
        /* By the number of the channel, once that is known. Of a query only leaf and channel. */
        struct reading values[COMMAND_VALUES_MAX];
        size_t n_values; /* of a query that names no channel 0, until the device is known */
};

/*
 * What is to be set, {leaf: value}, or asked for: {leaf: anything}, [leaf] or NULL; without a leaf
 * every channel that can be asked for. The texts of @ret_command belong to @values and @device.
 * False if it is wrong, with a phrase in @ret_wrong.
 */
bool command_read(enum command_kind kind, const char *device, json_t *values,
                  struct command *ret_command, char ret_wrong[API_DETAIL_SIZE]);

/*
 * Finds the device and its channels, checks that each can be set or asked for, and passes the
 * command on. @later is called exactly once, before this returns or afterwards.
 */
void command_run(const struct api_backend *backend, struct command *command,
                 const struct api_later *later);

/* {leaf: value} of what is in force, or of what was to be set; a new object, NULL if memory is
 * short. */
json_t *command_values(const struct reading *values, size_t n_values);
