/* SPDX-License-Identifier: Apache-2.0 */

#include "api/json.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/free.h"
#include "util/hex.h"
#include "util/time.h"
#include "wire/utf8.h"

static void free_wiped(void *memory)
{
        if (memory)
                explicit_bzero(memory, malloc_usable_size(memory));
        free(memory);
}

void json_wipe_freed_memory(void)
{
        json_set_alloc_funcs(malloc, free_wiped);
}

int json_add_step(json_t *object, enum event_step step)
{
        return json_object_set_new(object, "step", json_integer(step)) |
               json_object_set_new(object, "steps", json_integer(EVENT_STEPS)) |
               json_object_set_new(object, "step_name", json_string(event_step_name(step))) |
               json_object_set_new(object, "step_title", json_string(event_step_title(step)));
}

/* A number that is left out while it is 0. */
static int add_number(json_t *object, const char *key, unsigned number)
{
        return number > 0 ? json_object_set_new(object, key, json_integer(number)) : 0;
}

static int add_progress(json_t *object, const struct event *event)
{
        int r = json_add_step(object, event->step);

        if (event->status == EVENT_PROGRESS)
                r |= json_object_set_new(object, "done", json_boolean(event->done));
        if (event->done)
                r |= json_object_set_new(object, "step_ms",
                                         json_integer((json_int_t)event->step_ms));
        return r | add_number(object, "attempt", event->attempt) |
               add_number(object, "attempts", event->attempts) |
               add_number(object, "waited_s", event->waited_sec) |
               add_number(object, "limit_s", event->limit_sec);
}

json_t *json_from_text(const char *text)
{
        _defer_(free) char *printable = text ? strdup(text) : NULL;

        if (!printable)
                return NULL;
        utf8_make_printable(printable);
        return json_string(printable);
}

/* The shortest exact way from mantissa and exponent to a number is its decimal text. */
json_t *json_from_decimal(int64_t mantissa, int exponent)
{
        char text[40];

        (void)snprintf(text, sizeof(text), "%lldE%d", (long long)mantissa, exponent);
        return json_real(strtod(text, NULL));
}

json_t *json_from_words(const char *words)
{
        json_t *list = json_array();

        for (; *words; words += strspn(words, " ")) {
                size_t n = strcspn(words, " ");

                (void)json_array_append_new(list, json_stringn(words, n));
                words += n;
        }
        return list;
}

json_t *json_from_limit(int64_t mantissa, int exponent)
{
        return exponent ? json_from_decimal(mantissa, exponent) : json_integer(mantissa);
}

static int add_limit(json_t *object, const char *key, int64_t mantissa, int exponent)
{
        return json_object_set_new(object, key, json_from_limit(mantissa, exponent));
}

/* What only channels of some types have. */
static int add_limits(json_t *object, const struct event_channel *c)
{
        int r = 0;

        if (c->category)
                r |= json_object_set_new(object, "category", json_string(c->category));
        if (c->has_range)
                r |= add_limit(object, "value_min", c->low, c->exponent) |
                     add_limit(object, "value_max", c->high, c->exponent);
        if (c->has_range && c->step > 0)
                r |= add_limit(object, "value_step", c->step, c->exponent);
        if (c->words[0])
                r |= json_object_set_new(object, "values", json_from_words(c->words));
        return r | add_number(object, "length_max", c->length);
}

static const char *access_name(unsigned access)
{
        if (access == EVENT_PUBLISH)
                return "publish";
        return access == EVENT_COMMAND ? "command" : "both";
}

json_t *json_from_channel(const struct event_channel *channel)
{
        json_t *object =
                json_pack("{s:i, s:o, s:o, s:o, s:s, s:i, s:s}", "channel", (int)channel->number,
                          "property", json_from_text(channel->property), "device_class",
                          json_from_text(channel->device_class), "unit",
                          json_from_text(channel->unit), "access", access_name(channel->access),
                          "period", (int)channel->period_s, "type", channel->type);

        if (object && add_limits(object, channel) < 0)
                return json_free(object);
        return object;
}

json_t *json_from_group(const struct event_group *group)
{
        json_t *roles = json_object();

        for (size_t i = 0; i < group->n_roles; i++)
                (void)json_object_set_new(roles, group->roles[i].name,
                                          json_integer(group->roles[i].channel));
        return json_pack("{s:s, s:o}", "kind", group->kind, "roles", roles);
}

