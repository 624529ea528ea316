/* SPDX-License-Identifier: Apache-2.0 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <systemd/sd-event.h>

#include "bridge/echo.h"
#include "util/log.h"

/* The client of this test notes what is published last, and complains about it. */
struct mqtt_client {
        bool connected;
        unsigned n_messages;
        char text[256];
};

bool mqtt_client_connected(const struct mqtt_client *client)
{
        return client->connected;
}

int mqtt_client_publish(struct mqtt_client *client, enum topic topic, const char *name,
                        const void *payload, size_t n_payload, const struct mqtt_done *done)
{
        assert_int_equal(topic, TOPIC_LOGGING);
        assert_null(name);
        assert_null(done);
        (void)snprintf(client->text, sizeof(client->text), "%.*s", (int)n_payload,
                       (const char *)payload);
        client->n_messages++;
        log_warning("message %u was published", client->n_messages);
        return 0;
}

struct desk {
        sd_event *event;
        struct mqtt_client client;
        struct echo *echo;
};

static void desk_open(struct desk *desk)
{
        *desk = (struct desk){.client = {.connected = true}};
        assert_int_equal(sd_event_new(&desk->event), 0);
        assert_int_equal(echo_new(desk->event, &desk->client, &desk->echo), 0);
}

static void desk_close(struct desk *desk)
{
        (void)echo_free(desk->echo);
        (void)sd_event_unref(desk->event);
}

/* All turns of the loop in which there is something to do. */
static void desk_run(struct desk *desk)
{
        while (sd_event_run(desk->event, 0) > 0)
                ;
}

static void test_echo_publishes_warnings_and_errors_in_the_next_turn(void **state)
{
        struct desk desk;

        (void)state;
        desk_open(&desk);
        log_warning("the cellar is dark");
        log_info("this is of interest to nobody");
        assert_int_equal(desk.client.n_messages, 0);
        desk_run(&desk);
        assert_int_equal(desk.client.n_messages, 1);
        assert_string_equal(desk.client.text,
                            "{\"level\":\"warning\",\"message\":\"the cellar is dark\","
                            "\"namespace\":\"enrolld\"}");
        log_warning("the cellar is dark");
        log_error("the cellar is wet");
        desk_run(&desk);
        assert_int_equal(desk.client.n_messages, 2); /* the same line says nothing new */
        assert_non_null(strstr(desk.client.text, "\"level\":\"error\""));
        desk_close(&desk);
}

static void test_echo_is_bounded(void **state)
{
        struct desk desk;

        (void)state;
        desk_open(&desk);
        for (unsigned i = 0; i < 2 * ECHO_LINES_MAX; i++)
                log_error("line %u", i);
        desk_run(&desk);
        assert_int_equal(desk.client.n_messages, ECHO_LINES_MAX);
        desk_close(&desk);
}

static void test_echo_without_a_connection_keeps_nothing(void **state)
{
        struct desk desk;

        (void)state;
        desk_open(&desk);
        desk.client.connected = false;
        log_error("this is lost");
        desk.client.connected = true;
        desk_run(&desk);
        assert_int_equal(desk.client.n_messages, 0);
        desk_close(&desk);
        log_error("nobody listens any more");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_echo_publishes_warnings_and_errors_in_the_next_turn),
                cmocka_unit_test(test_echo_is_bounded),
                cmocka_unit_test(test_echo_without_a_connection_keeps_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
