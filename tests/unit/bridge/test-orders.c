/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/command.h"
#include "api/json.h"
#include "bridge/orders.h"
#include "support/store-sample.h"

/* A hub with one device, which notes what it was asked. */
struct desk {
        char store_path[256];
        struct api_backend backend;
        struct orders *orders;
        struct api_answer outcome; /* of a command that comes there */
        bool keeps;                /* it answers later */
        struct api_later later;
        char commanded[80];
        char *answer, *event;
};

static void settle(struct desk *desk)
{
        const struct reading in_force = {
                .leaf = "identify",
                .value = {.type = MESSAGE_DECIMAL, .integer = 215, .exponent = -1}};

        desk->later.on_outcome(desk->later.userdata,
                               &(const struct api_outcome){.answer = desk->outcome,
                                                           .values = &in_force,
                                                           .n_values = 1});
}

static void desk_command(void *userdata, const struct command *command,
                         const struct api_later *later)
{
        struct desk *desk = userdata;

        assert_string_equal(command->name, "device-1");
        (void)snprintf(desk->commanded, sizeof(desk->commanded), "%s %s=%lld",
                       command->kind == COMMAND_SET ? "set" : "get", command->values[0].leaf,
                       (long long)command->values[0].value.integer);
        desk->later = *later;
        if (!desk->keeps)
                settle(desk);
}

static void desk_on_answered(void *userdata, const struct mqtt_return *to, const char *answer,
                             json_t *event)
{
        struct desk *desk = userdata;

        assert_string_equal(to->response_topic, "elsewhere");
        assert_null(desk->answer);
        desk->answer = strdup(answer);
        desk->event = json_dumps(event, JSON_COMPACT | JSON_DECIMALS);
}

static void desk_open(struct desk *desk)
{
        static const struct api_handler handler = {.on_command = desk_command};
        static const struct orders_handler orders_handler = {.on_answered = desk_on_answered};
        struct sample sample;

        *desk = (struct desk){.backend = {.handler = &handler, .userdata = desk}};
        sample_path(desk->store_path, sizeof(desk->store_path), "store");
        assert_int_equal(store_open(desk->store_path, &desk->backend.store), 0);
        sample_init(&sample, 1);
        assert_int_equal(store_enroll(desk->backend.store, &sample.enrollment), 0);
        assert_int_equal(orders_new(&desk->backend, &orders_handler, desk, &desk->orders), 0);
}

static void desk_clear(struct desk *desk)
{
        free(desk->answer);
        free(desk->event);
        desk->answer = desk->event = NULL;
        desk->commanded[0] = '\0';
}

static void desk_close(struct desk *desk)
{
        desk_clear(desk);
        (void)orders_free(desk->orders);
        (void)store_free(desk->backend.store);
        sample_clean(desk->store_path);
}

static void command(struct desk *desk, enum topic topic, const char *name, const char *payload)
{
        const struct mqtt_request request = {.topic = topic,
                                             .name = name,
                                             .payload = payload,
                                             .n_payload = strlen(payload),
                                             .to = {.response_topic = "elsewhere"}};

        desk_clear(desk);
        assert_int_equal(orders_take(desk->orders, &request), 0);
        assert_true(desk->keeps == !desk->answer);
}

