/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a command to a device over MQTT: the first chooses the topic, the rest is the
 * payload. Whatever comes in, there is one answer and one event of the documented shape, and what
 * reaches the gateway names channels of the device, each once and in their order, with values that
 * the wire can carry.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/command.h"
#include "api/devices.h"
#include "api/exposes.h"
#include "api/json.h"
#include "bridge/orders.h"
#include "gateway/limits.h"
#include "require.h"
#include "support/store-sample.h"
#include "util/log.h"
#include "wire/utf8.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct store_place *place;

/* One channel of each type. */
static struct store_channel channels[] = {
        {.number = 1, .leaf = "state", .type = STORE_SWITCH, .direction = STORE_BOTH},
        {.number = 2,
         .leaf = "limit",
         .direction = STORE_BOTH,
         .has_range = true,
         .low = -50,
         .high = 300,
         .step = 5,
         .exponent = -1},
        {.number = 3,
         .leaf = "mode",
         .type = STORE_ENUMERATION,
         .direction = STORE_BOTH,
         .words = "off heat cool"},
        {.number = 4, .leaf = "line", .type = STORE_TEXT, .direction = STORE_COMMAND, .length = 16},
        {.number = 5, .leaf = "restart", .type = STORE_BUTTON, .direction = STORE_COMMAND},
        {.number = 6,
         .leaf = "ring",
         .type = STORE_EVENT,
         .direction = STORE_PUBLISH,
         .words = "press"},
        {.number = 7, .leaf = "energy", .direction = STORE_PUBLISH},
};

static void check_value(const struct command *command, const struct reading *reading)
{
        const struct message_value *value = &reading->value;
        const struct store_channel *channel;
        bool is_set = command->kind == COMMAND_SET;

        require(value->channel >= 1 && value->channel <= ELEMENTSOF(channels));
        channel = &channels[value->channel - 1];
        require(strcmp(channel->leaf, reading->leaf) == 0);
        require(exposes_access(channel) & (is_set ? EXPOSES_SET : EXPOSES_GET));
        if (!is_set)
                return;
        require(limits_text(limits_check(channel, value))[0]);
        if (value->type == MESSAGE_TEXT)
                require(value->text.n_bytes <= MESSAGE_TEXT_MAX &&
                        utf8_printable(value->text.bytes, value->text.n_bytes));
}

static void take_command(void *userdata, const struct command *command,
                         const struct api_later *later)
{
        const struct api_outcome done = {
                .answer = api_accept(""),
                .values = command->values,
                .n_values = command->kind == COMMAND_SET ? command->n_values : 0,
        };

        (void)userdata;
        require(command->n_values > 0 && command->n_values <= COMMAND_VALUES_MAX);
        for (size_t i = 0; i < command->n_values; i++) {
                check_value(command, &command->values[i]);
                require(i == 0 ||
                        command->values[i - 1].value.channel < command->values[i].value.channel);
        }
        later->on_outcome(later->userdata, &done);
}

static const struct api_handler handler = {.on_command = take_command};

static void take_answer(void *userdata, const struct mqtt_return *to, const char *text,
                        json_t *event)
{
        _defer_(json_free) json_t *answer = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        const char *status = json_string_value(json_object_get(answer, "status"));
        const json_t *data = json_object_get(event, "data");
        unsigned *n_answers = userdata;
        bool is_done;

        (void)to;
        (*n_answers)++;
        require(status && json_is_object(json_object_get(answer, "data")));
        is_done = strcmp(status, "ok") == 0;
        require(is_done == !json_object_get(answer, "error"));
        require(is_done == !json_object_get(answer, "code"));
        require(json_is_string(json_object_get(data, "friendly_name")));
        require(strcmp(json_string_value(json_object_get(data, "status")), status) == 0);
}

static const struct orders_handler orders_handler = {.on_answered = take_answer};

static void tear_down(void)
{
        (void)store_place_tear_down((void **)&place);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        struct sample sample;

        (void)argc;
        (void)argv;
        log_open("fuzz-command", LOG_ERR);
        require(store_place_set_up((void **)&place) == 0 && atexit(tear_down) == 0);
        sample_init(&sample, 1);
        sample.enrollment.channels = channels;
        sample.enrollment.n_channels = ELEMENTSOF(channels);
        return store_enroll(place->store, &sample.enrollment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const struct {
                enum topic topic;
                const char *name;
        } topics[] = {
                {TOPIC_SET, "device-1"},
                {TOPIC_SET_LEAF, "device-1/state"},
                {TOPIC_SET_LEAF, "device-1/limit"},
                {TOPIC_SET_LEAF, "device-1/mode"},
                {TOPIC_SET_LEAF, "device-1/line"},
                {TOPIC_GET, "device-1"},
                {TOPIC_GET_LEAF, "device-1/energy"},
                {TOPIC_SET, "nobody"},
                {TOPIC_GET_LEAF, "device-1/ring"},
                {TOPIC_SET, "0x0100000010101010"},
        };
        const struct api_backend backend = {.handler = &handler, .store = place->store};
        struct mqtt_request request;
        struct orders *orders;
        unsigned n_answers = 0;

        if (size == 0)
                return 0;
        request = (struct mqtt_request){
                .topic = topics[data[0] % ELEMENTSOF(topics)].topic,
                .name = topics[data[0] % ELEMENTSOF(topics)].name,
                .payload = (const char *)data + 1,
                .n_payload = size - 1,
        };
        require(orders_new(&backend, &orders_handler, &n_answers, &orders) == 0);
        require(orders_take(orders, &request) == 0);
        require(n_answers == 1);
        (void)orders_free(orders);
        return 0;
}
