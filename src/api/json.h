/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Events and failures as JSON objects: the one shape that MQTT, D-Bus (api/variant.h) and
 * enrollctl --json show. doc/mqtt.md and doc/dbus-api.md describe it.
 */

#include <jansson.h>

#include "event/event.h"
#include "reason/reason.h"
#include "store/device.h"
#include "util/defer.h"

/* How a document with decimal numbers is written: enough digits for every value of a device, few
 * enough to hide that they are binary. */
#define JSON_DECIMALS JSON_REAL_PRECISION(15)

static inline json_t *json_free(json_t *json)
{
        json_decref(json);
        return NULL;
}

DEFINE_DEFER(json_t *, json_free);

/*
 * From now on, JSON wipes what it frees: requests carry codes, and a code holds the device's
 * secret. Call once, before the first use of JSON.
 */
void json_wipe_freed_memory(void);

/*
 * A text that came from a code, a device or a person, and may have been cut in the middle of a
 * character. Nothing is lost for it: what no face can carry becomes a question mark. NULL stays
 * NULL, as it does without memory.
 */
json_t *json_from_text(const char *text);

/* Adds "step", "steps", "step_name" and "step_title". 0, or below 0 if memory is short. */
int json_add_step(json_t *object, enum event_step step);

/*
 * {"channel", "property", "device_class", "unit", "access", "period", "type"}, and what the channel
 * has of "category", "value_min", "value_max", "value_step", "values" and "length_max", as a new
 * object.
 */
json_t *json_from_channel(const struct event_channel *channel);

/* {"kind": "light", "roles": {"state": 1, "brightness": 2}}, as a new object. */
json_t *json_from_group(const struct event_group *group);

/* Adds "presence" and "sleep_s", where they are not NULL and 0. 0, or below 0. */
int json_add_presence(json_t *object, const char *presence, unsigned sleep_s);

/* @mantissa * 10^@exponent, exactly as its digits say it, as a new number. */
json_t *json_from_decimal(int64_t mantissa, int exponent);

/* The same for a limit of a channel: an integer unless it has a point. */
json_t *json_from_limit(int64_t mantissa, int exponent);

/* The words of a channel, which have blanks between them, as a new array. */
json_t *json_from_words(const char *words);

/* What an event says, as a new object; NULL if memory is short or a text is not UTF-8. */
json_t *json_from_event(const struct event *event);

/*
 * What the topic bridge/event says of it: {"type": "device_enrollment", "data": the event}; after a
 * success {"type": "device_joined", "data": {"friendly_name", "ieee_address", "device_id",
 * "time"}}; and "device_interview" with the same and "status", from the time when the device begins
 * to configure itself, at its success with @definition (api/devices.h), which may be NULL. NULL as
 * above, and for an event that has no such message.
 */
json_t *json_message_from_event(const struct event *event);
json_t *json_message_joined(const struct event *event);
json_t *json_message_interview(const struct event *event, json_t *definition);

/* The same for a device that can be reached again, and for one that was removed: "device_announce"
 * and "device_leave". @time is Unix time. */
json_t *json_message_announced(const struct store_device *device, int64_t time);
json_t *json_message_left(const struct store_device *device, int64_t time);

/* The same for one that was removed before, and has been released only now: "device_released". */
json_t *json_message_released(const uint8_t device_id[STORE_DEVICE_ID_BYTES], const char *name,
                              int64_t time);

/* The same for one that has taken the place of @former: "device_replaced", with "replaced_id". */
json_t *json_message_replaced(const struct store_device *device, const struct store_device *former,
                              int64_t time);

/* The same for one @n of whose readings were lost: "readings_lost", with "lost". */
json_t *json_message_missed(const struct store_device *device, uint64_t n, int64_t time);

/* What was done about an adapter that does not work: "adapter_recovery", with its "step". */
json_t *json_message_recovery(const char *adapter, const char *step, int64_t time);

/*
 * The event in @object; its texts belong to @object and live as long. 0, or -EBADMSG if it is not
 * an event. Keys that are not known are ignored: a newer daemon may say more.
 */
int json_to_event(const json_t *object, struct event *ret_event);

/* Adds "error", the sentence with @detail as reason_explain() makes it, and "code". 0, or below 0
 * if memory is short. */
int json_add_error(json_t *object, enum reason reason, const char *detail);

/* {"code", "message", "remedy"}: a failure for programs; NULL if memory is short. */
json_t *json_from_failure(const char *code, const char *message, const char *remedy);
