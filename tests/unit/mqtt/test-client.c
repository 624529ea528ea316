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
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mqtt/client.h"
#include "support/peer.h"
#include "support/private-broker.h"
#include "util/free.h"
#include "util/defer.h"
#include "util/log.h"

#define STATE        "enrolld/home/bridge/state"
#define HUGE_MESSAGE (1 << 20)
#define REQUEST      "enrolld/home/bridge/request/enroll"

struct hub {
        struct private_broker broker;
        struct peer peer;
        sd_event *event;
        struct mqtt_client *client;
        struct mqtt_options options;

        enum reason reason; /* the last one told */
        unsigned n_states;
        struct mqtt_request request; /* the last one heard, its texts in the two below */
        char name[TOPIC_NAME_SIZE], payload[256];
        unsigned n_requests;
        unsigned n_births;
        bool echo; /* answers a request inside its callback */
        int results[8];
        unsigned n_results;
        unsigned n_rooms;
        unsigned n_kept;
};

static void hub_on_state(void *userdata, enum reason reason)
{
        struct hub *h = userdata;

        h->reason = reason;
        h->n_states++;
}

static void hub_on_request(void *userdata, const struct mqtt_request *request)
{
        struct hub *h = userdata;

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
        struct hub *h = userdata;

        assert_true(h->n_results < 8);
        h->results[h->n_results++] = result;
}

static void hub_on_birth(void *userdata, const char *payload, size_t n_payload)
{
        struct hub *h = userdata;

        (void)snprintf(h->payload, sizeof(h->payload), "%.*s", (int)n_payload, payload);
        h->n_births++;
}

/* Says so to everybody, on the connection that has room. */
static void hub_on_room(void *userdata)
{
        struct hub *h = userdata;

        h->n_rooms++;
        assert_false(mqtt_client_is_busy(h->client));
        assert_int_equal(mqtt_client_publish(h->client, TOPIC_EVENT, NULL, "room", 4, NULL), 0);
}

static void hub_on_kept(void *userdata, enum topic topic, const char *name)
{
        struct hub *h = userdata;

        assert_int_equal(topic, TOPIC_AVAILABILITY);
        assert_int_equal(strncmp(name, "lamp-", 5), 0);
        h->n_kept++;
}

static const struct mqtt_handler handler = {
        .on_state = hub_on_state,
        .on_request = hub_on_request,
        .on_birth = hub_on_birth,
        .on_kept = hub_on_kept,
        .on_room = hub_on_room,
};

static int set_up(void **state)
{
        struct hub *h = calloc(1, sizeof(*h));

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

static int tear_down(void **state)
{
        struct hub *h = *state;

        h->client = mqtt_client_free(h->client);
        peer_disconnect(&h->peer);
        private_broker_done(&h->broker);
        sd_event_unref(h->event);
        free(h);
        return 0;
}

static void hub_start(struct hub *h)
{
        assert_int_equal(mqtt_client_new(h->event, &h->options, &handler, h, &h->client), 0);
}

static void hub_wait_state(struct hub *h, enum reason reason)
{
        peer_wait(h->event, &h->peer, NULL, h->reason == reason);
        assert_int_equal(mqtt_client_connected(h->client), reason == REASON_NONE);
}

static void hub_publish(struct hub *h, enum topic topic, const char *name, const char *payload)
{
        const struct mqtt_done done = {.on_done = hub_on_done, .userdata = h};

        assert_int_equal(
                mqtt_client_publish(h->client, topic, name, payload, strlen(payload), &done), 0);
}

static void connect_both(struct hub *h, const char *broker)
{
        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "#");
        h->options.broker = broker;
        hub_start(h);
        hub_wait_state(h, REASON_NONE);
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 1);
        assert_string_equal(h->peer.heard[0].topic, STATE);
        assert_string_equal(h->peer.heard[0].payload, "{\"state\":\"online\"}");
        assert_true(h->peer.heard[0].retained);
        h->peer.n_heard = 0;
}

static void test_client_connects_over_either_socket(void **state)
{
        struct hub *h = *state;

        connect_both(h, h->broker.unix_url);
        h->client = mqtt_client_free(h->client);
        peer_disconnect(&h->peer);
        private_broker_stop(&h->broker);
        h->reason = REASON_MAX;
        connect_both(h, h->broker.tcp_url);
}

