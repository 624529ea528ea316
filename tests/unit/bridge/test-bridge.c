/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "api/json.h"
#include "bridge/bridge.h"
#include "store/retained.h"
#include "support/bridged-hub.h"
#include "support/store-sample.h"
#include "util/time.h"

/* What the hub does: the state or a condition changes, then the face is called. */
static void set_condition(struct hub *hub, enum reason reason, bool on)
{
        if (condition_set(&hub->conditions, reason, on, time_now_usec()))
                hub->face.handler->on_condition(hub->face.userdata, reason, on);
}

static void tell_event(struct hub *hub, const struct event *event)
{
        hub->face.handler->on_event(hub->face.userdata, event);
}

static void info_changed(struct hub *hub)
{
        hub->face.handler->on_info_changed(hub->face.userdata);
}

static void enroll_sample(struct hub *hub, unsigned number)
{
        struct sample sample;

        sample_init(&sample, number);
        assert_int_equal(store_enroll(hub->store, &sample.enrollment), 0);
}

static json_t *last_json(const struct hub *hub, enum topic topic, const char *name)
{
        json_t *json = json_loads(hub_last(hub, topic, name), 0, NULL);

        assert_non_null(json);
        return json;
}

static void test_bridge_connection_publishes_what_is_kept(void **state)
{
        struct hub *hub = *state;
        json_t *info, *devices, *health;

        enroll_sample(hub, 1);
        set_condition(hub, REASON_ADAPTER_OFF, true);
        hub_forget(hub);
        bridge_connected(hub->bridge);

        info = last_json(hub, TOPIC_INFO, "");
        assert_string_equal(
                json_string_value(json_object_get(json_object_get(info, "bluetooth"), "state")),
                "adapter_off");
        json_decref(info);
        devices = last_json(hub, TOPIC_DEVICES, "");
        assert_int_equal(json_array_size(devices), 1);
        json_decref(devices);
        health = last_json(hub, TOPIC_HEALTH, "");
        assert_int_equal(
                json_integer_value(json_object_get(json_object_get(health, "mqtt"), "queued")), 3);
        assert_true(json_real_value(json_object_get(json_object_get(health, "process"),
                                                    "memory_used_mb")) > 0);
        json_decref(health);
        assert_non_null(strstr(hub_last(hub, TOPIC_ALERT, "adapter_off"), "adapter_off"));
        assert_string_equal(hub_last(hub, TOPIC_ALERT, "store_full"), "");
}

static void test_bridge_devices_hold_no_key(void **state)
{
        struct hub *hub = *state;
        struct sample sample;
        char key[2 * STORE_KEY_BYTES + 1];
        const char *text;

        enroll_sample(hub, 1);
        hub_devices_changed(hub);
        text = hub_last(hub, TOPIC_DEVICES, "");
        sample_init(&sample, 1);
        for (size_t i = 0; i < STORE_KEY_BYTES; i++)
                (void)snprintf(key + 2 * i, 3, "%02x", sample.device.ownership.adv_key[i]);
        assert_null(strstr(text, key));
        for (size_t i = 0; i < STORE_KEY_BYTES; i++)
                (void)snprintf(key + 2 * i, 3, "%02x", sample.device.ownership.public_key[i]);
        assert_null(strstr(text, key));
        assert_non_null(strstr(text, "\"friendly_name\":\"device-1\""));
        assert_non_null(strstr(text, "\"interview_state\":\"IN_PROGRESS\""));
}

