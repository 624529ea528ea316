/* SPDX-License-Identifier: Apache-2.0 */

/* The outbox with a real store, a real client and a real mosquitto. */

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
#include <unistd.h>

#include "mqtt/outbox.h"
#include "support/peer.h"
#include "support/private-broker.h"
#include "support/store-sample.h"
#include "util/hex.h"
#include "util/log.h"

#define RETRY_MSEC  20
#define FAR_OFF     3600000 /* ms */
#define N_DELIVERED 512

struct hub {
        struct private_broker broker;
        struct peer peer;
        sd_event *event;
        char store_path[512];
        struct store *store;
        struct mqtt_client *client;
        struct mqtt_outbox *outbox;

        int64_t delivered[N_DELIVERED];
        size_t n_delivered;
        struct mqtt_delivery held; /* the last one */
        enum reason reason;
        unsigned n_held, n_tried, n_drained;
};

static void hub_on_state(void *userdata, enum reason reason)
{
        struct hub *h = userdata;

        if (reason == REASON_NONE)
                mqtt_outbox_resume(h->outbox);
}

static void hub_on_request(void *userdata, const struct mqtt_request *request)
{
        (void)userdata;
        (void)request;
        fail();
}

static void hub_on_delivered(void *userdata, const struct mqtt_delivery *delivery)
{
        struct hub *h = userdata;

        assert_true(h->n_delivered < N_DELIVERED);
        h->delivered[h->n_delivered++] = delivery->id;
}

static void hub_on_held(void *userdata, const struct mqtt_delivery *delivery, enum reason reason)
{
        struct hub *h = userdata;

        h->held = *delivery;
        h->reason = reason;
        h->n_held++;
}

static uint64_t hub_count(struct hub *h)
{
        uint64_t n = 0;

        assert_int_equal(store_outbox_count(h->store, &n), 0);
        return n;
}

static void hub_on_tried(void *userdata)
{
        struct hub *h = userdata;

        h->n_tried++;
        h->n_drained += hub_count(h) == 0;
}

static const struct mqtt_handler client_handler = {.on_state = hub_on_state,
                                                   .on_request = hub_on_request};
static const struct mqtt_outbox_handler outbox_handler = {
        .on_delivered = hub_on_delivered, .on_held = hub_on_held, .on_tried = hub_on_tried};

static int set_up(void **state)
{
        struct hub *h = calloc(1, sizeof(*h));

        assert_non_null(h);
        assert_true(private_broker_init(&h->broker));
        assert_true(sd_event_new(&h->event) >= 0);
        sample_path(h->store_path, sizeof(h->store_path), "enrolld.db");
        assert_int_equal(store_open(h->store_path, &h->store), 0);
        *state = h;
        return 0;
}

static int tear_down(void **state)
{
        struct hub *h = *state;

        h->outbox = mqtt_outbox_free(h->outbox);
        h->client = mqtt_client_free(h->client);
        h->store = store_free(h->store);
        peer_disconnect(&h->peer);
        private_broker_done(&h->broker);
        sample_clean(h->store_path);
        sd_event_unref(h->event);
        free(h);
        return 0;
}

static void hub_start(struct hub *h, uint64_t retry_msec)
{
        const struct mqtt_options options = {.hub = "home",
                                             .broker = h->broker.unix_url,
                                             .retry_min_msec = 10,
                                             .retry_max_msec = 40};
        const struct mqtt_outbox_patience patience = {.first_msec = retry_msec,
                                                      .longest_msec = retry_msec};

        assert_int_equal(mqtt_client_new(h->event, &options, &client_handler, h, &h->client), 0);
        assert_int_equal(mqtt_outbox_new(h->event, h->store, h->client, "home", &patience,
                                         &outbox_handler, h, &h->outbox),
                         0);
}

static void hub_add_with(struct hub *h, enum topic topic, unsigned device, const char *payload,
                         enum store_receipt receipt)
{
        uint8_t device_id[STORE_DEVICE_ID_BYTES] = {(uint8_t)device};
        char id[2 * STORE_DEVICE_ID_BYTES + 1], name[TOPIC_NAME_SIZE] = "";
        struct store_message m;

        if (topic == TOPIC_KEYS)
                (void)snprintf(name, sizeof(name), "%s",
                               hex_encode(device_id, sizeof(device_id), id));
        else if (topic == TOPIC_DEVICE)
                (void)snprintf(name, sizeof(name), "device-%u", device);
        assert_int_equal(mqtt_outbox_message(topic, "home", name, device ? device_id : NULL,
                                             payload, strlen(payload), &m),
                         0);
        m.receipt = receipt;
        assert_int_equal(store_outbox_add(h->store, &m), 0);
        if (h->outbox)
                mqtt_outbox_kick(h->outbox);
}

