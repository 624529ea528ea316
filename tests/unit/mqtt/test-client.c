/* SPDX-License-Identifier: Apache-2.0 */

/* The client against a real mosquitto. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "mqtt/client.h"
#include "support/mqtt-hub.h"
#include "util/log.h"

#define HUGE_MESSAGE (1 << 20)
#define REQUEST      "enrolld/home/bridge/request/enroll"

static void test_client_reason_codes_come_back(void **state)
{
        struct mqtt_hub *h = *state;
        char line[400];

        private_broker_write(&h->broker, "acl",
                             "topic readwrite enrolld/#\ntopic read $SYS/#\ntopic read #\n");
        (void)snprintf(line, sizeof(line), "acl_file %s/acl\n", h->broker.directory);
        private_broker_configure(&h->broker, line);
        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld/home/bridge/event");
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_NONE);
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "heard");
        mqtt_hub_publish(h, TOPIC_DEVICE, "lamp", "not heard");
        mqtt_hub_publish(h, TOPIC_KEYS, "00112233445566778899aabbccddeeff", "denied");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 3 && h->peer.n_heard == 1);
        assert_int_equal(h->results[0], 0x00);
        assert_int_equal(h->results[1], 0x10);
        assert_int_equal(h->results[2], 0x87);
}

/* What is published while the hub asks is not what the broker has kept. */
static void test_client_learns_what_the_broker_keeps(void **state)
{
        struct mqtt_hub *h = *state;

        mqtt_hub_connect(h, h->broker.unix_url);
        mqtt_hub_publish(h, TOPIC_AVAILABILITY, "lamp-1", "1");
        mqtt_hub_publish(h, TOPIC_AVAILABILITY, "lamp-2", "1");
        mqtt_hub_publish(h, TOPIC_DEVICE, "lamp-1", "1");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 3);
        assert_int_equal(mqtt_client_ask_kept(h->client, TOPIC_DEVICE), -EINVAL);
        assert_int_equal(mqtt_client_ask_kept(h->client, TOPIC_STATE), -EINVAL);
        assert_int_equal(mqtt_client_ask_kept(h->client, TOPIC_AVAILABILITY), 0);
        peer_wait(h->event, &h->peer, NULL, h->n_kept == 2);
        mqtt_hub_publish(h, TOPIC_AVAILABILITY, "lamp-3", "1");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 4);
        mqtt_client_leave_kept(h->client, TOPIC_AVAILABILITY);
        mqtt_hub_publish(h, TOPIC_AVAILABILITY, "lamp-4", "1");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 5);
        assert_int_equal(h->n_kept, 2);
}

static void test_client_burst_arrives_in_order(void **state)
{
        struct mqtt_hub *h = *state;

        mqtt_hub_connect(h, h->broker.tcp_url);
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "1");
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "2");
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "3");
        assert_int_equal(h->n_results, 0); /* never from inside publish */
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 3 && h->n_results == 3);
        for (int i = 0; i < 3; i++) {
                assert_int_equal(h->peer.heard[i].payload[0], '1' + i);
                assert_false(h->peer.heard[i].retained);
                assert_int_equal(h->results[i], 0);
        }
}

static void test_client_publishes_only_what_is_in_the_table(void **state)
{
        struct mqtt_hub *h = *state;

        mqtt_hub_connect(h, h->broker.unix_url);
        assert_int_equal(mqtt_client_publish(h->client, TOPIC_DEVICE, "a/b", "x", 1, NULL),
                         -EINVAL);
        assert_int_equal(mqtt_client_publish(h->client, TOPIC_REQUEST, "enroll", "x", 1, NULL),
                         -EACCES);
        assert_int_equal(mqtt_client_publish_kept(h->client, TOPIC_EVENT, NULL, "x", 1), -EACCES);
        assert_int_equal(mqtt_client_publish_kept(h->client, TOPIC_ALERT, "busy", "x", 1), -EACCES);
        assert_int_equal(mqtt_client_publish_kept(h->client, TOPIC_DEVICE, "a/b", "x", 1), -EINVAL);
        /* A retained message, and taking it back. */
        assert_int_equal(mqtt_client_publish(h->client, TOPIC_ALERT, "busy", "x", 1, NULL), 0);
        assert_int_equal(mqtt_client_publish(h->client, TOPIC_ALERT, "busy", NULL, 0, NULL), 0);
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 2);
        assert_true(h->peer.heard[0].retained);
        assert_string_equal(h->peer.heard[1].payload, "");
        peer_disconnect(&h->peer);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld/home/bridge/#");
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "end");
        peer_wait(h->event, &h->peer, NULL,
                  h->peer.n_heard > 0 &&
                          strcmp(h->peer.heard[h->peer.n_heard - 1].payload, "end") == 0);
        assert_null(peer_find(&h->peer, "enrolld/home/bridge/alert/busy"));
}