int json_add_presence(json_t *object, const char *presence, unsigned sleep_s)
{
        int r = 0;

        if (presence)
                r = json_object_set_new(object, "presence", json_string(presence));
        return r | add_number(object, "sleep_s", sleep_s);
}

static json_t *from_words(const char *const *words, size_t n)
{
        json_t *list = json_array();

        for (size_t i = 0; i < n; i++)
                (void)json_array_append_new(list, json_string(words[i]));
        return list;
}

/* NULL if there is none. */
static json_t *from_preview(const struct event_preview *preview)
{
        json_t *channels, *groups, *object;

        if (!preview)
                return NULL;
        channels = json_array();
        for (size_t i = 0; i < preview->n_channels; i++)
                (void)json_array_append_new(channels, json_from_channel(&preview->channels[i]));
        groups = json_array();
        for (size_t i = 0; i < preview->n_groups; i++)
                (void)json_array_append_new(groups, json_from_group(&preview->groups[i]));
        object = json_pack(
                "{s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "issuer", json_from_text(preview->issuer),
                "asks", from_words(preview->asks, preview->n_asks), "channels", channels, "groups",
                groups, "personal", from_words(preview->personal, preview->n_personal), "erase",
                (int)preview->erase, "fuse", (int)preview->fuse);
        if (object && json_add_presence(object, preview->presence, preview->sleep_s) < 0)
                return json_free(object);
        if (object && preview->replaces[0])
                (void)json_object_set_new(object, "replaces", json_string(preview->replaces));
        return object;
}

json_t *json_from_event(const struct event *event)
{
        const char *code = NULL, *reason = NULL, *hint = NULL;
        char when[TIME_TEXT_SIZE], next[TIME_TEXT_SIZE];
        json_t *object;

        if (event->reason != REASON_NONE) {
                code = reason_code(event->reason);
                reason = reason_text(event->reason);
                hint = reason_remedy(event->reason);
        }
        object = json_pack("{s:s, s:s, s:s, s:s, s:o, s:I, s:s*, s:s*, s:o*, s:o*, s:s*, s:s*, "
                           "s:s*, s:s*, s:o*}",
                           "status", event_status_name(event->status), "transaction",
                           event->transaction, "time", time_text(event->time, when), "source",
                           event_source_name(event->source), "text", json_from_text(event->text),
                           "total_ms", (json_int_t)event->total_ms, "friendly_name", event->device,
                           "device_id", event->device_id, "manufacturer",
                           json_from_text(event->maker), "model_id", json_from_text(event->model),
                           "code", code, "reason", reason, "hint", hint, "next_try",
                           event->next_try ? time_text(event->next_try, next) : NULL, "preview",
                           from_preview(event->preview));
        if (object && add_progress(object, event) < 0)
                object = json_free(object);
        return object;
}

json_t *json_message_from_event(const struct event *event)
{
        return json_pack("{s:s, s:o}", "type", "device_enrollment", "data", json_from_event(event));
}

/* What says which device a message is about; @id and @known_as have 32 hexadecimal digits. */
static json_t *device_json(const char *name, const char *id, const char *known_as, int64_t time)
{
        char address[19], when[TIME_TEXT_SIZE];

        (void)snprintf(address, sizeof(address), "0x%.16s", known_as);
        return json_pack("{s:s, s:s, s:s, s:s}", "friendly_name", name, "ieee_address", address,
                         "device_id", id, "time", time_text(time, when));
}

json_t *json_message_joined(const struct event *event)
{
        /* A dry run succeeds without coming there. */
        if (event->status != EVENT_SUCCESSFUL || event->step != EVENT_STEP_GATEWAY)
                return NULL;
        return json_pack(
                "{s:s, s:o}", "type", "device_joined", "data",
                device_json(event->device, event->device_id, event->known_as, event->time));
}

json_t *json_message_interview(const struct event *event, json_t *definition)
{
        json_t *data;
        const char *status;

        if (!event->device || !event->device_id || event->step < EVENT_STEP_CONFIGURE)
                return NULL;
        if (event->status == EVENT_FAILED)
                status = "failed";
        else if (event->status == EVENT_SUCCESSFUL)
                status = "successful";
        else if (event->step == EVENT_STEP_CONFIGURE && !event->done && event->waited_sec == 0 &&
                 event->reason == REASON_NONE)
                status = "started";
        else
                return NULL;
        data = device_json(event->device, event->device_id, event->known_as, event->time);
        (void)json_object_set_new(data, "status", json_string(status));
        if (event->status == EVENT_SUCCESSFUL)
                (void)json_object_set_new(data, "supported", json_true());
        if (event->status == EVENT_SUCCESSFUL && definition)
                (void)json_object_set(data, "definition", definition);
        return json_pack("{s:s, s:o}", "type", "device_interview", "data", data);
}