static void hub_add(struct hub *h, enum topic topic, unsigned device, const char *payload)
{
        hub_add_with(h, topic, device, payload, STORE_RECEIPT_NONE);
}

static void hub_wait_drained(struct hub *h)
{
        h->n_drained = 0;
        peer_wait(h->event, &h->peer, NULL, h->n_drained > 0);
        assert_int_equal(hub_count(h), 0);
}

/* What the peer heard on key topics, in order, as the last character of each topic's device. */
static size_t n_keys_heard(const struct hub *h)
{
        size_t n = 0;

        for (size_t i = 0; i < h->peer.n_heard; i++)
                n += strncmp(h->peer.heard[i].topic, "enrolld-keys/", 13) == 0;
        return n;
}

static void test_outbox_kept_rows_arrive_once_and_in_order(void **state)
{
        struct hub *h = *state;
        int next[4] = {0};

        /* Queued while there is no broker: 25 rows of each of 4 lanes, mixed. */
        for (int i = 0; i < 100; i++) {
                char payload[16];

                (void)snprintf(payload, sizeof(payload), "%d", i / 4);
                hub_add(h, TOPIC_KEYS, 1 + (unsigned)i % 4, payload);
        }
        hub_start(h, FAR_OFF);
        for (int i = 0; i < 20; i++)
                peer_turn(h->event, NULL, NULL);
        assert_int_equal(hub_count(h), 100);

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/#");
        hub_wait_drained(h);
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 100);
        for (size_t i = 0; i < 100; i++) {
                const struct peer_message *m = &h->peer.heard[i];
                int lane = m->topic[strlen("enrolld-keys/home/0")] - '1';

                assert_in_range(lane, 0, 3);
                assert_int_equal(atoi(m->payload), next[lane]++);
                assert_false(m->retained);
        }
        assert_int_equal(h->n_delivered, 100);
}

static void test_outbox_broker_lost_under_way_loses_nothing(void **state)
{
        struct hub *h = *state;
        int highest = -1;

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/#");
        hub_start(h, FAR_OFF);
        peer_wait(h->event, &h->peer, NULL, mqtt_client_connected(h->client));
        for (int i = 0; i < 100; i++) {
                char payload[16];

                (void)snprintf(payload, sizeof(payload), "%d", i);
                hub_add(h, TOPIC_KEYS, 1, payload);
        }
        peer_wait(h->event, &h->peer, NULL, h->n_delivered >= 10);
        private_broker_stop(&h->broker);
        peer_wait(h->event, NULL, NULL, !mqtt_client_connected(h->client));
        assert_true(hub_count(h) > 0);
        peer_disconnect(&h->peer);

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/#");
        hub_wait_drained(h);
        assert_int_equal(h->n_delivered, 100);
        for (size_t i = 1; i < h->n_delivered; i++)
                assert_true(h->delivered[i] == h->delivered[i - 1] + 1);
        /* The new peer heard the rest, in order, to the end. */
        for (size_t i = 0; i < h->peer.n_heard; i++) {
                assert_true(atoi(h->peer.heard[i].payload) > highest);
                highest = atoi(h->peer.heard[i].payload);
        }
        peer_wait(h->event, &h->peer, NULL,
                  h->peer.n_heard > 0 &&
                          strcmp(h->peer.heard[h->peer.n_heard - 1].payload, "99") == 0);
}

static void test_outbox_key_without_subscriber_is_kept(void **state)
{
        struct hub *h = *state;

        private_broker_start(&h->broker);
        hub_add(h, TOPIC_KEYS, 1, "first");
        hub_add(h, TOPIC_KEYS, 1, "second");
        hub_add(h, TOPIC_DEVICE, 1, "event nobody hears");
        hub_start(h, RETRY_MSEC);
        peer_wait(h->event, NULL, NULL, h->n_held >= 2);
        assert_int_equal(h->reason, REASON_NO_SUBSCRIBER);
        assert_int_equal(h->held.topic, TOPIC_KEYS);
        assert_true(h->held.has_device);
        assert_int_equal(h->held.id, 1); /* never the second before the first */
        assert_int_equal(h->n_delivered, 1);
        assert_int_equal(h->delivered[0], 3);
        assert_int_equal(hub_count(h), 2);
        assert_int_equal(h->n_drained, 0);

        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/home/+");
        hub_wait_drained(h);
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 2);
        assert_string_equal(h->peer.heard[0].payload, "first");
        assert_string_equal(h->peer.heard[1].payload, "second");
}

