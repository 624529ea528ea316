/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * JSON objects as D-Bus dictionaries and back, so that both interfaces show the same keys.
 *
 * text <-> s, integer <-> x, real <-> d, boolean <-> b, object <-> a{sv}, array of objects <->
 * aa{sv}, of texts <-> as, of integers <-> ax. An empty array is an empty as; null is left out.
 */

#include <jansson.h>
#include <systemd/sd-bus.h>

/* Appends @object as one a{sv}. 0, or -errno; -EINVAL if it holds an array of mixed types. */
int variant_append(sd_bus_message *message, json_t *object);

/*
 * Reads the next argument, whatever its type, as a new JSON value; every integer type is an
 * integer. 0, or -errno; -EBADMSG if the argument has a type that JSON has not (a descriptor, a
 * dictionary whose keys are not text), and -EEXIST if a dictionary has a key twice, which is then
 * in
 * @ret_twice and belongs to @message.
 */
int variant_read(sd_bus_message *message, json_t **ret_value, const char **ret_twice);
