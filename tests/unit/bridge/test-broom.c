/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/json.h"
#include "bridge/broom.h"
#include "support/peer.h"
#include "support/private-broker.h"
#include "support/store-sample.h"

/* The hub's client, which says where the broker is. */
struct mqtt_client {
        struct mqtt_options options;
        bool connected;
};

const struct mqtt_options *mqtt_client_options(const struct mqtt_client *client)
{
        return &client->options;
}

bool mqtt_client_connected(const struct mqtt_client *client)
{
        return client->connected;
}

int mqtt_client_remove(struct mqtt_client *client, const char *text, const struct mqtt_done *done)
{
        (void)client;
        (void)text;
        (void)done;
        return -ENOTCONN;
}

int mqtt_client_ask_hub(struct mqtt_client *client, const char *hub)
{
        (void)client;
        (void)hub;
        return -ENOTCONN;
}

void mqtt_client_forget(struct mqtt_client *client, const void *userdata)
{
        (void)client;
        (void)userdata;
}

struct desk {
        struct store_place *place;
        sd_event *event;
        struct private_broker broker;
        struct peer peer;
        struct mqtt_client client;
        struct mirror *mirror;
        struct broom *broom;
        unsigned n_outcomes;
        struct api_answer answer;
        char topics[256];
};

static void mirror_on_swept(void *userdata)
{
        (void)userdata;
}

static const struct mirror_handler mirror_handler = {.on_swept = mirror_on_swept};

static int desk_set_up(void **state)
{
        struct desk *desk = calloc(1, sizeof(*desk));

        assert_non_null(desk);
        assert_int_equal(store_place_set_up((void **)&desk->place), 0);
        assert_int_equal(sd_event_new(&desk->event), 0);
        assert_true(private_broker_init(&desk->broker));
        private_broker_start(&desk->broker);
        peer_connect(&desk->peer, desk->broker.socket, NULL, "#");
        desk->client.options =
                (struct mqtt_options){.hub = "home", .broker = desk->broker.unix_url};
        desk->client.connected = true;
        assert_int_equal(mirror_new(&desk->client, desk->place->store, "home", &mirror_handler,
                                    desk, &desk->mirror),
                         0);
        assert_int_equal(broom_new(desk->event, &desk->client, desk->mirror, "home",
                                   "homeassistant", &desk->broom),
                         0);
        mirror_note(desk->mirror, TOPIC_AVAILABILITY, "lamp");
        *state = desk;
        return 0;
}

static int desk_tear_down(void **state)
{
        struct desk *desk = *state;

        (void)broom_free(desk->broom);
        (void)mirror_free(desk->mirror);
        peer_disconnect(&desk->peer);
        private_broker_done(&desk->broker);
        (void)sd_event_unref(desk->event);
        (void)store_place_tear_down((void **)&desk->place);
        free(desk);
        return 0;
}

static void leave(struct desk *desk, const char *topic, const char *payload)
{
        size_t n = desk->peer.n_heard;

        peer_publish(&desk->peer, topic, payload, true, NULL, NULL);
        peer_wait(desk->event, &desk->peer, NULL, desk->peer.n_heard > n);
}

static void on_outcome(void *userdata, const struct api_outcome *outcome)
{
        struct desk *desk = userdata;
        json_t *topic;
        size_t i;

        desk->n_outcomes++;
        desk->answer = outcome->answer;
        desk->topics[0] = '\0';
        json_array_foreach(json_object_get(outcome->report, "topics"), i, topic)
        {
                size_t n = strlen(desk->topics);

                (void)snprintf(desk->topics + n, sizeof(desk->topics) - n, "%s ",
                               json_string_value(topic));
        }
}

static void ask(struct desk *desk, const char *hub, bool dry_run)
{
        const struct api_request request = {.hub = hub, .dry_run = dry_run};
        const struct api_later later = {on_outcome, desk};

        broom_sweep(desk->broom, &request, &later);
}

static void expect_outcome(struct desk *desk, enum reason reason, const char *topics)
{
        while (desk->n_outcomes == 0)
                assert_true(sd_event_run(desk->event, UINT64_MAX) >= 0);
        assert_int_equal(desk->n_outcomes, 1);
        assert_int_equal(desk->answer.reason, reason);
        assert_string_equal(desk->topics, topics);
        desk->n_outcomes = 0;
}

static void test_broom_leaves_what_the_hub_publishes(void **state)
{
        struct desk *desk = *state;

        leave(desk, "enrolld/home/lamp/availability", "online");
        leave(desk, "enrolld/home/ghost/availability", "online");
        ask(desk, NULL, true);
        expect_outcome(desk, REASON_NONE, "enrolld/home/ghost/availability ");
        ask(desk, "home", false);
        expect_outcome(desk, REASON_NONE, "enrolld/home/ghost/availability ");
        ask(desk, NULL, false);
        expect_outcome(desk, REASON_NONE, "");
}