/* It is sent until it is acknowledged; what comes after it waits for that, and nothing else does.
 */
static void test_outbox_row_stays_until_it_is_acknowledged(void **state)
{
        struct hub *h = *state;

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/home/+");
        hub_add_with(h, TOPIC_KEYS, 1, "first", STORE_RECEIPT_WANTED);
        hub_add(h, TOPIC_KEYS, 1, "second");
        hub_add(h, TOPIC_KEYS, 2, "other");
        hub_start(h, RETRY_MSEC);
        mqtt_outbox_want_receipts(h->outbox, true);
        peer_wait(h->event, &h->peer, NULL, h->n_held >= 2);
        assert_int_equal(h->reason, REASON_KEY_NOT_ACKNOWLEDGED);
        assert_int_equal(h->held.id, 1);
        assert_int_equal(h->n_delivered, 1);
        assert_int_equal(h->delivered[0], 3);
        assert_true(n_keys_heard(h) >= 3); /* the other, and the first twice */
        assert_int_equal(hub_count(h), 2);
        assert_int_equal(h->n_drained, 0);

        assert_int_equal(store_outbox_drop(h->store, 1), 0);
        mqtt_outbox_resume_device(h->outbox, (const uint8_t[STORE_DEVICE_ID_BYTES]){1});
        hub_wait_drained(h);
        assert_int_equal(h->delivered[h->n_delivered - 1], 2);
}

/* What waits for its own receipt is neither sent again for that, nor missed. */
static void test_outbox_receipt_lets_only_its_own_device_go_on(void **state)
{
        struct hub *h = *state;

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/home/+");
        hub_add_with(h, TOPIC_KEYS, 1, "one", STORE_RECEIPT_WANTED);
        hub_add_with(h, TOPIC_KEYS, 2, "two", STORE_RECEIPT_WANTED);
        hub_add(h, TOPIC_KEYS, 1, "after one");
        hub_start(h, FAR_OFF);
        mqtt_outbox_want_receipts(h->outbox, true);
        peer_wait(h->event, &h->peer, NULL, n_keys_heard(h) == 2 && h->n_tried == 1);

        assert_int_equal(store_outbox_drop(h->store, 1), 0);
        mqtt_outbox_resume_device(h->outbox, (const uint8_t[STORE_DEVICE_ID_BYTES]){1});
        peer_wait(h->event, &h->peer, NULL, n_keys_heard(h) == 3 && h->n_tried == 2);
        assert_string_equal(h->peer.heard[2].payload, "after one");
        assert_int_equal(h->n_held, 0);
        assert_int_equal(hub_count(h), 1);

        assert_int_equal(store_outbox_drop(h->store, 2), 0);
        mqtt_outbox_resume_device(h->outbox, (const uint8_t[STORE_DEVICE_ID_BYTES]){2});
        hub_wait_drained(h);
        assert_int_equal(n_keys_heard(h), 3);
}

/* Each problem ends when no row waits because of it, whatever else waits. */
static void test_outbox_knows_why_rows_are_held(void **state)
{
        struct hub *h = *state;
        char filter[64];

        private_broker_start(&h->broker);
        (void)snprintf(filter, sizeof(filter), "enrolld-keys/home/02%030d", 0);
        peer_connect(&h->peer, h->broker.socket, NULL, filter);
        hub_add(h, TOPIC_KEYS, 1, "nobody hears it");
        hub_add_with(h, TOPIC_KEYS, 2, "two", STORE_RECEIPT_WANTED);
        hub_start(h, RETRY_MSEC);
        mqtt_outbox_want_receipts(h->outbox, true);
        peer_wait(h->event, &h->peer, NULL,
                  mqtt_outbox_holds(h->outbox, REASON_NO_SUBSCRIBER) &&
                          mqtt_outbox_holds(h->outbox, REASON_KEY_NOT_ACKNOWLEDGED));
        assert_false(mqtt_outbox_holds(h->outbox, REASON_BROKER_REFUSED));

        peer_disconnect(&h->peer);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/home/+");
        peer_wait(h->event, &h->peer, NULL, h->n_delivered == 1);
        h->n_tried = 0;
        peer_wait(h->event, &h->peer, NULL,
                  h->n_tried > 0 && mqtt_outbox_holds(h->outbox, REASON_KEY_NOT_ACKNOWLEDGED));
        assert_false(mqtt_outbox_holds(h->outbox, REASON_NO_SUBSCRIBER));
}

