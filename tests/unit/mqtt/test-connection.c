/* SPDX-License-Identifier: Apache-2.0 */

/* The connection, under the client, to a real mosquitto. */

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
#include <sys/wait.h>
#include <unistd.h>

#include "mqtt/client.h"
#include "support/mqtt-hub.h"
#include "util/defer.h"
#include "util/free.h"
#include "util/log.h"

static void test_connection_goes_over_either_socket(void **state)
{
        struct mqtt_hub *h = *state;

        mqtt_hub_connect(h, h->broker.unix_url);
        h->client = mqtt_client_free(h->client);
        peer_disconnect(&h->peer);
        private_broker_stop(&h->broker);
        h->reason = REASON_MAX;
        mqtt_hub_connect(h, h->broker.tcp_url);
}

static void test_connection_leaves_offline_behind_when_freed(void **state)
{
        struct mqtt_hub *h = *state;

        mqtt_hub_connect(h, h->broker.tcp_url);
        h->client = mqtt_client_free(h->client);
        peer_wait(NULL, &h->peer, NULL, h->peer.n_heard == 1);
        assert_string_equal(h->peer.heard[0].topic, MQTT_HUB_STATE);
        assert_string_equal(h->peer.heard[0].payload, "{\"state\":\"offline\"}");
        assert_true(h->peer.heard[0].retained);
}

/* The child: a hub that runs until it is killed. */
static void hub_run_forever(struct mqtt_hub *h)
{
        sd_event *event = NULL;
        struct mqtt_client *client = NULL;

        if (sd_event_new(&event) < 0 ||
            mqtt_client_new(event, &h->options, &mqtt_hub_handler, h, &client) < 0)
                _exit(1);
        (void)alarm(600); /* if nobody kills it */
        (void)sd_event_loop(event);
        _exit(2);
}

/* To another socket of the same broker. The one that it leaves hears that the hub is offline. */
static void test_connection_restarted_goes_where_its_options_say(void **state)
{
        struct mqtt_hub *h = *state;
        char broker[320];

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "#");
        (void)snprintf(broker, sizeof(broker), "%s", h->broker.unix_url);
        h->options.broker = broker;
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_NONE);
        mqtt_hub_publish(h, TOPIC_INFO, NULL, "{}");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 1);
        h->peer.n_heard = 0;

        (void)snprintf(broker, sizeof(broker), "%s", h->broker.tcp_url);
        mqtt_hub_publish(h, TOPIC_INFO, NULL, "{}");
        h->n_states = 0;
        assert_int_equal(mqtt_client_restart(h->client), 0);
        assert_int_equal(h->n_states, 1);
        assert_int_equal(h->reason, REASON_BROKER_UNREACHABLE);
        assert_int_equal(h->n_results, 2); /* what was not acknowledged is not known to be taken */
        assert_int_equal(h->results[1], -ENOTCONN);
        mqtt_hub_wait_state(h, REASON_NONE);
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

static void test_connection_killed_leaves_its_will(void **state)
{
        struct mqtt_hub *h = *state;
        pid_t child;

        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, MQTT_HUB_STATE);
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

static void absent_then_started(struct mqtt_hub *h)
{
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_BROKER_UNREACHABLE);
        assert_int_equal(mqtt_client_publish(h->client, TOPIC_EVENT, NULL, "x", 1, NULL),
                         -ENOTCONN);
        for (int i = 0; i < 50; i++)
                peer_turn(h->event, NULL, NULL);
        assert_int_equal(h->n_states, 1); /* told once, not at each attempt */
        private_broker_start(&h->broker);
        mqtt_hub_wait_state(h, REASON_NONE);
        assert_int_equal(h->n_states, 2);
}

static void test_connection_broker_absent_at_start_is_found_later(void **state)
{
        absent_then_started(*state);
}

static void test_connection_broker_absent_on_tcp_is_found_later(void **state)
{
        struct mqtt_hub *h = *state;

        h->options.broker = h->broker.tcp_url;
        absent_then_started(h);
}