static void test_broom_leaves_a_hub_that_runs_alone(void **state)
{
        struct desk *desk = *state;

        leave(desk, "enrolld/other/lamp/availability", "online");
        leave(desk, "enrolld/other/bridge/state", "{\"state\":\"online\"}");
        ask(desk, "other", false);
        expect_outcome(desk, REASON_HUB_ONLINE, "");
        leave(desk, "enrolld/other/bridge/state", "{\"state\":\"offline\"}");
        ask(desk, "other", true);
        while (desk->n_outcomes == 0)
                assert_true(sd_event_run(desk->event, UINT64_MAX) >= 0);
        assert_non_null(strstr(desk->topics, "enrolld/other/lamp/availability "));
        assert_non_null(strstr(desk->topics, "enrolld/other/bridge/state "));
}

#define ANNOUNCEMENT(origin, hub)                                                                  \
        "{\"origin\":{\"name\":\"" origin "\"},\"availability\":[{\"topic\":\"enrolld/" hub        \
        "/bridge/state\"}]}"

/* They lie beside those of others: each says whose it is, and what does not is left alone. */
static void test_broom_takes_only_announcements_of_its_hub(void **state)
{
        static const char *const others[][2] = {
                {"device/a", ANNOUNCEMENT("enrolld", "other")},
                {"device/b", ANNOUNCEMENT("zigbee2mqtt", "home")},
                {"device/c", ANNOUNCEMENT("enrolld", "home2")},
                {"device/d", "{\"availability\":[{\"topic\":\"enrolld/home/bridge/state\"}]}"},
                {"device/e", "{\"origin\":{\"name\":\"enrolld\"}}"},
                {"device/f", "{\"origin\":\"enrolld\",\"availability\":[1,{\"topic\":2}]}"},
                {"device/g", "enrolld/home/bridge/state"},
                {"sensor/h/i", "[]"},
        };
        struct desk *desk = *state;
        char topic[64];

        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
                (void)snprintf(topic, sizeof(topic), "homeassistant/%s/config", others[i][0]);
                leave(desk, topic, others[i][1]);
        }
        mirror_note(desk->mirror, TOPIC_DISCOVERY, "homeassistant/device/here");
        leave(desk, "homeassistant/device/here/config", ANNOUNCEMENT("enrolld", "home"));
        leave(desk, "homeassistant/device/gone/config", ANNOUNCEMENT("enrolld", "home"));
        leave(desk, "elsewhere/device/gone/config", ANNOUNCEMENT("enrolld", "home"));
        ask(desk, NULL, false);
        expect_outcome(desk, REASON_NONE, "homeassistant/device/gone/config ");
        leave(desk, "homeassistant/sensor/gone/heat/config", ANNOUNCEMENT("enrolld", "home"));
        ask(desk, NULL, false);
        expect_outcome(desk, REASON_NONE, "homeassistant/sensor/gone/heat/config ");
        ask(desk, NULL, false);
        expect_outcome(desk, REASON_NONE, "");
        ask(desk, "other", false);
        expect_outcome(desk, REASON_NONE, "homeassistant/device/a/config ");
}

static void test_broom_is_asked_one_thing_at_a_time(void **state)
{
        struct desk *desk = *state;

        leave(desk, "enrolld/home/ghost", "x");
        ask(desk, NULL, true);
        assert_int_equal(desk->n_outcomes, 0);
        ask(desk, NULL, false);
        expect_outcome(desk, REASON_BUSY, "");
        expect_outcome(desk, REASON_NONE, "enrolld/home/ghost ");
        ask(desk, NULL, true);
        broom_stop(desk->broom);
        expect_outcome(desk, REASON_STOPPING, "");
        broom_stop(desk->broom);
        assert_int_equal(desk->n_outcomes, 0);
}

static void test_broom_of_a_hub_that_is_not_connected_does_not_sweep(void **state)
{
        struct desk *desk = *state;

        desk->client.connected = false;
        ask(desk, NULL, false);
        expect_outcome(desk, REASON_BROKER_UNREACHABLE, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_broom_leaves_what_the_hub_publishes),
                TEST(test_broom_leaves_a_hub_that_runs_alone),
                TEST(test_broom_takes_only_announcements_of_its_hub),
                TEST(test_broom_is_asked_one_thing_at_a_time),
                TEST(test_broom_of_a_hub_that_is_not_connected_does_not_sweep),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