/* The first time there is no reason to complain. */
static void test_outbox_row_that_was_sent_once_is_not_missed_yet(void **state)
{
        struct hub *h = *state;
        struct store_message m;

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/home/+");
        hub_add_with(h, TOPIC_KEYS, 1, "key", STORE_RECEIPT_WANTED);
        hub_start(h, FAR_OFF);
        mqtt_outbox_want_receipts(h->outbox, true);
        peer_wait(h->event, &h->peer, NULL,
                  n_keys_heard(h) == 1 && store_outbox_next(h->store, 0, &m) == 0 &&
                          m.receipt == STORE_RECEIPT_AWAITED);
        assert_int_equal(h->n_held, 0);
        assert_int_equal(h->n_delivered, 0);

        /* Nobody is asked for receipts any more. */
        mqtt_outbox_want_receipts(h->outbox, false);
        mqtt_outbox_resume(h->outbox);
        hub_wait_drained(h);
        assert_int_equal(h->n_held, 0);
}

static void test_outbox_held_lane_lets_others_pass(void **state)
{
        struct hub *h = *state;
        char filter[64];

        private_broker_start(&h->broker);
        (void)snprintf(filter, sizeof(filter), "enrolld-keys/home/02%030d", 0);
        peer_connect(&h->peer, h->broker.socket, NULL, filter);
        hub_start(h, FAR_OFF);
        for (int i = 0; i < 40; i++)
                hub_add(h, TOPIC_KEYS, i % 2 ? 2 : 1, "key");
        hub_add(h, TOPIC_EVENT, 0, "event");
        peer_wait(h->event, &h->peer, NULL, h->n_delivered == 21 && h->peer.n_heard == 20);
        assert_int_equal(h->n_held, 1);
        assert_int_equal(hub_count(h), 20);
        assert_int_equal(h->n_drained, 0);
}

static void test_outbox_denied_row_is_kept_until_allowed(void **state)
{
        struct hub *h = *state;
        char line[400];

        private_broker_write(&h->broker, "acl", "topic readwrite enrolld/#\n");
        (void)snprintf(line, sizeof(line), "acl_file %s/acl\n", h->broker.directory);
        private_broker_configure(&h->broker, line);
        private_broker_start(&h->broker);
        hub_start(h, RETRY_MSEC);
        hub_add(h, TOPIC_KEYS, 1, "key");
        hub_add(h, TOPIC_DEVICE, 1, "state");
        peer_wait(h->event, NULL, NULL, h->n_held >= 2 && h->n_delivered == 1);
        assert_int_equal(h->reason, REASON_BROKER_REFUSED);
        assert_int_equal(hub_count(h), 1);

        private_broker_write(&h->broker, "acl", "topic readwrite #\n");
        assert_int_equal(kill(h->broker.pid, SIGHUP), 0);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/#");
        hub_wait_drained(h);
        peer_wait(h->event, &h->peer, NULL, n_keys_heard(h) == 1);
}

static void test_outbox_held_row_is_tried_at_once_when_reconnected(void **state)
{
        struct hub *h = *state;

        private_broker_start(&h->broker);
        hub_start(h, FAR_OFF);
        hub_add(h, TOPIC_KEYS, 1, "key");
        peer_wait(h->event, NULL, NULL, h->n_held == 1);
        private_broker_stop(&h->broker);
        peer_wait(h->event, NULL, NULL, !mqtt_client_connected(h->client));
        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/#");
        hub_wait_drained(h);
        assert_int_equal(h->n_held, 1);
}

static void test_outbox_many_lanes_go_through_few_slots(void **state)
{
        struct hub *h = *state;

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/#");
        hub_start(h, FAR_OFF);
        for (unsigned i = 1; i <= 200; i++)
                hub_add(h, TOPIC_KEYS, 1 + i % 100, "key");
        hub_wait_drained(h);
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 200);
}

static void test_outbox_many_held_lanes_are_remembered(void **state)
{
        struct hub *h = *state;

        private_broker_start(&h->broker);
        hub_start(h, FAR_OFF);
        for (unsigned i = 1; i <= 100; i++) {
                hub_add(h, TOPIC_KEYS, i, "key");
                hub_add(h, TOPIC_KEYS, i, "next key");
        }
        peer_wait(h->event, NULL, NULL, h->n_held >= 100);
        for (int i = 0; i < 20; i++)
                peer_turn(h->event, NULL, NULL);
        assert_int_equal(h->n_held, 100);
        assert_int_equal(hub_count(h), 200);
}