static void test_bridge_event_is_wrapped_and_success_says_joined(void **state)
{
        struct event event = {.status = EVENT_PROGRESS,
                              .step = EVENT_STEP_FIND,
                              .transaction = "0011223344556677",
                              .source = EVENT_SOURCE_TEXT,
                              .text = ""};
        struct hub *hub = *state;
        json_t *json;

        tell_event(hub, &event);
        assert_int_equal(hub_count(hub, TOPIC_EVENT), 1);
        json = last_json(hub, TOPIC_EVENT, "");
        assert_string_equal(json_string_value(json_object_get(json, "type")), "device_enrollment");
        assert_string_equal(
                json_string_value(json_object_get(json_object_get(json, "data"), "step_name")),
                "find");
        json_decref(json);
        event.status = EVENT_SUCCESSFUL;
        event.step = EVENT_STEP_GATEWAY;
        event.time = 1769860800;
        event.device = "thermo-one";
        event.device_id = "000102030405060708090a0b0c0d0e0f";
        event.known_as = "f0f102030405060708090a0b0c0d0e0f";
        tell_event(hub, &event);
        assert_int_equal(hub_count(hub, TOPIC_EVENT), 4);
        assert_string_equal(
                hub->client.messages[2].text,
                "{\"type\":\"device_joined\",\"data\":{\"friendly_name\":\"thermo-one\","
                "\"ieee_address\":\"0xf0f1020304050607\","
                "\"device_id\":\"000102030405060708090a0b0c0d0e0f\","
                "\"time\":\"2026-01-31T12:00:00Z\"}}");
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), "\"status\":\"successful\""));
}

/* As zigbee2mqtt does: when a device begins to configure itself, and how that ends. */
static void test_bridge_interview_is_what_a_device_does_itself(void **state)
{
        struct event event = {.status = EVENT_PROGRESS,
                              .step = EVENT_STEP_CONFIGURE,
                              .transaction = "0011223344556677",
                              .text = "",
                              .device = "device-1",
                              .device_id = "01000000101010101010101010101010",
                              .known_as = "01000000101010101010101010101010"};
        struct hub *hub = *state;
        json_t *json, *data;

        enroll_sample(hub, 1);
        tell_event(hub, &event);
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), "\"status\":\"started\""));
        event.waited_sec = 3;
        tell_event(hub, &event);
        assert_int_equal(hub_count(hub, TOPIC_EVENT), 3); /* it waits: that is no other interview */

        event.status = EVENT_SUCCESSFUL;
        event.step = EVENT_STEP_GATEWAY;
        tell_event(hub, &event);
        json = last_json(hub, TOPIC_EVENT, "");
        data = json_object_get(json, "data");
        assert_string_equal(json_string_value(json_object_get(json, "type")), "device_interview");
        assert_true(json_is_true(json_object_get(data, "supported")));
        assert_string_equal(
                json_string_value(json_object_get(json_object_get(data, "definition"), "model")),
                "Thermo One");
        json_decref(json);

        event.status = EVENT_FAILED;
        event.step = EVENT_STEP_OWN;
        event.reason = REASON_LINK_LOST;
        tell_event(hub, &event);
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), "\"status\":\"failed\""));
        event.step = EVENT_STEP_FIND;
        tell_event(hub, &event);
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), "device_enrollment"));
}

static void test_bridge_devices_are_announced_and_leave(void **state)
{
        static const char address[] = "\"ieee_address\":\"0x0100000010101010\"";
        struct hub *hub = *state;
        struct store_device row;
        struct sample one, two;

        sample_init(&one, 1);
        sample_init(&two, 2);
        two.enrollment.replaces = one.device.device_id;
        assert_int_equal(store_enroll(hub->store, &one.enrollment), 0);
        assert_int_equal(store_enroll(hub->store, &two.enrollment), 0);
        assert_int_equal(store_find_name(hub->store, "device-2", &row), 0);

        hub_set_available(hub, 1, true); /* it is gone */
        assert_int_equal(hub_count(hub, TOPIC_EVENT), 0);
        assert_int_equal(state_add(hub->state, row.device_id, row.name), 0);
        assert_true(state_reach(hub->state, row.device_id,
                                &(const struct state_reach){.available = true, .now = time(NULL)}));
        hub->face.handler->on_device_available(hub->face.userdata,
                                               state_find(hub->state, row.device_id));
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), "\"type\":\"device_announce\""));
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), "\"friendly_name\":\"device-2\""));
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), address));
        assert_int_equal(hub_count(hub, TOPIC_EVENT), 1);
        hub->face.handler->on_device_replaced(hub->face.userdata, &row, &one.device);
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), "\"type\":\"device_replaced\""));
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), address));
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""),
                               "\"replaced_id\":\"01000000101010101010101010101010\""));
        hub->face.handler->on_device_left(hub->face.userdata, &row);
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), "\"type\":\"device_leave\""));
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), address));
        hub->client.connected = false;
        hub->face.handler->on_device_replaced(hub->face.userdata, &row, &one.device);
        hub->face.handler->on_device_left(hub->face.userdata, &row);
        assert_int_equal(hub_count(hub, TOPIC_EVENT), 3);
}