static void test_orders_are_answered_to_all_and_to_the_one_who_asked(void **state)
{
        struct desk desk;

        (void)state;
        desk_open(&desk);
        command(&desk, TOPIC_SET, "device-1", "{\"identify\":7}");
        assert_string_equal(desk.commanded, "set identify=7");
        assert_string_equal(desk.answer,
                            "{\"data\":{\"values\":{\"identify\":21.5}},\"status\":\"ok\"}");
        assert_string_equal(desk.event,
                            "{\"type\":\"device_command\",\"data\":{\"values\":{\"identify\":21.5},"
                            "\"friendly_name\":\"device-1\","
                            "\"ieee_address\":\"0x0100000010101010\","
                            "\"device_id\":\"01000000101010101010101010101010\","
                            "\"set\":{\"identify\":7},\"status\":\"ok\"}}");
        command(&desk, TOPIC_SET_LEAF, "device-1/identify", "on");
        assert_string_equal(desk.commanded, "set identify=0");
        assert_non_null(strstr(desk.event, "\"set\":{\"identify\":\"on\"}"));
        command(&desk, TOPIC_SET_LEAF, "device-1/identify", "12");
        assert_string_equal(desk.commanded, "set identify=12");
        command(&desk, TOPIC_GET_LEAF, "device-1/temperature", "");
        assert_string_equal(desk.commanded, "get temperature=0");
        command(&desk, TOPIC_GET, "device-1", "");
        assert_string_equal(desk.commanded, "get temperature=0");
        command(&desk, TOPIC_GET, "device-1", "{\"temperature\":\"\"}");
        assert_string_equal(desk.commanded, "get temperature=0");

        desk.outcome = api_refuse(REASON_COMMANDS_UNAVAILABLE);
        command(&desk, TOPIC_SET, "device-1", "{\"identify\":7}");
        assert_non_null(strstr(desk.answer, "\"code\":\"commands_unavailable\""));
        assert_non_null(strstr(desk.event, "\"code\":\"commands_unavailable\""));
        desk_close(&desk);
}

static void test_orders_that_cannot_be_are_refused(void **state)
{
        static const struct {
                enum topic topic;
                const char *name, *payload, *code;
        } cases[] = {
                {TOPIC_SET, "device-1", "", "request_invalid"},
                {TOPIC_SET, "device-1", "{}", "request_invalid"},
                {TOPIC_SET, "device-1", "[7]", "request_invalid"},
                {TOPIC_SET, "device-1", "{\"identify\":7,\"identify\":8}", "request_invalid"},
                {TOPIC_SET, "device-1", "{\"identify\":null}", "request_invalid"},
                {TOPIC_SET, "device-1", "{\"identify\":[1]}", "request_invalid"},
                {TOPIC_SET_LEAF, "device-1/identify", "\xff", "request_invalid"},
                {TOPIC_GET, "device-1", "identify", "request_invalid"},
                {TOPIC_SET, "device-1", "{\"colour\":7}", "channel_unknown"},
                {TOPIC_SET, "device-1", "{\"temperature\":7}", "channel_access"},
                {TOPIC_GET_LEAF, "device-1/identify", "", "channel_access"},
                {TOPIC_SET, "nobody", "{\"identify\":7}", "no_such_device"},
        };
        struct desk desk;

        (void)state;
        desk_open(&desk);
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                command(&desk, cases[i].topic, cases[i].name, cases[i].payload);
                assert_string_equal(desk.commanded, "");
                if (!strstr(desk.answer, cases[i].code))
                        fail_msg("%s: %s", cases[i].payload, desk.answer);
                assert_non_null(strstr(desk.event, cases[i].code));
        }
        orders_close(desk.orders, true);
        command(&desk, TOPIC_SET, "device-1", "{\"identify\":7}");
        assert_non_null(strstr(desk.answer, "requests_disabled"));
        desk_close(&desk);
}

static void test_orders_wait_for_the_device(void **state)
{
        struct desk desk;

        (void)state;
        desk_open(&desk);
        desk.keeps = true;
        command(&desk, TOPIC_SET_LEAF, "device-1/identify", "7");
        assert_string_equal(desk.commanded, "set identify=7");
        settle(&desk);
        assert_non_null(strstr(desk.event, "\"set\":{\"identify\":7}"));
        assert_non_null(strstr(desk.answer, "\"status\":\"ok\""));
        desk_close(&desk);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_orders_are_answered_to_all_and_to_the_one_who_asked),
                cmocka_unit_test(test_orders_that_cannot_be_are_refused),
                cmocka_unit_test(test_orders_wait_for_the_device),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