static void test_outbox_row_of_an_unknown_topic_is_held(void **state)
{
        struct hub *h = *state;
        struct store_message m = {.topic = "of/a/later/version", .n_payload = 1};

        private_broker_start(&h->broker);
        assert_int_equal(store_outbox_add(h->store, &m), 0);
        hub_start(h, FAR_OFF);
        hub_add(h, TOPIC_DEVICE, 1, "state");
        peer_wait(h->event, NULL, NULL, h->n_held == 1 && h->n_delivered == 1);
        assert_int_equal(h->reason, REASON_INTERNAL);
        assert_int_equal(hub_count(h), 1);
}

static void test_outbox_empty_payload_takes_a_retained_message_back(void **state)
{
        struct hub *h = *state;
        struct store_message m;

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld/home/lamp/#");
        assert_int_equal(mqtt_outbox_message(TOPIC_AVAILABILITY, "home", "lamp", NULL, NULL, 0, &m),
                         0);
        assert_int_equal(store_outbox_add(h->store, &m), 0);
        hub_start(h, FAR_OFF);
        hub_wait_drained(h);
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 1);
        assert_string_equal(h->peer.heard[0].payload, "");
        assert_true(h->peer.heard[0].retained);
}

static void test_outbox_message_is_checked(void **state)
{
        static uint8_t large[STORE_PAYLOAD_MAX + 1];
        struct store_message m;

        (void)state;
        assert_int_equal(
                mqtt_outbox_message(TOPIC_EVENT, "home", NULL, NULL, large, STORE_PAYLOAD_MAX, &m),
                0);
        assert_true(m.informational);
        assert_false(m.has_device);
        assert_string_equal(m.topic, "enrolld/home/bridge/event");
        assert_true(m.created_at > 1600000000);
        assert_int_equal(
                mqtt_outbox_message(TOPIC_EVENT, "home", NULL, NULL, large, sizeof(large), &m),
                -EMSGSIZE);
        assert_int_equal(mqtt_outbox_message(TOPIC_DEVICE, "home", "#", NULL, large, 1, &m),
                         -EINVAL);
        assert_int_equal(mqtt_outbox_message(TOPIC_SET, "home", "lamp", NULL, large, 1, &m),
                         -EACCES);
}

static void test_outbox_freed_under_way_is_forgotten(void **state)
{
        struct hub *h = *state;

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld-keys/#");
        hub_start(h, FAR_OFF);
        peer_wait(h->event, &h->peer, NULL, mqtt_client_connected(h->client));
        hub_add(h, TOPIC_KEYS, 1, "key");
        peer_wait(h->event, NULL, NULL, h->n_delivered == 0);
        h->outbox = mqtt_outbox_free(h->outbox);
        for (int i = 0; i < 10; i++)
                peer_turn(h->event, &h->peer, NULL);
        assert_null(mqtt_outbox_free(NULL));
}

#define HUB_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                HUB_TEST(test_outbox_kept_rows_arrive_once_and_in_order),
                HUB_TEST(test_outbox_broker_lost_under_way_loses_nothing),
                HUB_TEST(test_outbox_key_without_subscriber_is_kept),
                HUB_TEST(test_outbox_row_stays_until_it_is_acknowledged),
                HUB_TEST(test_outbox_receipt_lets_only_its_own_device_go_on),
                HUB_TEST(test_outbox_knows_why_rows_are_held),
                HUB_TEST(test_outbox_row_that_was_sent_once_is_not_missed_yet),
                HUB_TEST(test_outbox_held_lane_lets_others_pass),
                HUB_TEST(test_outbox_denied_row_is_kept_until_allowed),
                HUB_TEST(test_outbox_held_row_is_tried_at_once_when_reconnected),
                HUB_TEST(test_outbox_many_lanes_go_through_few_slots),
                HUB_TEST(test_outbox_many_held_lanes_are_remembered),
                HUB_TEST(test_outbox_row_of_an_unknown_topic_is_held),
                HUB_TEST(test_outbox_empty_payload_takes_a_retained_message_back),
                HUB_TEST(test_outbox_message_is_checked),
                HUB_TEST(test_outbox_freed_under_way_is_forgotten),
        };

        (void)signal(SIGPIPE, SIG_IGN);
        if (access("/dev/shm", W_OK) == 0)
                (void)setenv("TMPDIR", "/dev/shm", 0);
        log_open("test-mqtt-outbox", LOG_CRIT);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