static void test_client_request_is_answered_both_ways(void **state)
{
        struct mqtt_hub *h = *state;
        const struct peer_message *answer;

        mqtt_hub_connect(h, h->broker.unix_url);
        peer_publish(&h->peer, REQUEST, "{\"code\":\"ENR1:\"}", false, "somebody/answer", "tag-7");
        peer_wait(h->event, &h->peer, NULL, h->n_requests == 1);
        assert_int_equal(h->request.topic, TOPIC_REQUEST);
        assert_string_equal(h->name, "enroll");
        assert_string_equal(h->payload, "{\"code\":\"ENR1:\"}");

        assert_int_equal(mqtt_client_reply(h->client, &h->request.to, "{}", 2), 0);
        peer_wait(h->event, &h->peer, NULL, peer_find(&h->peer, "somebody/answer"));
        answer = peer_find(&h->peer, "somebody/answer");
        assert_string_equal(answer->payload, "{}");
        assert_string_equal(answer->correlation, "tag-7");
        answer = peer_find(&h->peer, "enrolld/home/bridge/response/enroll");
        assert_non_null(answer);
        assert_string_equal(answer->payload, "{}");
        assert_false(answer->retained);
}

static void test_client_plain_request_is_answered_once_from_its_callback(void **state)
{
        struct mqtt_hub *h = *state;

        mqtt_hub_connect(h, h->broker.tcp_url);
        h->echo = true;
        peer_publish(&h->peer, "enrolld/home/bridge/request/device/rename", "one", false, NULL,
                     NULL);
        peer_publish(&h->peer, REQUEST, "two", false, "enrolld/home/bridge/response/enroll", "t");
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "end");
        peer_wait(h->event, &h->peer, NULL,
                  h->n_requests == 2 && peer_find(&h->peer, "enrolld/home/bridge/response/enroll"));
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 5); /* two requests, three of us */
        assert_string_equal(
                peer_find(&h->peer, "enrolld/home/bridge/response/device/rename")->payload, "one");
        assert_string_equal(peer_find(&h->peer, "enrolld/home/bridge/response/enroll")->correlation,
                            "t");
}

static void test_client_answer_topic_that_forges_is_left_out(void **state)
{
        struct mqtt_hub *h = *state;

        mqtt_hub_connect(h, h->broker.unix_url);
        h->echo = true;
        peer_publish(&h->peer, REQUEST, "x", false, "enrolld/home/bridge/devices", "c");
        peer_wait(h->event, &h->peer, NULL,
                  peer_find(&h->peer, "enrolld/home/bridge/response/enroll"));
        assert_string_equal(h->request.to.response_topic, "");
        assert_null(peer_find(&h->peer, "enrolld/home/bridge/devices"));
}

static void test_client_retained_request_is_refused(void **state)
{
        struct mqtt_hub *h = *state;

        /* One that was there before, one that comes while connected, then an honest one. */
        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "#");
        peer_publish(&h->peer, REQUEST, "before", true, NULL, NULL);
        peer_wait(NULL, &h->peer, NULL, h->peer.n_heard == 1);
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_NONE);
        peer_publish(&h->peer, REQUEST, "during", true, NULL, NULL);
        peer_publish(&h->peer, REQUEST, "honest", false, NULL, NULL);
        peer_wait(h->event, &h->peer, NULL, h->n_requests > 0);
        assert_int_equal(h->n_requests, 1);
        assert_string_equal(h->payload, "honest");
}

/* Nor is what it has said before a reason to answer, even if the broker keeps it. */
static void test_client_birth_of_home_assistant_is_no_request(void **state)
{
        struct mqtt_hub *h = *state;

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "#");
        peer_publish(&h->peer, "ha/status", "before", true, NULL, NULL);
        peer_wait(NULL, &h->peer, NULL, h->peer.n_heard == 1);
        h->options.birth = "ha/status";
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_NONE);
        /* The broker has this after the subscription. */
        mqtt_hub_publish(h, TOPIC_ALERT, "busy", "x");
        peer_wait(h->event, &h->peer, NULL, peer_find(&h->peer, "enrolld/home/bridge/alert/busy"));
        peer_publish(&h->peer, "ha/status", "online", true, NULL, NULL);
        peer_wait(h->event, &h->peer, NULL, h->n_births == 1);
        assert_string_equal(h->payload, "online");
        peer_publish(&h->peer, "ha/status", "", false, NULL, NULL);
        peer_wait(h->event, &h->peer, NULL, h->n_births == 2);
        assert_string_equal(h->payload, "");
        assert_int_equal(h->n_requests, 0);
}

