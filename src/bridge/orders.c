/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/orders.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/command.h"
#include "api/devices.h"
#include "api/json.h"
#include "util/free.h"
#include "util/hex.h"
#include "util/log.h"

#define DUMP_FLAGS (JSON_COMPACT | JSON_DECIMALS)

struct orders {
        const struct api_backend *backend;
        const struct orders_handler *handler;
        void *userdata;
        bool closed;
};

/* One on its way to its answer. */
struct order {
        struct orders *orders;
        struct mqtt_return to;
        char device[TOPIC_NAME_SIZE]; /* as the topic says */
        const char *leaf;             /* the same; NULL if it names none */
        json_t *asked;                /* {leaf: value} or [leaf]; NULL: everything */
        struct command command;
};

int orders_new(const struct api_backend *backend, const struct orders_handler *handler,
               void *userdata, struct orders **ret_orders)
{
        struct orders *orders = calloc(1, sizeof(*orders));

        if (!orders)
                return -ENOMEM;
        orders->backend = backend;
        orders->handler = handler;
        orders->userdata = userdata;
        *ret_orders = orders;
        return 0;
}

struct orders *orders_free(struct orders *orders)
{
        free(orders);
        return NULL;
}

void orders_close(struct orders *orders, bool closed)
{
        orders->closed = closed;
}

static void order_free(struct order *order)
{
        (void)json_free(order->asked);
        free(order);
}

/* --- the answer --- */

/* {"values"} of what is in force, or {}. */
static json_t *data_json(const struct api_outcome *outcome)
{
        if (outcome->answer.reason != REASON_NONE)
                return json_object();
        return json_pack("{s:o}", "values", command_values(outcome->values, outcome->n_values));
}

static int add_status(json_t *object, const struct api_answer *answer)
{
        bool is_done = answer->reason == REASON_NONE;
        int r = json_object_set_new(object, "status", json_string(is_done ? "ok" : "error"));

        return is_done ? r : r | json_add_error(object, answer->reason, answer->detail);
}

/* Which device it was for, and what it was. */
static json_t *event_json(const struct order *order, const struct api_outcome *outcome)
{
        const struct command *command = &order->command;
        bool is_set = command->kind == COMMAND_SET;
        _defer_(json_free) json_t *data = data_json(outcome);
        char address[DEVICES_ADDRESS_SIZE], id[2 * STORE_DEVICE_ID_BYTES + 1];
        bool known = command->name[0];
        int r = 0;

        if (!data)
                return NULL;
        r |= json_object_set_new(data, "friendly_name",
                                 json_string(known ? command->name : order->device));
        if (known)
                r |= json_object_set_new(data, "ieee_address",
                                         json_string(devices_address(command->known_as, address))) |
                     json_object_set_new(data, "device_id",
                                         json_string(hex_encode(command->device_id,
                                                                sizeof(command->device_id), id)));
        if (order->asked)
                r |= json_object_set(data, is_set ? "set" : "get", order->asked);
        r |= add_status(data, &outcome->answer);
        if (r < 0)
                return NULL;
        return json_pack("{s:s, s:O}", "type", "device_command", "data", data);
}

static char *answer_text(const struct api_outcome *outcome)
{
        _defer_(json_free) json_t *answer = json_pack("{s:o}", "data", data_json(outcome));

        if (!answer || add_status(answer, &outcome->answer) < 0)
                return NULL;
        return json_dumps(answer, DUMP_FLAGS);
}

static void order_on_outcome(void *userdata, const struct api_outcome *outcome)
{
        struct order *order = userdata;
        struct orders *orders = order->orders;
        _defer_(json_free) json_t *event = event_json(order, outcome);
        _defer_(free) char *answer = answer_text(outcome);

        if (outcome->answer.reason != REASON_NONE)
                log_warning("MQTT command to %s refused: %s%s%s", order->device,
                            reason_code(outcome->answer.reason),
                            outcome->answer.detail[0] ? ", " : "", outcome->answer.detail);
        if (event && answer)
                orders->handler->on_answered(orders->userdata, &order->to, answer, event);
        else
                log_error("MQTT: the answer to a command cannot be made");
        order_free(order);
}

/* --- what is asked --- */

/* JSON, or as people type it, a text without quote marks; NULL if it is not UTF-8. */
static json_t *parse_bare(const char *payload, size_t n_payload)
{
        json_t *value = json_loadb(payload, n_payload, JSON_DECODE_ANY, NULL);

        return value ? value : json_stringn(payload, n_payload);
}

/* Reads the payload into order->asked. False if it is wrong, with a phrase. */
static bool order_parse(struct order *order, const struct mqtt_request *request,
                        char ret_wrong[API_DETAIL_SIZE])
{
        const char *payload = request->payload;
        size_t n = request->n_payload;
        bool is_set = order->command.kind == COMMAND_SET;

        if (n > ORDERS_PAYLOAD_MAX) {
                (void)snprintf(ret_wrong, API_DETAIL_SIZE, "the payload is longer than %d KiB",
                               ORDERS_PAYLOAD_MAX / 1024);
                return false;
        }
        if (order->leaf && is_set)
                order->asked = json_pack("{s:o}", order->leaf, parse_bare(payload, n));
        else if (order->leaf)
                order->asked = json_pack("[s]", order->leaf);
        else if (n > 0)
                order->asked = json_loadb(payload, n, JSON_REJECT_DUPLICATES, NULL);
        if (order->asked || (!is_set && n == 0))
                return true;
        (void)snprintf(ret_wrong, API_DETAIL_SIZE, "the payload is not %s",
                       order->leaf ? "a value"
                       : is_set    ? "a JSON object"
                                   : "a JSON object or list");
        return false;
}

/* Checks and passes it on. */
static struct api_answer order_run(struct order *order, const struct mqtt_request *request)
{
        const struct api_later later = {order_on_outcome, order};
        enum command_kind kind = order->command.kind;
        char wrong[API_DETAIL_SIZE];

        if (order->orders->closed)
                return api_refuse(REASON_REQUESTS_DISABLED);
        if (!order_parse(order, request, wrong) ||
            !command_read(kind, order->device, order->asked, &order->command, wrong))
                return api_refuse_because(REASON_REQUEST_INVALID, "%s", wrong);
        command_run(order->orders->backend, &order->command, &later);
        return api_accept("");
}

int orders_take(struct orders *orders, const struct mqtt_request *request)
{
        struct order *order = calloc(1, sizeof(*order));
        struct api_outcome refusal = {.n_values = 0};
        bool is_get = request->topic == TOPIC_GET || request->topic == TOPIC_GET_LEAF;
        char *slash;

        if (!order)
                return -ENOMEM;
        order->orders = orders;
        order->to = request->to;
        order->command.kind = is_get ? COMMAND_GET : COMMAND_SET;
        (void)snprintf(order->device, sizeof(order->device), "%s", request->name);
        slash = strchr(order->device, '/');
        if (slash) {
                *slash = '\0';
                order->leaf = slash + 1;
        }
        refusal.answer = order_run(order, request);
        if (refusal.answer.reason != REASON_NONE)
                order_on_outcome(order, &refusal);
        return 0;
}