static void test_bridge_info_is_published_when_it_changes(void **state)
{
        struct hub *hub = *state;

        info_changed(hub);
        info_changed(hub);
        assert_int_equal(hub_count(hub, TOPIC_INFO), 1);
        hub->running = "0011223344556677";
        info_changed(hub);
        assert_int_equal(hub_count(hub, TOPIC_INFO), 2);
        assert_non_null(strstr(hub_last(hub, TOPIC_INFO, ""), "\"enrolling\":true"));
        assert_non_null(strstr(hub_last(hub, TOPIC_INFO, ""), "\"permit_join\":false"));
        hub->scan_until = 1769860800;
        info_changed(hub);
        assert_non_null(strstr(hub_last(hub, TOPIC_INFO, ""),
                               "\"permit_join\":true,\"permit_join_end\":1769860800000"));
}

static void assert_state(const struct hub *hub, const char *name, const char *expected)
{
        json_t *json = last_json(hub, TOPIC_DEVICE, name);
        char *text;

        assert_int_equal(json_string_length(json_object_get(json, "last_seen")), 20);
        (void)json_object_del(json, "last_seen");
        text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
        assert_string_equal(text, expected);
        free(text);
        json_decref(json);
}

static void test_bridge_device_values_are_merged_and_exact(void **state)
{
        static const uint8_t text[] = "day";
        const struct message_value decimal = {.type = MESSAGE_DECIMAL,
                                              .integer = 2734,
                                              .exponent = -2},
                                   integer = {.type = MESSAGE_INTEGER, .integer = -7},
                                   boolean = {.type = MESSAGE_BOOLEAN, .integer = 1},
                                   mode = {.type = MESSAGE_TEXT, .text = {text, 3}},
                                   tenth = {.type = MESSAGE_DECIMAL, .integer = 1, .exponent = -1};
        const struct reading first[] = {{.leaf = "temperature", .value = decimal},
                                        {.leaf = "count", .value = integer}},
                             second[] = {{.leaf = "on", .value = boolean},
                                         {.leaf = "mode", .value = mode},
                                         {.leaf = "count", .value = tenth}};
        struct hub *hub = *state;

        assert_int_equal(state_add(hub->state, hub_device_id(1), "thermo"), 0);
        hub_tell_readings(hub, 1, first, 2);
        assert_state(hub, "thermo", "{\"count\":-7,\"temperature\":27.34}");
        assert_non_null(strstr(hub_last(hub, TOPIC_DEVICE, "thermo"), "27.34,"));
        hub_tell_readings(hub, 1, second, 3);
        assert_state(hub, "thermo",
                     "{\"count\":0.1,\"mode\":\"day\",\"on\":true,\"temperature\":27.34}");
        assert_int_equal(hub_count(hub, TOPIC_DEVICE), 2);
        assert_non_null(strstr(hub_last(hub, TOPIC_DEVICE, "thermo"), "2026-01-31T12:00:00Z"));
}