static void test_client_leaves_offline_behind_when_freed(void **state)
{
        struct hub *h = *state;

        connect_both(h, h->broker.tcp_url);
        h->client = mqtt_client_free(h->client);
        peer_wait(NULL, &h->peer, NULL, h->peer.n_heard == 1);
        assert_string_equal(h->peer.heard[0].topic, STATE);
        assert_string_equal(h->peer.heard[0].payload, "{\"state\":\"offline\"}");
        assert_true(h->peer.heard[0].retained);
}

/* The child: a hub that runs until it is killed. */
static void hub_run_forever(struct hub *h)
{
        sd_event *event = NULL;
        struct mqtt_client *client = NULL;

        if (sd_event_new(&event) < 0 ||
            mqtt_client_new(event, &h->options, &handler, h, &client) < 0)
                _exit(1);
        (void)alarm(600); /* if nobody kills it */
        (void)sd_event_loop(event);
        _exit(2);
}

/* To another socket of the same broker. The one that it leaves hears that the hub is offline. */
static void test_client_restarted_goes_where_its_options_say(void **state)
{
        struct hub *h = *state;
        char broker[320];

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "#");
        (void)snprintf(broker, sizeof(broker), "%s", h->broker.unix_url);
        h->options.broker = broker;
        hub_start(h);
        hub_wait_state(h, REASON_NONE);
        hub_publish(h, TOPIC_INFO, NULL, "{}");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 1);
        h->peer.n_heard = 0;

        (void)snprintf(broker, sizeof(broker), "%s", h->broker.tcp_url);
        hub_publish(h, TOPIC_INFO, NULL, "{}");
        h->n_states = 0;
        assert_int_equal(mqtt_client_restart(h->client), 0);
        assert_int_equal(h->n_states, 1);
        assert_int_equal(h->reason, REASON_BROKER_UNREACHABLE);
        assert_int_equal(h->n_results, 2); /* what was not acknowledged is not known to be taken */
        assert_int_equal(h->results[1], -ENOTCONN);
        hub_wait_state(h, REASON_NONE);
        assert_int_equal(h->n_states, 2);
        peer_wait(h->event, &h->peer, NULL,
                  h->peer.n_heard >= 2 && !strcmp(h->peer.heard[h->peer.n_heard - 1].payload,
                                                  "{\"state\":\"online\"}"));

        /* Nobody is there: that is reported, although the state has been that already. */
        (void)snprintf(broker, sizeof(broker), "unix:/nobody");
        assert_int_equal(mqtt_client_restart(h->client), 0);
        assert_int_equal(h->n_states, 3);
        peer_wait(h->event, &h->peer, NULL, h->n_states == 4);
        assert_int_equal(h->reason, REASON_BROKER_UNREACHABLE);
        (void)snprintf(broker, sizeof(broker), "nowhere");
        assert_int_equal(mqtt_client_restart(h->client), -EINVAL);
}

static void test_client_killed_leaves_its_will(void **state)
{
        struct hub *h = *state;
        pid_t child;

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, STATE);
        child = fork();
        assert_true(child >= 0);
        if (child == 0)
                hub_run_forever(h);
        peer_wait(NULL, &h->peer, NULL, h->peer.n_heard == 1);
        assert_string_equal(h->peer.heard[0].payload, "{\"state\":\"online\"}");
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        peer_wait(NULL, &h->peer, NULL, h->peer.n_heard == 2);
        assert_string_equal(h->peer.heard[1].payload, "{\"state\":\"offline\"}");
        assert_true(h->peer.heard[1].retained);
}

static void absent_then_started(struct hub *h)
{
        hub_start(h);
        hub_wait_state(h, REASON_BROKER_UNREACHABLE);
        assert_int_equal(mqtt_client_publish(h->client, TOPIC_EVENT, NULL, "x", 1, NULL),
                         -ENOTCONN);
        for (int i = 0; i < 50; i++)
                peer_turn(h->event, NULL, NULL);
        assert_int_equal(h->n_states, 1); /* told once, not at each attempt */
        private_broker_start(&h->broker);
        hub_wait_state(h, REASON_NONE);
        assert_int_equal(h->n_states, 2);
}

static void test_client_broker_absent_at_start_is_found_later(void **state)
{
        absent_then_started(*state);
}