static void test_connection_tries_every_address_of_a_name(void **state)
{
        struct mqtt_hub *h = *state;
        char url[64];

        /* The broker listens on 127.0.0.1 only; localhost may name ::1 first. */
        (void)snprintf(url, sizeof(url), "tcp:localhost:%d", h->broker.port);
        private_broker_start(&h->broker);
        h->options.broker = url;
        h->options.retry_min_msec = 600000; /* another round would come too late */
        h->options.retry_max_msec = 600000;
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_NONE);
}

static void test_connection_broker_lost_is_found_again(void **state)
{
        struct mqtt_hub *h = *state;

        mqtt_hub_connect(h, h->broker.unix_url);
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "before");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 1);
        assert_int_equal(h->results[0], 0);

        peer_disconnect(&h->peer);
        assert_int_equal(kill(h->broker.pid, SIGSTOP), 0); /* takes bytes, answers nothing */
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "lost");
        private_broker_stop(&h->broker);
        mqtt_hub_wait_state(h, REASON_BROKER_UNREACHABLE);
        assert_int_equal(h->n_results, 2);
        assert_int_equal(h->results[1], -ENOTCONN);

        private_broker_start(&h->broker);
        mqtt_hub_wait_state(h, REASON_NONE);
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "after");
        peer_wait(h->event, &h->peer, NULL, h->n_results == 3);
        assert_int_equal(h->results[2], 0x10);
}

static void test_connection_silent_broker_is_given_up(void **state)
{
        struct mqtt_hub *h = *state;

        h->options.connect_msec = 20;
        h->options.broker = h->broker.tcp_url;
        private_broker_start(&h->broker);
        assert_int_equal(kill(h->broker.pid, SIGSTOP), 0); /* the kernel still accepts */
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_BROKER_UNREACHABLE);
        assert_int_equal(kill(h->broker.pid, SIGCONT), 0);
        mqtt_hub_wait_state(h, REASON_NONE);
}

/* A certificate authority and a certificate for localhost, made by openssl; false without it. */
static bool make_certificates(const struct mqtt_hub *h)
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

static void tls_configure(struct mqtt_hub *h)
{
        const char *d = h->broker.directory;
        char lines[1024];

        (void)snprintf(lines, sizeof(lines),
                       "listener %d 127.0.0.1\ncafile %s/ca.crt\ncertfile %s/server.crt\n"
                       "keyfile %s/server.key\n",
                       h->broker.tls_port, d, d, d);
        private_broker_configure(&h->broker, lines);
}

static void test_connection_tls_trusts_only_its_authority(void **state)
{
        struct mqtt_hub *h = *state;
        char url[64], ca[320];

        if (!make_certificates(h))
                skip();
        tls_configure(h);
        private_broker_start(&h->broker);
        (void)snprintf(url, sizeof(url), "tcp:localhost:%d", h->broker.tls_port);
        (void)snprintf(ca, sizeof(ca), "%s/ca.crt", h->broker.directory);
        h->options.broker = url;
        h->options.ca_file = ca;
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_NONE);
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "sealed");
        peer_wait(h->event, NULL, NULL, h->n_results == 1);
        assert_int_equal(h->results[0], 0x10);

        h->client = mqtt_client_free(h->client);
        (void)snprintf(ca, sizeof(ca), "%s/other.crt", h->broker.directory);
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_BROKER_UNREACHABLE);

        /* The right authority, but the certificate is for another name. */
        h->client = mqtt_client_free(h->client);
        h->reason = REASON_MAX;
        (void)snprintf(ca, sizeof(ca), "%s/ca.crt", h->broker.directory);
        (void)snprintf(url, sizeof(url), "tcp:127.0.0.1:%d", h->broker.tls_port);
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_BROKER_UNREACHABLE);
}

static void test_connection_wrong_password_is_refused(void **state)
{
        struct mqtt_hub *h = *state;
        char file[320];

        private_broker_configure(&h->broker, "allow_anonymous false\n");
        private_broker_write(&h->broker, "password", "wrong\n");
        (void)snprintf(file, sizeof(file), "%s/password", h->broker.directory);
        h->options.user = "enrolld";
        h->options.password_file = file;
        private_broker_start(&h->broker);
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_BROKER_LOGIN_REFUSED);
}

