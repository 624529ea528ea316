/* SPDX-License-Identifier: Apache-2.0 */

/* The client with a name server and a broker that do not do what they should. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "mqtt/client.h"
#include "mqtt/dial.h"
#include "util/free.h"

#define SILENT_HOST "silent.invalid"
#define LARGE       100000 /* bytes of a message */

/* Closed when the name server may answer at last. */
static int silence[2];

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
        static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
        char byte;

        if (node && strcmp(node, SILENT_HOST) == 0)
                return read(silence[0], &byte, 1) < 0 ? EAI_SYSTEM : EAI_AGAIN;
        if (!real)
                *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
        return real(node, service, hints, ret);
}

/* A client, and a broker that the test plays. */
struct world {
        sd_event *event;
        struct mqtt_client *client;
        char address[64];
        int listener, broker;
        enum reason reason;
        size_t n_states, n_lost;
};

static void on_state(void *userdata, enum reason reason)
{
        struct world *w = userdata;

        w->reason = reason;
        w->n_states++;
}

static void on_request(void *userdata, const struct mqtt_request *request)
{
        (void)userdata;
        (void)request;
}

static void on_done(void *userdata, int result)
{
        struct world *w = userdata;

        assert_int_equal(result, -ENOTCONN);
        w->n_lost++;
}

static const struct mqtt_handler handler = {.on_state = on_state, .on_request = on_request};

static int set_up(void **state)
{
        struct world *w = calloc(1, sizeof(*w));
        struct sockaddr_un where = {.sun_family = AF_UNIX};

        assert_non_null(w);
        assert_true(sd_event_new(&w->event) >= 0);
        (void)snprintf(where.sun_path, sizeof(where.sun_path), "/tmp/test-dial-%d", (int)getpid());
        (void)snprintf(w->address, sizeof(w->address), "unix:%s", where.sun_path);
        w->broker = -1;
        w->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(w->listener >= 0);
        assert_int_equal(bind(w->listener, (const struct sockaddr *)&where, sizeof(where)), 0);
        assert_int_equal(listen(w->listener, 1), 0);
        *state = w;
        return 0;
}

static int tear_down(void **state)
{
        struct world *w = *state;

        w->client = mqtt_client_free(w->client);
        w->broker = fd_close(w->broker);
        w->listener = fd_close(w->listener);
        (void)unlink(w->address + strlen("unix:"));
        w->event = sd_event_unref(w->event);
        free(w);
        return 0;
}

static void start(struct world *w, const char *broker, unsigned connect_msec)
{
        const struct mqtt_options options = {.hub = "home",
                                             .broker = broker,
                                             .retry_min_msec = 10,
                                             .retry_max_msec = 20,
                                             .connect_msec = connect_msec};

        assert_int_equal(mqtt_client_new(w->event, &options, &handler, w, &w->client), 0);
}

static void turn_until(struct world *w, const size_t *count, size_t wanted)
{
        for (unsigned i = 0; i < 12000 && *count < wanted; i++)
                assert_true(sd_event_run(w->event, 10000) >= 0);
        assert_true(*count >= wanted);
}

/* Takes the client's CONNECT packet. */
static size_t accept_connect(struct world *w, uint8_t *bytes, size_t size)
{
        ssize_t n = -1;

        assert_true(sd_event_run(w->event, UINT64_MAX) >= 0); /* the dial begins */
        w->broker = accept(w->listener, NULL, NULL);
        assert_true(w->broker >= 0);
        n = recv(w->broker, bytes, size, 0);
        assert_true(n > 0);
        return (size_t)n;
}

static void test_dial_connect_states_what_the_broker_may_send(void **state)
{
        static const uint8_t receive_maximum[] = {0x21, 0, 32},
                             packet_maximum[] = {0x27, 0, 1, 0x10, 0};
        struct world *w = *state;
        uint8_t bytes[512];
        size_t n;

        start(w, w->address, 60000);
        n = accept_connect(w, bytes, sizeof(bytes));
        assert_int_equal(bytes[0], 0x10); /* CONNECT */
        assert_non_null(memmem(bytes, n, receive_maximum, sizeof(receive_maximum)));
        assert_non_null(memmem(bytes, n, packet_maximum, sizeof(packet_maximum)));
        assert_int_equal(MQTT_PACKET_MAX, 0x11000);
}

static void test_dial_broker_that_never_acknowledges_is_parted_with(void **state)
{
        static const uint8_t connack[] = {0x20, 3, 0, 0, 0};
        struct world *w = *state;
        const struct mqtt_done done = {.on_done = on_done, .userdata = w};
        char *large = calloc(1, LARGE);
        uint8_t bytes[512];
        size_t n = 0;

        assert_non_null(large);
        start(w, w->address, 60000);
        (void)accept_connect(w, bytes, sizeof(bytes));
        assert_int_equal(send(w->broker, connack, sizeof(connack), 0), sizeof(connack));
        turn_until(w, &w->n_states, 1);
        assert_int_equal(w->reason, REASON_NONE);

        while (mqtt_client_publish(w->client, TOPIC_EVENT, NULL, large, LARGE, &done) == 0)
                n++;
        free(large);
        assert_in_range(n * LARGE, MQTT_PENDING_MAX / 2, MQTT_PENDING_MAX);
        assert_int_equal(w->n_lost, 0); /* not from within the call */
        turn_until(w, &w->n_states, 2);
        assert_int_equal(w->reason, REASON_BROKER_UNREACHABLE);
        assert_int_equal(w->n_lost, n);
}

static void test_dial_loop_goes_on_while_the_name_server_is_silent(void **state)
{
        struct world *w = *state;

        assert_int_equal(pipe(silence), 0);
        start(w, "tcp:" SILENT_HOST ":1883", 20);
        turn_until(w, &w->n_states, 1);
        assert_int_equal(w->reason, REASON_BROKER_UNREACHABLE);
        /* Every attempt leaves a thread behind, up to the limit, and then none is made. */
        for (unsigned i = 0; i < 50; i++)
                assert_true(sd_event_run(w->event, 20000) >= 0);
        w->client = mqtt_client_free(w->client);
        assert_int_equal(close(silence[1]), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_dial_connect_states_what_the_broker_may_send),
                TEST(test_dial_broker_that_never_acknowledges_is_parted_with),
                TEST(test_dial_loop_goes_on_while_the_name_server_is_silent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