static void test_client_broker_absent_on_tcp_is_found_later(void **state)
{
        struct hub *h = *state;

        h->options.broker = h->broker.tcp_url;
        absent_then_started(h);
}

static void test_client_tries_every_address_of_a_name(void **state)
{
        struct hub *h = *state;
        char url[64];

        /* The broker listens on 127.0.0.1 only; localhost may name ::1 first. */
        (void)snprintf(url, sizeof(url), "tcp:localhost:%d", h->broker.port);
        private_broker_start(&h->broker);
        h->options.broker = url;
        h->options.retry_min_msec = 600000; /* another round would come too late */
        h->options.retry_max_msec = 600000;
        hub_start(h);
        hub_wait_state(h, REASON_NONE);
}

static void test_client_broker_lost_is_found_again(void **state)
{
        struct hub *h = *state;

        connect_both(h, h->broker.unix_url);
        hub_publish(h, TOPIC_EVENT, NULL, "before");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 1);
        assert_int_equal(h->results[0], 0);

        peer_disconnect(&h->peer);
        assert_int_equal(kill(h->broker.pid, SIGSTOP), 0); /* takes bytes, answers nothing */
        hub_publish(h, TOPIC_EVENT, NULL, "lost");
        private_broker_stop(&h->broker);
        hub_wait_state(h, REASON_BROKER_UNREACHABLE);
        assert_int_equal(h->n_results, 2);
        assert_int_equal(h->results[1], -ENOTCONN);

        private_broker_start(&h->broker);
        hub_wait_state(h, REASON_NONE);
        hub_publish(h, TOPIC_EVENT, NULL, "after");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 3);
        assert_int_equal(h->results[2], 0x10);
}

static void test_client_silent_broker_is_given_up(void **state)
{
        struct hub *h = *state;

        h->options.connect_msec = 20;
        h->options.broker = h->broker.tcp_url;
        private_broker_start(&h->broker);
        assert_int_equal(kill(h->broker.pid, SIGSTOP), 0); /* the kernel still accepts */
        hub_start(h);
        hub_wait_state(h, REASON_BROKER_UNREACHABLE);
        assert_int_equal(kill(h->broker.pid, SIGCONT), 0);
        hub_wait_state(h, REASON_NONE);
}

/* A certificate authority and a certificate for localhost, made by openssl; false without it. */
static bool make_certificates(const struct hub *h)
{
        char command[1024];

        (void)snprintf(
                command, sizeof(command),
                "cd %s && for ca in ca other; do openssl req -x509 -newkey ec -pkeyopt "
                "ec_paramgen_curve:P-256 -nodes -keyout $ca.key -out $ca.crt -days 2 -subj /CN=$ca "
                "|| exit 1; done && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                "-keyout server.key -out server.csr -subj /CN=localhost && openssl x509 -req -in "
                "server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out server.crt",
                h->broker.directory);
        return system(strcat(command, " 2>/dev/null")) == 0;
}

static void tls_configure(struct hub *h)
{
        const char *d = h->broker.directory;
        char lines[1024];

        (void)snprintf(lines, sizeof(lines),
                       "listener %d 127.0.0.1\ncafile %s/ca.crt\ncertfile %s/server.crt\n"
                       "keyfile %s/server.key\n",
                       h->broker.tls_port, d, d, d);
        private_broker_configure(&h->broker, lines);
}

static void test_client_tls_trusts_only_its_authority(void **state)
{
        struct hub *h = *state;
        char url[64], ca[320];

        if (!make_certificates(h))
                skip();
        tls_configure(h);
        private_broker_start(&h->broker);
        (void)snprintf(url, sizeof(url), "tcp:localhost:%d", h->broker.tls_port);
        (void)snprintf(ca, sizeof(ca), "%s/ca.crt", h->broker.directory);
        h->options.broker = url;
        h->options.ca_file = ca;
        hub_start(h);
        hub_wait_state(h, REASON_NONE);
        hub_publish(h, TOPIC_EVENT, NULL, "sealed");
        peer_wait(h->event, NULL, NULL, h->n_results == 1);
        assert_int_equal(h->results[0], 0x10);

        h->client = mqtt_client_free(h->client);
        (void)snprintf(ca, sizeof(ca), "%s/other.crt", h->broker.directory);
        hub_start(h);
        hub_wait_state(h, REASON_BROKER_UNREACHABLE);

        /* The right authority, but the certificate is for another name. */
        h->client = mqtt_client_free(h->client);
        h->reason = REASON_MAX;
        (void)snprintf(ca, sizeof(ca), "%s/ca.crt", h->broker.directory);
        (void)snprintf(url, sizeof(url), "tcp:127.0.0.1:%d", h->broker.tls_port);
        hub_start(h);
        hub_wait_state(h, REASON_BROKER_UNREACHABLE);
}