static void test_connection_password_of_the_file_opens(void **state)
{
        struct mqtt_hub *h = *state;
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
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_NONE);

        h->client = mqtt_client_free(h->client);
        h->options.password_file = "/nonexistent";
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_BROKER_UNREACHABLE);
}

/* Starts a client that cannot connect, and gives what it says on stderr meanwhile. */
static void hear_refusal(struct mqtt_hub *h, char *ret_said, size_t size)
{
        int kept = dup(STDERR_FILENO), said = memfd_create("said", MFD_CLOEXEC);
        ssize_t n;

        assert_true(kept >= 0 && said >= 0 && dup2(said, STDERR_FILENO) >= 0);
        h->reason = REASON_MAX;
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_BROKER_UNREACHABLE);
        h->client = mqtt_client_free(h->client);
        assert_true(dup2(kept, STDERR_FILENO) >= 0);
        n = pread(said, ret_said, size - 1, 0);
        assert_true(n >= 0);
        ret_said[n] = '\0';
        (void)close(kept);
        (void)close(said);
}

static void test_connection_missing_certificate_file_is_named(void **state)
{
        struct mqtt_hub *h = *state;
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

/* More than MQTT_PENDING_MAX in one message is no broker that acknowledges nothing; and the hub
 * learns when it can go on. */
static void test_connection_is_busy_until_the_broker_has_caught_up(void **state)
{
        _defer_(free) char *large = malloc(MQTT_PENDING_MAX + 1);
        struct mqtt_hub *h = *state;

        assert_non_null(large);
        memset(large, 'x', MQTT_PENDING_MAX + 1);
        private_broker_start(&h->broker);
        peer_connect(&h->peer, h->broker.socket, NULL, "enrolld/home/bridge/event");
        mqtt_hub_start(h);
        mqtt_hub_wait_state(h, REASON_NONE);
        assert_false(mqtt_client_is_busy(h->client));
        assert_int_equal(mqtt_client_publish(h->client, TOPIC_DEVICES, NULL, large,
                                             MQTT_PENDING_MAX + 1, NULL),
                         0);
        assert_true(mqtt_client_is_busy(h->client));
        mqtt_hub_publish(h, TOPIC_EVENT, NULL, "1");
        peer_wait(h->event, &h->peer, NULL, h->peer.n_heard == 2);
        assert_string_equal(h->peer.heard[0].payload, "1");
        assert_string_equal(h->peer.heard[1].payload, "room");
        assert_int_equal(h->n_rooms, 1);
        mqtt_hub_wait_state(h, REASON_NONE);
}

#define HUB_TEST(test) cmocka_unit_test_setup_teardown(test, mqtt_hub_set_up, mqtt_hub_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                HUB_TEST(test_connection_goes_over_either_socket),
                HUB_TEST(test_connection_leaves_offline_behind_when_freed),
                HUB_TEST(test_connection_restarted_goes_where_its_options_say),
                HUB_TEST(test_connection_killed_leaves_its_will),
                HUB_TEST(test_connection_broker_absent_at_start_is_found_later),
                HUB_TEST(test_connection_broker_absent_on_tcp_is_found_later),
                HUB_TEST(test_connection_tries_every_address_of_a_name),
                HUB_TEST(test_connection_broker_lost_is_found_again),
                HUB_TEST(test_connection_silent_broker_is_given_up),
                HUB_TEST(test_connection_tls_trusts_only_its_authority),
                HUB_TEST(test_connection_wrong_password_is_refused),
                HUB_TEST(test_connection_password_of_the_file_opens),
                HUB_TEST(test_connection_is_busy_until_the_broker_has_caught_up),
                HUB_TEST(test_connection_missing_certificate_file_is_named),
        };

        (void)signal(SIGPIPE, SIG_IGN);
        log_open("test-mqtt-connection", LOG_ERR);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
