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

#include "bridge/readout.h"
#include "store/delivery.h"
#include "store/enrollment.h"
#include "store/removal.h"
#include "store/retained.h"
#include "support/store-sample.h"

/* The client, which notes what it is given last. */
struct mqtt_client {
        bool connected, kept;
        unsigned n_published;
        char name[TOPIC_NAME_SIZE], text[256];
};

static int client_note(struct mqtt_client *client, enum topic topic, const char *name,
                       const void *payload, size_t n_payload, bool kept)
{
        assert_int_equal(topic, TOPIC_DEVICE);
        if (!client->connected)
                return -ENOTCONN;
        client->n_published++;
        client->kept = kept;
        (void)snprintf(client->name, sizeof(client->name), "%s", name);
        (void)snprintf(client->text, sizeof(client->text), "%.*s", (int)n_payload,
                       (const char *)payload);
        return 0;
}

int mqtt_client_publish(struct mqtt_client *client, enum topic topic, const char *name,
                        const void *payload, size_t n_payload, const struct mqtt_done *done)
{
        assert_null(done);
        return client_note(client, topic, name, payload, n_payload, false);
}

int mqtt_client_publish_kept(struct mqtt_client *client, enum topic topic, const char *name,
                             const void *payload, size_t n_payload)
{
        return client_note(client, topic, name, payload, n_payload, true);
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
        struct state *state;
        struct mqtt_client client;
        struct mirror *mirror;
        struct readout *readout;
        struct sample device;
};

static void mirror_on_swept(void *userdata)
{
        (void)userdata;
}

static const struct mirror_handler mirror_handler = {.on_swept = mirror_on_swept};

/* The broker keeps up. */
static void readout_on_turn(void *userdata, const struct state_device *device, bool has_event)
{
        struct desk *desk = userdata;

        (void)has_event;
        if (desk->client.connected)
                readout_send(desk->readout, device);
}

static const struct readout_handler readout_handler = {.on_turn = readout_on_turn};

static int desk_set_up(void **state)
{
        struct desk *desk = calloc(1, sizeof(*desk));
        struct api_backend backend;

        assert_non_null(desk);
        desk->client.connected = true;
        assert_int_equal(store_place_set_up((void **)&desk->place), 0);
        sample_init(&desk->device, 1);
        assert_int_equal(store_enroll(desk->place->store, &desk->device.enrollment), 0);
        assert_int_equal(sd_event_new(&desk->event), 0);
        assert_int_equal(state_new(&desk->state), 0);
        assert_int_equal(state_add(desk->state, desk->device.device.device_id, "one"), 0);
        assert_int_equal(mirror_new(&desk->client, desk->place->store, "home", &mirror_handler,
                                    desk, &desk->mirror),
                         0);
        backend = (struct api_backend){.store = desk->place->store, .state = desk->state};
        assert_int_equal(readout_new(desk->event, &desk->client, desk->mirror, &backend,
                                     &readout_handler, desk, &desk->readout),
                         0);
        *state = desk;
        return 0;
}

static int desk_tear_down(void **state)
{
        struct desk *desk = *state;

        (void)readout_free(desk->readout);
        (void)mirror_free(desk->mirror);
        (void)state_free(desk->state);
        (void)sd_event_unref(desk->event);
        (void)store_place_tear_down((void **)&desk->place);
        free(desk);
        return 0;
}

static void set_options(struct desk *desk, bool retain, uint32_t throttle_s)
{
        const struct store_delivery delivery = {retain, throttle_s};

        assert_int_equal(
                store_delivery_set(desk->place->store, desk->device.device.device_id, &delivery),
                0);
        readout_refresh(desk->readout);
}

#define COUNT(value) "{\"count\":" value ",\"last_seen\":\"1970-01-01T00:00:01Z\"}"

static void report(struct desk *desk, int64_t value, bool is_event)
{
        const uint8_t *id = desk->device.device.device_id;
        const struct reading reading = {.leaf = "count",
                                        .value = {.type = MESSAGE_INTEGER, .integer = value},
                                        .is_event = is_event};

        assert_int_equal(state_readings(desk->state, id, &reading, 1, 1), 0);
        readout_offer(desk->readout, state_find(desk->state, id));
}

static void test_readout_of_a_device_without_options_is_published_as_it_comes(void **state)
{
        struct desk *desk = *state;

        report(desk, 1, false);
        report(desk, 2, false);
        assert_int_equal(desk->client.n_published, 2);
        assert_string_equal(desk->client.text, COUNT("2"));
        assert_false(desk->client.kept);
}