/* One that is about a device and nothing else. */
static json_t *message_about(const char *type, const struct store_device *device, int64_t time)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1], known_as[2 * STORE_DEVICE_ID_BYTES + 1];

        hex_encode(device->device_id, STORE_DEVICE_ID_BYTES, id);
        hex_encode(device->known_as, STORE_DEVICE_ID_BYTES, known_as);
        return json_pack("{s:s, s:o}", "type", type, "data",
                         device_json(device->name, id, known_as, time));
}

json_t *json_message_announced(const struct store_device *device, int64_t time)
{
        return message_about("device_announce", device, time);
}

json_t *json_message_left(const struct store_device *device, int64_t time)
{
        return message_about("device_leave", device, time);
}

json_t *json_message_released(const uint8_t device_id[STORE_DEVICE_ID_BYTES], const char *name,
                              int64_t time)
{
        char id[2 * STORE_DEVICE_ID_BYTES + 1], when[TIME_TEXT_SIZE];

        hex_encode(device_id, STORE_DEVICE_ID_BYTES, id);
        return json_pack("{s:s, s:{s:s, s:s, s:s}}", "type", "device_released", "data",
                         "friendly_name", name, "device_id", id, "time", time_text(time, when));
}

json_t *json_message_replaced(const struct store_device *device, const struct store_device *former,
                              int64_t time)
{
        json_t *message = message_about("device_replaced", device, time);
        char id[2 * STORE_DEVICE_ID_BYTES + 1];

        hex_encode(former->device_id, STORE_DEVICE_ID_BYTES, id);
        (void)json_object_set_new(json_object_get(message, "data"), "replaced_id", json_string(id));
        return message;
}

json_t *json_message_missed(const struct store_device *device, uint64_t n, int64_t time)
{
        json_t *message = message_about("readings_lost", device, time);

        if (json_object_set_new(json_object_get(message, "data"), "lost",
                                json_integer((json_int_t)n)) < 0)
                message = json_free(message);
        return message;
}

json_t *json_message_recovery(const char *adapter, const char *step, int64_t time)
{
        char when[TIME_TEXT_SIZE];

        return json_pack("{s:s, s:{s:s, s:s, s:s}}", "type", "adapter_recovery", "data", "adapter",
                         adapter, "step", step, "time", time_text(time, when));
}

static const char *text_or_empty(const json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "";
}

static uint64_t number_or_zero(const json_t *object, const char *key)
{
        json_int_t number = json_integer_value(json_object_get(object, key));

        return number > 0 ? (uint64_t)number : 0;
}

int json_to_event(const json_t *object, struct event *ret_event)
{
        const char *transaction = text_or_empty(object, "transaction");
        const char *code = json_string_value(json_object_get(object, "code"));
        uint64_t step = number_or_zero(object, "step");
        enum event_status status;

        if (event_status_from_name(text_or_empty(object, "status"), &status) < 0 ||
            step > EVENT_STEPS || strlen(transaction) > EVENT_TRANSACTION_CHARS)
                return -EBADMSG;

        *ret_event = (struct event){
                .status = status,
                .step = (enum event_step)step,
                .done = json_is_true(json_object_get(object, "done")),
                .step_ms = number_or_zero(object, "step_ms"),
                .total_ms = number_or_zero(object, "total_ms"),
                .reason = code ? reason_from_code(code) : REASON_NONE,
                .source = event_source_from_name(text_or_empty(object, "source")),
                .text = text_or_empty(object, "text"),
                .device = json_string_value(json_object_get(object, "friendly_name")),
                .device_id = json_string_value(json_object_get(object, "device_id")),
                .maker = json_string_value(json_object_get(object, "manufacturer")),
                .model = json_string_value(json_object_get(object, "model_id")),
        };
        memcpy(ret_event->transaction, transaction, strlen(transaction));
        return 0;
}

int json_add_error(json_t *object, enum reason reason, const char *detail)
{
        char error[REASON_TEXT_SIZE];

        reason_explain(reason, detail, error);
        return json_object_set_new(object, "error", json_string(error)) |
               json_object_set_new(object, "code", json_string(reason_code(reason)));
}

json_t *json_from_failure(const char *code, const char *message, const char *remedy)
{
        return json_pack("{s:s, s:s, s:s}", "code", code, "message", message, "remedy", remedy);
}