/* A noncharacter, with which no D-Bus message can be sent, and others that no person should see. */
static void test_bridge_text_of_a_device_is_shown_printable(void **state)
{
        static const uint8_t text[] = "a\xef\xbf\xbe"
                                      "b\xe2\x80\xae\033\0c\xc2\xb0";
        const struct reading reading = {
                .leaf = "mode", .value = {.type = MESSAGE_TEXT, .text = {text, sizeof(text) - 1}}};
        struct hub *hub = *state;

        assert_int_equal(state_add(hub->state, hub_device_id(1), "thermo"), 0);
        hub_tell_readings(hub, 1, &reading, 1);
        assert_state(hub, "thermo", "{\"mode\":\"a?b???c\xc2\xb0\"}");
}

static void test_bridge_event_is_an_action_too(void **state)
{
        const struct cbor_span press = {(const uint8_t *)"press", 5};
        const struct reading ring = {.leaf = "ring",
                                     .value = {.type = MESSAGE_TEXT, .text = press},
                                     .is_event = true},
                             own = {.leaf = "action",
                                    .value = {.type = MESSAGE_TEXT, .text = press},
                                    .is_event = true};
        struct hub *hub = *state;

        assert_int_equal(state_add(hub->state, hub_device_id(1), "bell"), 0);
        hub_tell_readings(hub, 1, &ring, 1);
        assert_state(hub, "bell", "{\"action\":\"ring_press\",\"ring\":\"press\"}");
        state_events_over(hub->state, hub_device_id(1));
        hub_tell_readings(hub, 1, &own, 1);
        assert_state(hub, "bell", "{\"action\":\"press\"}");
}

static void test_bridge_availability_is_published_when_it_changes(void **state)
{
        struct hub *hub = *state;

        hub_set_available(hub, 1, true);
        hub_set_available(hub, 1, true);
        assert_int_equal(hub_count(hub, TOPIC_AVAILABILITY), 1);
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-1"),
                            "{\"state\":\"online\"}");
        hub_set_available(hub, 1, false);
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-1"),
                            "{\"state\":\"offline\"}");
}

static void test_bridge_new_device_is_available_at_once(void **state)
{
        struct hub *hub = *state;

        assert_int_equal(state_add(hub->state, hub_device_id(1), "device-1"), 0);
        assert_true(state_reach(hub->state, hub_device_id(1),
                                &(const struct state_reach){.available = true, .now = 7}));
        hub_devices_changed(hub);
        hub->face.handler->on_device_available(hub->face.userdata,
                                               state_find(hub->state, hub_device_id(1)));
        assert_int_equal(hub_count(hub, TOPIC_AVAILABILITY), 1);
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-1"),
                            "{\"state\":\"online\"}");
}

static void test_bridge_device_that_is_gone_leaves_nothing_behind(void **state)
{
        struct hub *hub = *state;

        enroll_sample(hub, 1);
        hub_set_available(hub, 1, true);
        hub_set_available(hub, 2, true);
        assert_true(state_forget(hub->state, hub_device_id(2)));
        hub_devices_changed(hub);
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-1"),
                            "{\"state\":\"online\"}");
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-2"), "");
}

static void test_bridge_outage_loses_nothing_that_is_kept(void **state)
{
        const struct reading reading = {.leaf = "count",
                                        .value = {.type = MESSAGE_INTEGER, .integer = 1}};
        struct hub *hub = *state;

        hub->client.connected = false;
        enroll_sample(hub, 1);
        hub_set_available(hub, 1, true);
        hub_tell_readings(hub, 1, &reading, 1);
        set_condition(hub, REASON_STORE_FULL, true);
        hub_devices_changed(hub);
        assert_int_equal(hub->client.n_messages, 0);
        hub->client.connected = true;
        bridge_connected(hub->bridge);
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-1"),
                            "{\"state\":\"online\"}");
        assert_state(hub, "device-1", "{\"count\":1}");
        assert_non_null(strstr(hub_last(hub, TOPIC_ALERT, "store_full"), "remedy"));
        assert_int_equal(hub_count(hub, TOPIC_DEVICES), 1);
}