static void test_readout_that_is_held_back_is_the_newest_when_it_may_go(void **state)
{
        struct desk *desk = *state;

        set_options(desk, false, 86400);
        report(desk, 1, false);
        report(desk, 2, false);
        report(desk, 3, false);
        assert_int_equal(desk->client.n_published, 1);
        readout_refresh(desk->readout); /* of another device */
        assert_int_equal(desk->client.n_published, 1);
        set_options(desk, false, 0);
        assert_int_equal(desk->client.n_published, 2);
        assert_string_equal(desk->client.text, COUNT("3"));
        readout_refresh(desk->readout);
        assert_int_equal(desk->client.n_published, 2);
}

static void test_readout_goes_when_its_time_has_come(void **state)
{
        struct desk *desk = *state;

        set_options(desk, false, 1);
        report(desk, 1, false);
        report(desk, 2, false);
        while (desk->client.n_published < 2)
                assert_true(sd_event_run(desk->event, UINT64_MAX) >= 0);
        assert_string_equal(desk->client.text, COUNT("2"));
}

static void test_readout_of_an_event_waits_for_nothing(void **state)
{
        struct desk *desk = *state;

        set_options(desk, false, 86400);
        report(desk, 1, false);
        report(desk, 2, true);
        assert_int_equal(desk->client.n_published, 2);
        report(desk, 3, false);
        assert_int_equal(desk->client.n_published, 2);
}

/* The first that the broker may keep, under this name of the topic; "" for none. */
static void expect_noted(struct desk *desk, const char *expected)
{
        char topic[STORE_TOPIC_SIZE] = "";

        (void)store_retained_after(desk->place->store, "", topic);
        assert_string_equal(topic, expected);
}

static void expect_last(const struct desk *desk, const char *name, const char *text, bool kept)
{
        assert_string_equal(desk->client.name, name);
        assert_string_equal(desk->client.text, text);
        assert_int_equal(desk->client.kept, kept);
}

static void test_readout_is_kept_where_that_is_wished_under_the_name_of_today(void **state)
{
        struct desk *desk = *state;
        const uint8_t *id = desk->device.device.device_id;

        set_options(desk, true, 0);
        expect_noted(desk, "");
        report(desk, 1, false);
        expect_last(desk, "one", COUNT("1"), true);
        expect_noted(desk, "enrolld/home/one");
        desk->client.n_published = 0;
        report(desk, 2, true); /* an event, and then what it leaves behind */
        assert_int_equal(desk->client.n_published, 2);
        assert_true(desk->client.kept);
        assert_null(strstr(desk->client.text, "count"));
        assert_null(strstr(desk->client.text, "action"));
        state_events_over(desk->state, id);
        assert_true(state_rename(desk->state, id, "two"));
        readout_refresh(desk->readout);
        expect_last(desk, "one", "", true);
        report(desk, 3, false);
        expect_last(desk, "two", COUNT("3"), true);
        set_options(desk, false, 0);
        expect_last(desk, "two", "", true);
        report(desk, 4, false);
        expect_last(desk, "two", COUNT("4"), false);
}

static void test_readout_that_was_kept_before_a_restart_is_known_to_be(void **state)
{
        struct desk *desk = *state;

        desk->client.connected = false;
        set_options(desk, true, 0);
        desk->client.connected = true;
        mirror_begin(desk->mirror);
        readout_note_all(desk->readout);
        mirror_save(desk->mirror);
        expect_noted(desk, "enrolld/home/one");
        readout_publish_all(desk->readout);
        assert_int_equal(desk->client.n_published, 0);
        set_options(desk, false, 0);
        expect_last(desk, "one", "", true);
}

static void test_readout_of_a_device_that_is_gone_is_dropped(void **state)
{
        struct desk *desk = *state;
        const uint8_t *id = desk->device.device.device_id;

        set_options(desk, false, 86400);
        report(desk, 1, false);
        report(desk, 2, false);
        assert_int_equal(store_remove(desk->place->store, id, NULL, 0), 0);
        assert_true(state_forget(desk->state, id));
        readout_refresh(desk->readout);
        assert_int_equal(desk->client.n_published, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_set_up, desk_tear_down)
        const struct CMUnitTest tests[] = {
                TEST(test_readout_of_a_device_without_options_is_published_as_it_comes),
                TEST(test_readout_that_is_held_back_is_the_newest_when_it_may_go),
                TEST(test_readout_goes_when_its_time_has_come),
                TEST(test_readout_of_an_event_waits_for_nothing),
                TEST(test_readout_is_kept_where_that_is_wished_under_the_name_of_today),
                TEST(test_readout_that_was_kept_before_a_restart_is_known_to_be),
                TEST(test_readout_of_a_device_that_is_gone_is_dropped),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