static void test_client_wrong_password_is_refused(void **state)
{
        struct hub *h = *state;
        char file[320];

        private_broker_configure(&h->broker, "allow_anonymous false\n");
        private_broker_write(&h->broker, "password", "wrong\n");
        (void)snprintf(file, sizeof(file), "%s/password", h->broker.directory);
        h->options.user = "enrolld";
        h->options.password_file = file;
        private_broker_start(&h->broker);
        hub_start(h);
        hub_wait_state(h, REASON_BROKER_LOGIN_REFUSED);
}

static void test_client_password_of_the_file_opens(void **state)
{
        struct hub *h = *state;
        char file[320], line[400], command[1024];

        (void)snprintf(file, sizeof(file), "%s/users", h->broker.directory);
        (void)snprintf(line, sizeof(line), "allow_anonymous false\npassword_file %s\n", file);
        private_broker_configure(&h->broker, line);
        private_broker_write(&h->broker, "users", "enrolld:a #;secret\n");
        (void)snprintf(command, sizeof(command), "mosquitto_passwd -U %s", file);
        if (system(command) != 0)
                skip();
        private_broker_write(&h->broker, "password", "a #;secret\n");
        (void)snprintf(file, sizeof(file), "%s/password", h->broker.directory);
        h->options.user = "enrolld";
        h->options.password_file = file;
        private_broker_start(&h->broker);
        hub_start(h);
        hub_wait_state(h, REASON_NONE);

        h->client = mqtt_client_free(h->client);
        h->options.password_file = "/nonexistent";
        hub_start(h);
        hub_wait_state(h, REASON_BROKER_UNREACHABLE);
}

static void test_client_reason_codes_come_back(void **state)
{
        struct hub *h = *state;
        char line[400];

        private_broker_write(&h->broker, "acl",
                             "topic readwrite enrolld/#\ntopic read $SYS/#\ntopic read #\n");
        (void)snprintf(line, sizeof(line), "acl_file %s/acl\n", h->broker.directory);
        private_broker_configure(&h->broker, line);
        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld/home/bridge/event");
        hub_start(h);
        hub_wait_state(h, REASON_NONE);
        hub_publish(h, TOPIC_EVENT, NULL, "heard");
        hub_publish(h, TOPIC_DEVICE, "lamp", "not heard");
        hub_publish(h, TOPIC_KEYS, "00112233445566778899aabbccddeeff", "denied");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 3 && h->peer.n_heard == 1);
        assert_int_equal(h->results[0], 0x00);
        assert_int_equal(h->results[1], 0x10);
        assert_int_equal(h->results[2], 0x87);
}

/* More than MQTT_PENDING_MAX in one message is no broker that acknowledges nothing; and the hub
 * learns when it can go on. */
static void test_client_is_busy_until_the_broker_has_caught_up(void **state)
{
        _defer_(free) char *large = malloc(MQTT_PENDING_MAX + 1);
        struct hub *h = *state;

        assert_non_null(large);
        memset(large, 'x', MQTT_PENDING_MAX + 1);
        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld/home/bridge/event");
        hub_start(h);
        hub_wait_state(h, REASON_NONE);
        assert_false(mqtt_client_is_busy(h->client));
        assert_int_equal(mqtt_client_publish(h->client, TOPIC_DEVICES, NULL, large,
                                             MQTT_PENDING_MAX + 1, NULL),
                         0);
        assert_true(mqtt_client_is_busy(h->client));
        hub_publish(h, TOPIC_EVENT, NULL, "1");
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 2);
        assert_string_equal(h->peer.heard[0].payload, "1");
        assert_string_equal(h->peer.heard[1].payload, "room");
        assert_int_equal(h->n_rooms, 1);
        hub_wait_state(h, REASON_NONE);
}