static void test_bridge_alert_stands_until_it_is_over(void **state)
{
        struct hub *hub = *state;

        set_condition(hub, REASON_ADAPTER_MISSING, true);
        set_condition(hub, REASON_ADAPTER_MISSING, true);
        assert_int_equal(hub_count(hub, TOPIC_ALERT), 1);
        set_condition(hub, REASON_ADAPTER_MISSING, false);
        assert_int_equal(hub_count(hub, TOPIC_ALERT), 2);
        assert_string_equal(hub_last(hub, TOPIC_ALERT, "adapter_missing"), "");
        hub->face.handler->on_condition(hub->face.userdata, REASON_BUSY, true);
        assert_int_equal(hub_count(hub, TOPIC_ALERT), 2);
}

/* A problem that no part of the hub causes changes nothing else in it. */
static void test_bridge_info_lists_what_stands(void **state)
{
        struct hub *hub = *state;

        bridge_connected(hub->bridge);
        set_condition(hub, REASON_STORE_FULL, true);
        assert_non_null(strstr(hub_last(hub, TOPIC_INFO, ""), "\"conditions\":[\"store_full\"]"));
        set_condition(hub, REASON_STORE_FULL, false);
        assert_non_null(strstr(hub_last(hub, TOPIC_INFO, ""), "\"conditions\":[]"));
}

static void test_bridge_alert_says_since_when(void **state)
{
        struct hub *hub = *state;
        char before[TIME_TEXT_SIZE], after[TIME_TEXT_SIZE];
        const char *since;
        json_t *json;

        set_condition(hub, REASON_ADAPTER_OFF, true);
        hub->conditions.of[REASON_ADAPTER_OFF].since = 0; /* when the machine was started */
        time_text(time_shown(0), before);
        hub->face.handler->on_condition(hub->face.userdata, REASON_ADAPTER_OFF, true);
        time_text(time_shown(0), after); /* a second may begin in between */
        json = json_loads(hub_last(hub, TOPIC_ALERT, "adapter_off"), 0, NULL);
        since = json_string_value(json_object_get(json, "since"));
        assert_true(strcmp(since, before) == 0 || strcmp(since, after) == 0);
        json_decref(json);
}

static void test_bridge_device_with_another_name_moves_its_topic(void **state)
{
        struct hub *hub = *state;

        hub_set_available(hub, 1, true);
        assert_true(state_rename(hub->state, hub_device_id(1), "kitchen"));
        hub_devices_changed(hub);
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-1"), "");
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "kitchen"), "{\"state\":\"online\"}");
}

static void test_bridge_device_that_went_during_an_outage_leaves_nothing_behind(void **state)
{
        struct hub *hub = *state;

        hub_set_available(hub, 1, true);
        hub_set_available(hub, 2, false);
        hub_devices_changed(hub);
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-2"),
                            "{\"state\":\"offline\"}");
        hub->client.connected = false;
        assert_true(state_forget(hub->state, hub_device_id(1)));
        hub_devices_changed(hub);
        hub->client.connected = true;
        hub_forget(hub);
        bridge_connected(hub->bridge);
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-1"), "");
        assert_string_equal(hub_last(hub, TOPIC_AVAILABILITY, "device-2"),
                            "{\"state\":\"offline\"}");
        assert_int_equal(hub_count(hub, TOPIC_AVAILABILITY), 2);
}