static void test_client_commands_to_devices_arrive(void **state)
{
        struct mqtt_hub *h = *state;

        mqtt_hub_connect(h, h->broker.unix_url);
        peer_publish(&h->peer, "enrolld/home/lamp/set", "{\"on\":true}", false, NULL, NULL);
        peer_wait(h->event, &h->peer, NULL, h->n_requests == 1);
        assert_int_equal(h->request.topic, TOPIC_SET);
        assert_string_equal(h->name, "lamp");
        assert_string_equal(h->payload, "{\"on\":true}");
        peer_publish(&h->peer, "enrolld/home/lamp/get", "", false, NULL, NULL);
        peer_wait(h->event, &h->peer, NULL, h->n_requests == 2);
        assert_int_equal(h->request.topic, TOPIC_GET);
        assert_string_equal(h->payload, "");
        peer_publish(&h->peer, "enrolld/home/lamp/set/brightness", "7", false, NULL, NULL);
        peer_wait(h->event, &h->peer, NULL, h->n_requests == 3);
        assert_int_equal(h->request.topic, TOPIC_SET_LEAF);
        assert_string_equal(h->name, "lamp/brightness");
        peer_publish(&h->peer, "enrolld/home/lamp/set", "{\"on\":false}", true, NULL, NULL);
        peer_publish(&h->peer, "enrolld/home/lamp/get/on", "", false, NULL, NULL);
        peer_wait(h->event, &h->peer, NULL, h->n_requests == 4);
        assert_int_equal(h->request.topic, TOPIC_GET_LEAF);
        assert_string_equal(h->request.to.verb, "");
}

static void test_client_oversized_request_is_refused(void **state)
{
        struct mqtt_hub *h = *state;
        char *large = malloc(MQTT_REQUEST_MAX + 2), *huge = calloc(1, HUGE_MESSAGE + 1);

        assert_non_null(large);
        assert_non_null(huge);
        memset(huge, 'x', HUGE_MESSAGE);
        memset(large, 'x', MQTT_REQUEST_MAX + 1);
        large[MQTT_REQUEST_MAX + 1] = '\0';
        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld/home/bridge/state");
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_NONE);
        peer_publish(&h->peer, REQUEST, huge, false, NULL, NULL); /* the broker drops it */
        peer_publish(&h->peer, REQUEST, large, false, NULL, NULL);
        peer_publish(&h->peer, REQUEST, large + 1, false, NULL, NULL);
        free(large);
        free(huge);
        peer_wait(h->event, &h->peer, NULL, h->n_requests > 0);
        assert_int_equal(h->n_requests, 1);
        assert_int_equal(h->request.n_payload, MQTT_REQUEST_MAX);
}

static void test_client_bad_options_are_refused(void **state)
{
        struct mqtt_hub *h = *state;

        h->options.hub = "my home";
        assert_int_equal(mqtt_client_new(h->event, &h->options, &mqtt_hub_handler, h, &h->client),
                         -EINVAL);
        h->options.hub = "home";
        h->options.broker = "localhost";
        assert_int_equal(mqtt_client_new(h->event, &h->options, &mqtt_hub_handler, h, &h->client),
                         -EINVAL);
        assert_null(h->client);
        assert_null(mqtt_client_free(NULL));
}

static void test_client_freed_owner_is_forgotten(void **state)
{
        struct mqtt_hub *h = *state;

        mqtt_hub_connect(h, h->broker.unix_url);
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "1");
        mqtt_client_forget(h->client, h);
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 1);
        for (int i = 0; i < 10; i++)
                peer_turn(h->event, &h->peer, NULL);
        assert_int_equal(h->n_results, 0);
}

#define HUB_TEST(test) cmocka_unit_test_setup_teardown(test, mqtt_hub_set_up, mqtt_hub_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                HUB_TEST(test_client_reason_codes_come_back),
                HUB_TEST(test_client_learns_what_the_broker_keeps),
                HUB_TEST(test_client_burst_arrives_in_order),
                HUB_TEST(test_client_publishes_only_what_is_in_the_table),
                HUB_TEST(test_client_request_is_answered_both_ways),
                HUB_TEST(test_client_plain_request_is_answered_once_from_its_callback),
                HUB_TEST(test_client_answer_topic_that_forges_is_left_out),
                HUB_TEST(test_client_retained_request_is_refused),
                HUB_TEST(test_client_birth_of_home_assistant_is_no_request),
                HUB_TEST(test_client_commands_to_devices_arrive),
                HUB_TEST(test_client_oversized_request_is_refused),
                HUB_TEST(test_client_bad_options_are_refused),
                HUB_TEST(test_client_freed_owner_is_forgotten),
        };

        (void)signal(SIGPIPE, SIG_IGN);
        log_open("test-mqtt-client", LOG_ERR);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