/* What is published while the hub asks is not what the broker has kept. */
static void test_client_learns_what_the_broker_keeps(void **state)
{
        struct hub *h = *state;

        connect_both(h, h->broker.unix_url);
        hub_publish(h, TOPIC_AVAILABILITY, "lamp-1", "1");
        hub_publish(h, TOPIC_AVAILABILITY, "lamp-2", "1");
        hub_publish(h, TOPIC_DEVICE, "lamp-1", "1");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 3);
        assert_int_equal(mqtt_client_ask_kept(h->client, TOPIC_DEVICE), -EINVAL);
        assert_int_equal(mqtt_client_ask_kept(h->client, TOPIC_STATE), -EINVAL);
        assert_int_equal(mqtt_client_ask_kept(h->client, TOPIC_AVAILABILITY), 0);
        peer_wait(h->event, &h->peer, NULL, h->n_kept == 2);
        hub_publish(h, TOPIC_AVAILABILITY, "lamp-3", "1");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 4);
        mqtt_client_leave_kept(h->client, TOPIC_AVAILABILITY);
        hub_publish(h, TOPIC_AVAILABILITY, "lamp-4", "1");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 5);
        assert_int_equal(h->n_kept, 2);
}

static void test_client_burst_arrives_in_order(void **state)
{
        struct hub *h = *state;

        connect_both(h, h->broker.tcp_url);
        hub_publish(h, TOPIC_EVENT, NULL, "1");
        hub_publish(h, TOPIC_EVENT, NULL, "2");
        hub_publish(h, TOPIC_EVENT, NULL, "3");
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
        struct hub *h = *state;

        connect_both(h, h->broker.unix_url);
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
        hub_publish(h, TOPIC_EVENT, NULL, "end");
        peer_wait(h->event, &h->peer, NULL,
                  h->peer.n_heard > 0 &&
                          strcmp(h->peer.heard[h->peer.n_heard - 1].payload, "end") == 0);
        assert_null(peer_find(&h->peer, "enrolld/home/bridge/alert/busy"));
}

static void test_client_request_is_answered_both_ways(void **state)
{
        struct hub *h = *state;
        const struct peer_message *answer;

        connect_both(h, h->broker.unix_url);
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
        struct hub *h = *state;

        connect_both(h, h->broker.tcp_url);
        h->echo = true;
        peer_publish(&h->peer, "enrolld/home/bridge/request/device/rename", "one", false, NULL,
                     NULL);
        peer_publish(&h->peer, REQUEST, "two", false, "enrolld/home/bridge/response/enroll", "t");
        hub_publish(h, TOPIC_EVENT, NULL, "end");
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
        struct hub *h = *state;

        connect_both(h, h->broker.unix_url);
        h->echo = true;
        peer_publish(&h->peer, REQUEST, "x", false, "enrolld/home/bridge/devices", "c");
        peer_wait(h->event, &h->peer, NULL,
                  peer_find(&h->peer, "enrolld/home/bridge/response/enroll"));
        assert_string_equal(h->request.to.response_topic, "");
        assert_null(peer_find(&h->peer, "enrolld/home/bridge/devices"));
}

static void test_client_retained_request_is_refused(void **state)
{
        struct hub *h = *state;

        /* One that was there before, one that comes while connected, then an honest one. */
        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "#");
        peer_publish(&h->peer, REQUEST, "before", true, NULL, NULL);
        peer_wait(NULL, &h->peer, NULL, h->peer.n_heard == 1);
        hub_start(h);
        hub_wait_state(h, REASON_NONE);
        peer_publish(&h->peer, REQUEST, "during", true, NULL, NULL);
        peer_publish(&h->peer, REQUEST, "honest", false, NULL, NULL);
        peer_wait(h->event, &h->peer, NULL, h->n_requests > 0);
        assert_int_equal(h->n_requests, 1);
        assert_string_equal(h->payload, "honest");
}

