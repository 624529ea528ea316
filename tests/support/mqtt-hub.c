/* SPDX-License-Identifier: Apache-2.0 */

#include "support/mqtt-hub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

static void hub_on_state(void *userdata, enum reason reason)
{
        struct mqtt_hub *h = userdata;

        h->reason = reason;
        h->n_states++;
}

static void hub_on_request(void *userdata, const struct mqtt_request *request)
{
        struct mqtt_hub *h = userdata;

        h->request = *request;
        (void)snprintf(h->name, sizeof(h->name), "%s", request->name);
        (void)snprintf(h->payload, sizeof(h->payload), "%.*s", (int)request->n_payload,
                       request->payload);
        h->n_requests++;
        if (h->echo)
                assert_int_equal(mqtt_client_reply(h->client, &request->to, request->payload,
                                                   request->n_payload),
                                 0);
}

static void hub_on_done(void *userdata, int result)
{
        struct mqtt_hub *h = userdata;

        assert_true(h->n_results < 8);
        h->results[h->n_results++] = result;
}

static void hub_on_birth(void *userdata, const char *payload, size_t n_payload)
{
        struct mqtt_hub *h = userdata;

        (void)snprintf(h->payload, sizeof(h->payload), "%.*s", (int)n_payload, payload);
        h->n_births++;
}

/* Says so to everybody, on the connection that has room. */
static void hub_on_room(void *userdata)
{
        struct mqtt_hub *h = userdata;

        h->n_rooms++;
        assert_false(mqtt_client_is_busy(h->client));
        assert_int_equal(mqtt_client_publish(h->client, TOPIC_EVENT, NULL, "room", 4, NULL), 0);
}

static void hub_on_kept(void *userdata, enum topic topic, const char *name)
{
        struct mqtt_hub *h = userdata;

        assert_int_equal(topic, TOPIC_AVAILABILITY);
        assert_int_equal(strncmp(name, "lamp-", 5), 0);
        h->n_kept++;
}

const struct mqtt_handler mqtt_hub_handler = {
        .on_state = hub_on_state,
        .on_request = hub_on_request,
        .on_birth = hub_on_birth,
        .on_kept = hub_on_kept,
        .on_room = hub_on_room,
};

int mqtt_hub_set_up(void **state)
{
        struct mqtt_hub *h = calloc(1, sizeof(*h));

        assert_non_null(h);
        assert_true(private_broker_init(&h->broker));
        assert_true(sd_event_new(&h->event) >= 0);
        h->options = (struct mqtt_options){.hub = "home",
                                           .broker = h->broker.unix_url,
                                           .retry_min_msec = 10,
                                           .retry_max_msec = 40};
        h->reason = REASON_MAX;
        *state = h;
        return 0;
}

int mqtt_hub_tear_down(void **state)
{
        struct mqtt_hub *h = *state;

        h->client = mqtt_client_free(h->client);
        peer_disconnect(&h->peer);
        private_broker_done(&h->broker);
        sd_event_unref(h->event);
        free(h);
        return 0;
}

void mqtt_hub_start(struct mqtt_hub *h)
{
        assert_int_equal(mqtt_client_new(h->event, &h->options, &mqtt_hub_handler, h, &h->client),
                         0);
}

void mqtt_hub_wait_state(struct mqtt_hub *h, enum reason reason)
{
        peer_wait(h->event, &h->peer, NULL, h->reason == reason);
        assert_int_equal(mqtt_client_connected(h->client), reason == REASON_NONE);
}

void mqtt_hub_publish(struct mqtt_hub *h, enum topic topic, const char *name, const char *payload)
{
        const struct mqtt_done done = {.on_done = hub_on_done, .userdata = h};

        assert_int_equal(
                mqtt_client_publish(h->client, topic, name, payload, strlen(payload), &done), 0);
}

void mqtt_hub_connect(struct mqtt_hub *h, const char *broker)
{
        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "#");
        h->options.broker = broker;
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_NONE);
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 1);
        assert_string_equal(h->peer.heard[0].topic, MQTT_HUB_STATE);
        assert_string_equal(h->peer.heard[0].payload, "{\"state\":\"online\"}");
        assert_true(h->peer.heard[0].retained);
        h->peer.n_heard = 0;
}