/* What comes of the orders is in test-orders.c. */
static void test_bridge_command_is_answered_on_both_ways(void **state)
{
        const struct mqtt_request request = {.topic = TOPIC_GET,
                                             .name = "nobody",
                                             .payload = "",
                                             .to = {.response_topic = "elsewhere"}};
        struct hub *hub = *state;

        bridge_request(hub->bridge, &request);
        assert_non_null(strstr(hub->client.reply, "no_such_device"));
        assert_string_equal(hub->client.reply_verb, "");
        assert_non_null(strstr(hub_last(hub, TOPIC_EVENT, ""), "\"type\":\"device_command\""));
        bridge_close_requests(hub->bridge, true);
        bridge_request(hub->bridge, &request);
        assert_non_null(strstr(hub->client.reply, "requests_disabled"));
}

static void test_bridge_request_is_answered_where_it_came_from(void **state)
{
        const struct mqtt_request request = {.topic = TOPIC_REQUEST,
                                             .name = "devices",
                                             .payload = "{\"transaction\":5}",
                                             .n_payload = 17,
                                             .to = {.verb = "devices"}};
        struct hub *hub = *state;

        bridge_request(hub->bridge, &request);
        assert_string_equal(hub->client.reply_verb, "devices");
        assert_string_equal(hub->client.reply, "{\"data\":{},\"status\":\"ok\",\"transaction\":5}");
        assert_string_equal(hub_last(hub, TOPIC_DEVICES, ""), "[]");
}

/* What the broker says to what it was asked to remove. */
static void expect_removal(struct hub *hub, const char *topic, int result)
{
        assert_string_equal(hub->client.removing, topic);
        hub->client.removing[0] = '\0';
        hub->client.removed.on_done(hub->client.removed.userdata, result);
}

static void retain(struct hub *hub, const char *topic)
{
        assert_int_equal(store_retain(hub->store, &topic, 1), 0);
}

#define GONE "enrolld/home/gone/availability"

static void test_bridge_removes_what_it_does_not_say_any_more(void **state)
{
        struct hub *hub = *state;

        retain(hub, GONE);
        retain(hub, "homeassistant/device/gone/config");
        bridge_connected(hub->bridge);
        expect_removal(hub, GONE, 0);
        /* What is refused, or lost on the way, is tried again on the next connection. */
        expect_removal(hub, "homeassistant/device/gone/config", 0x87);
        assert_string_equal(hub->client.removing, "");
        bridge_connected(hub->bridge);
        expect_removal(hub, "homeassistant/device/gone/config", -ENOTCONN);
        assert_string_equal(hub->client.removing, "");
        bridge_connected(hub->bridge);
        expect_removal(hub, "homeassistant/device/gone/config", 0x10);
        bridge_connected(hub->bridge);
        assert_string_equal(hub->client.removing, "");
        assert_int_equal(hub->client.n_asked, 0);
}

/* The topics of devices stood below device/ once, and a broker may have kept them. */
static void test_bridge_removes_what_stands_where_it_once_was(void **state)
{
        struct hub *hub = *state;

        assert_int_equal(state_add(hub->state, hub_device_id(1), "device-1"), 0);
        retain(hub, "enrolld/home/device/device-1/availability");
        bridge_connected(hub->bridge);
        expect_removal(hub, "enrolld/home/device/device-1/availability", 0);
        assert_string_equal(hub->client.removing, "");
        bridge_connected(hub->bridge);
        assert_string_equal(hub->client.removing, "");
}

/* Another hub may have its name now: only what stands under a name that is free is removed. */
static void test_bridge_removes_nothing_of_another_hub(void **state)
{
        struct hub *hub = *state;

        retain(hub, "enrolld/attic/bridge/info");
        retain(hub, "enrolld/attic/bridge/state");
        retain(hub, "enrolld/attic/gone/availability");
        bridge_connected(hub->bridge);
        assert_int_equal(hub->client.n_asked, 1);
        assert_string_equal(hub->client.asked, "attic");
        assert_string_equal(hub->client.removing, "");
        bridge_no_hub(hub->bridge, "cellar");
        assert_string_equal(hub->client.removing, "");

        bridge_no_hub(hub->bridge, "attic");
        expect_removal(hub, "enrolld/attic/bridge/info", 0);
        expect_removal(hub, "enrolld/attic/gone/availability", -ENOTCONN);

        /* The state goes last, because it is what tells that the name is free. */
        bridge_connected(hub->bridge);
        bridge_no_hub(hub->bridge, "attic");
        expect_removal(hub, "enrolld/attic/gone/availability", 0);
        expect_removal(hub, "enrolld/attic/bridge/state", 0);
        bridge_connected(hub->bridge);
        assert_int_equal(hub->client.n_asked, 2);
}