/* Nor is what it has said before a reason to answer, even if the broker keeps it. */
static void test_client_birth_of_home_assistant_is_no_request(void **state)
{
        struct hub *h = *state;

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "#");
        peer_publish(&h->peer, "ha/status", "before", true, NULL, NULL);
        peer_wait(NULL, &h->peer, NULL, h->peer.n_heard == 1);
        h->options.birth = "ha/status";
        hub_start(h);
        hub_wait_state(h, REASON_NONE);
        /* The broker has this after the subscription. */
        hub_publish(h, TOPIC_ALERT, "busy", "x");
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
        struct hub *h = *state;

        connect_both(h, h->broker.unix_url);
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
        struct hub *h = *state;
        char *large = malloc(MQTT_REQUEST_MAX + 2), *huge = calloc(1, HUGE_MESSAGE + 1);

        assert_non_null(large);
        assert_non_null(huge);
        memset(huge, 'x', HUGE_MESSAGE);
        memset(large, 'x', MQTT_REQUEST_MAX + 1);
        large[MQTT_REQUEST_MAX + 1] = '\0';
        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld/home/bridge/state");
        hub_start(h);
        hub_wait_state(h, REASON_NONE);
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
        struct hub *h = *state;

        h->options.hub = "my home";
        assert_int_equal(mqtt_client_new(h->event, &h->options, &handler, h, &h->client), -EINVAL);
        h->options.hub = "home";
        h->options.broker = "localhost";
        assert_int_equal(mqtt_client_new(h->event, &h->options, &handler, h, &h->client), -EINVAL);
        assert_null(h->client);
        assert_null(mqtt_client_free(NULL));
}

/* Starts a client that cannot connect, and gives what it says on stderr meanwhile. */
static void hear_refusal(struct hub *h, char *ret_said, size_t size)
{
        int kept = dup(STDERR_FILENO), said = memfd_create("said", MFD_CLOEXEC);
        ssize_t n;

        assert_true(kept >= 0 && said >= 0 && dup2(said, STDERR_FILENO) >= 0);
        h->reason = REASON_MAX;
        hub_start(h);
        hub_wait_state(h, REASON_BROKER_UNREACHABLE);
        h->client = mqtt_client_free(h->client);
        assert_true(dup2(kept, STDERR_FILENO) >= 0);
        n = pread(said, ret_said, size - 1, 0);
        assert_true(n >= 0);
        ret_said[n] = '\0';
        (void)close(kept);
        (void)close(said);
}

static void test_client_missing_certificate_file_is_named(void **state)
{
        struct hub *h = *state;
        const char **files[] = {&h->options.ca_file, &h->options.cert_file, &h->options.key_file};
        char good[320], missing[320], said[1024];

        private_broker_write(&h->broker, "some.pem", "");
        (void)snprintf(good, sizeof(good), "%s/some.pem", h->broker.directory);
        (void)snprintf(missing, sizeof(missing), "%s/missing.pem", h->broker.directory);
        for (size_t i = 0; i < ELEMENTSOF(files); i++) {
                h->options.ca_file = h->options.cert_file = h->options.key_file = good;
                *files[i] = missing;
                hear_refusal(h, said, sizeof(said));
                assert_non_null(strstr(said, missing));
                assert_non_null(strstr(said, "No such file"));
        }
}

static void test_client_freed_owner_is_forgotten(void **state)
{
        struct hub *h = *state;

        connect_both(h, h->broker.unix_url);
        hub_publish(h, TOPIC_EVENT, NULL, "1");
        mqtt_client_forget(h->client, h);
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 1);
        for (int i = 0; i < 10; i++)
                peer_turn(h->event, &h->peer, NULL);
        assert_int_equal(h->n_results, 0);
}

#define HUB_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                HUB_TEST(test_client_connects_over_either_socket),
                HUB_TEST(test_client_leaves_offline_behind_when_freed),
                HUB_TEST(test_client_restarted_goes_where_its_options_say),
                HUB_TEST(test_client_killed_leaves_its_will),
                HUB_TEST(test_client_broker_absent_at_start_is_found_later),
                HUB_TEST(test_client_broker_absent_on_tcp_is_found_later),
                HUB_TEST(test_client_tries_every_address_of_a_name),
                HUB_TEST(test_client_broker_lost_is_found_again),
                HUB_TEST(test_client_silent_broker_is_given_up),
                HUB_TEST(test_client_tls_trusts_only_its_authority),
                HUB_TEST(test_client_wrong_password_is_refused),
                HUB_TEST(test_client_password_of_the_file_opens),
                HUB_TEST(test_client_reason_codes_come_back),
                HUB_TEST(test_client_is_busy_until_the_broker_has_caught_up),
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
                HUB_TEST(test_client_missing_certificate_file_is_named),
                HUB_TEST(test_client_freed_owner_is_forgotten),
        };

        (void)signal(SIGPIPE, SIG_IGN);
        log_open("test-mqtt-client", LOG_ERR);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