static void test_bridge_topic_that_comes_back_while_it_is_removed_is_remembered(void **state)
{
        char topic[STORE_TOPIC_SIZE] = "enrolld/home/bridge/alert/";
        struct hub *hub = *state;

        retain(hub, "enrolld/home/bridge/alert/store_full");
        bridge_connected(hub->bridge);
        assert_true(condition_set(&hub->conditions, REASON_STORE_FULL, true, 1));
        hub->face.handler->on_condition(hub->face.userdata, REASON_STORE_FULL, true);
        expect_removal(hub, "enrolld/home/bridge/alert/store_full", 0);
        assert_int_equal(store_retained_after(hub->store, topic, topic), 0);
        assert_string_equal(topic, "enrolld/home/bridge/alert/store_full");
}

static void test_bridge_remembers_what_the_broker_holds(void **state)
{
        char topic[STORE_TOPIC_SIZE] = "";
        struct hub *hub = *state;

        assert_int_equal(state_add(hub->state, hub_device_id(1), "device-1"), 0);
        bridge_connected(hub->bridge);
        for (const char *const *expected =
                     (const char *const[]){"enrolld/home/bridge/devices",
                                           "enrolld/home/bridge/health", "enrolld/home/bridge/info",
                                           "enrolld/home/bridge/state",
                                           "enrolld/home/device-1/availability", NULL};
             *expected; expected++) {
                assert_int_equal(store_retained_after(hub->store, topic, topic), 0);
                assert_string_equal(topic, *expected);
        }
        assert_int_equal(store_retained_after(hub->store, topic, topic), STORE_E_NONE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, hub_set_up, hub_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_bridge_connection_publishes_what_is_kept),
                TEST(test_bridge_devices_hold_no_key),
                TEST(test_bridge_event_is_wrapped_and_success_says_joined),
                TEST(test_bridge_interview_is_what_a_device_does_itself),
                TEST(test_bridge_devices_are_announced_and_leave),
                TEST(test_bridge_info_is_published_when_it_changes),
                TEST(test_bridge_device_values_are_merged_and_exact),
                TEST(test_bridge_text_of_a_device_is_shown_printable),
                TEST(test_bridge_event_is_an_action_too),
                TEST(test_bridge_availability_is_published_when_it_changes),
                TEST(test_bridge_new_device_is_available_at_once),
                TEST(test_bridge_device_that_is_gone_leaves_nothing_behind),
                TEST(test_bridge_outage_loses_nothing_that_is_kept),
                TEST(test_bridge_alert_stands_until_it_is_over),
                TEST(test_bridge_info_lists_what_stands),
                TEST(test_bridge_alert_says_since_when),
                TEST(test_bridge_device_with_another_name_moves_its_topic),
                TEST(test_bridge_device_that_went_during_an_outage_leaves_nothing_behind),
                TEST(test_bridge_removes_what_it_does_not_say_any_more),
                TEST(test_bridge_removes_what_stands_where_it_once_was),
                TEST(test_bridge_removes_nothing_of_another_hub),
                TEST(test_bridge_topic_that_comes_back_while_it_is_removed_is_remembered),
                TEST(test_bridge_remembers_what_the_broker_holds),
                TEST(test_bridge_command_is_answered_on_both_ways),
                TEST(test_bridge_request_is_answered_where_it_came_from),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
