/* SPDX-License-Identifier: Apache-2.0 */

/* What the bridge publishes of many devices, and of any while the broker is behind. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <systemd/sd-event.h>

#include "bridge/bridge.h"
#include "support/store-sample.h"

#define MESSAGES_MAX 64

/* The client of this test notes what is published of devices. */
struct mqtt_client {
        bool busy;
        size_t n_messages;
        struct {
                enum topic topic;
                char name[TOPIC_NAME_SIZE], text[80];
        } messages[MESSAGES_MAX];
};

int mqtt_client_publish(struct mqtt_client *client, enum topic topic, const char *name,
                        const void *payload, size_t n_payload, const struct mqtt_done *done)
{
        assert_null(done);
        if (topic != TOPIC_DEVICE && topic != TOPIC_AVAILABILITY)
                return 0;
        assert_true(client->n_messages < MESSAGES_MAX);
        client->messages[client->n_messages].topic = topic;
        (void)snprintf(client->messages[client->n_messages].name, TOPIC_NAME_SIZE, "%s", name);
        (void)snprintf(client->messages[client->n_messages].text, sizeof(client->messages[0].text),
                       "%.*s", (int)n_payload, (const char *)payload);
        client->n_messages++;
        return 0;
}

int mqtt_client_publish_kept(struct mqtt_client *client, enum topic topic, const char *name,
                             const void *payload, size_t n_payload)
{
        (void)client;
        (void)topic;
        (void)name;
        (void)payload;
        (void)n_payload;
        fail_msg("no device has the option to be kept");
        return 0;
}

const struct mqtt_options *mqtt_client_options(const struct mqtt_client *client)
{
        (void)client;
        fail_msg("nobody sweeps here");
        return NULL;
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

int mqtt_client_reply(struct mqtt_client *client, const struct mqtt_return *to, const char *payload,
                      size_t n_payload)
{
        (void)client;
        (void)to;
        (void)payload;
        (void)n_payload;
        return -ENOTCONN;
}

bool mqtt_client_connected(const struct mqtt_client *client)
{
        (void)client;
        return true;
}

bool mqtt_client_is_busy(const struct mqtt_client *client)
{
        return client->busy;
}

struct hub {
        sd_event *event;
        struct mqtt_client client;
        struct store *store;
        char store_path[256];
        struct state *state;
        struct conditions conditions;
        struct bridge *bridge;
        struct face face;
};

static void hub_status(void *userdata, struct api_status *ret_status)
{
        (void)userdata;
        *ret_status = (struct api_status){.version = "0.1.0", .hub = "home", .broker = "unix:/x"};
}

static const struct api_handler handler = {.on_status = hub_status};

static int hub_setup(void **state)
{
        static const struct hass_options hass = {.hub = "home", .form = NOTICE_OFF};
        struct hub *hub = calloc(1, sizeof(*hub));
        struct api_backend backend;

        assert_non_null(hub);
        sample_path(hub->store_path, sizeof(hub->store_path), "store");
        assert_int_equal(store_open(hub->store_path, &hub->store), 0);
        assert_int_equal(sd_event_new(&hub->event), 0);
        assert_int_equal(state_new(&hub->state), 0);
        backend = (struct api_backend){&handler, hub, hub->store, hub->state, &hub->conditions};
        assert_int_equal(bridge_new(hub->event, &hub->client, &hass, &backend, &hub->bridge), 0);
        hub->face = bridge_face(hub->bridge);
        *state = hub;
        return 0;
}

static int hub_teardown(void **state)
{
        struct hub *hub = *state;

        (void)bridge_free(hub->bridge);
        (void)state_free(hub->state);
        (void)store_free(hub->store);
        sample_clean(hub->store_path);
        (void)sd_event_unref(hub->event);
        free(hub);
        return 0;
}

static void forget(struct hub *hub)
{
        hub->client.n_messages = 0;
}

static void devices_changed(struct hub *hub)
{
        hub->face.handler->on_devices_changed(hub->face.userdata);
}

static const uint8_t *device_id(unsigned number)
{
        static uint8_t id[KDF_DEVICE_ID_BYTES];

        id[0] = (uint8_t)number;
        return id;
}

static void set_available(struct hub *hub, unsigned number, bool available)
{
        const struct state_reach reach = {.available = available, .now = 1769860800};
        char name[16];

        (void)snprintf(name, sizeof(name), "device-%u", number);
        assert_int_equal(state_add(hub->state, device_id(number), name), 0);
        if (state_reach(hub->state, device_id(number), &reach))
                hub->face.handler->on_device_available(hub->face.userdata,
                                                       state_find(hub->state, device_id(number)));
}

static void tell_readings(struct hub *hub, unsigned number, const struct reading *readings,
                          size_t n)
{
        assert_int_equal(state_readings(hub->state, device_id(number), readings, n, 1769860800), 0);
        hub->face.handler->on_device_readings(hub->face.userdata,
                                              state_find(hub->state, device_id(number)));
}

/* The last message under @topic and @name; the test ends if there is none. */
static const char *last(const struct hub *hub, enum topic topic, const char *name)
{
        for (size_t i = hub->client.n_messages; i-- > 0;)
                if (hub->client.messages[i].topic == topic &&
                    strcmp(hub->client.messages[i].name, name) == 0)
                        return hub->client.messages[i].text;
        fail_msg("nothing was published");
        return NULL;
}

static size_t count(const struct hub *hub, enum topic topic)
{
        size_t n = 0;

        for (size_t i = 0; i < hub->client.n_messages; i++)
                n += hub->client.messages[i].topic == topic;
        return n;
}

static void assert_count(const struct hub *hub, const char *name, const char *value)
{
        assert_non_null(strstr(last(hub, TOPIC_DEVICE, name), value));
}

/* While the broker is behind, devices wait with their newest state, and each has its turn. */
static void test_bridge_busy_broker_gets_the_newest_state(void **state)
{
        struct reading reading = {.leaf = "count",
                                  .value = {.type = MESSAGE_INTEGER, .integer = 1}};
        struct hub *hub = *state;

        set_available(hub, 1, true);
        set_available(hub, 2, true);
        forget(hub);
        hub->client.busy = true;
        for (int i = 0; i < 5; i++) {
                reading.value.integer = i;
                tell_readings(hub, 1, &reading, 1);
                tell_readings(hub, 2, &reading, 1);
                set_available(hub, 2, i % 2 == 0);
                set_available(hub, 2, i % 2 == 1);
        }
        assert_int_equal(count(hub, TOPIC_DEVICE), 0);
        assert_int_equal(count(hub, TOPIC_AVAILABILITY), 0);
        hub->client.busy = false;
        bridge_room(hub->bridge);
        assert_int_equal(count(hub, TOPIC_DEVICE), 2);
        assert_count(hub, "device-1", "\"count\":4,");
        assert_count(hub, "device-2", "\"count\":4,");
        assert_int_equal(count(hub, TOPIC_AVAILABILITY), 1);
        assert_string_equal(last(hub, TOPIC_AVAILABILITY, "device-2"), "{\"state\":\"offline\"}");
        bridge_room(hub->bridge);
        assert_int_equal(count(hub, TOPIC_DEVICE), 2);
}

/* Of many devices, those that have changed are found, wherever they are. */
static void test_bridge_changes_are_found_among_many(void **state)
{
        struct hub *hub = *state;

        for (unsigned i = 1; i <= 20; i++)
                set_available(hub, i, true);
        forget(hub);
        assert_true(state_forget(hub->state, device_id(1)));
        assert_true(state_forget(hub->state, device_id(20)));
        assert_true(state_rename(hub->state, device_id(7), "lamp"));
        assert_true(state_rename(hub->state, device_id(8), "device-20"));
        assert_int_equal(state_add(hub->state, device_id(0), "first"), 0);
        assert_int_equal(state_add(hub->state, device_id(30), "last"), 0);
        devices_changed(hub);
        assert_int_equal(count(hub, TOPIC_AVAILABILITY), 7);
        assert_string_equal(last(hub, TOPIC_AVAILABILITY, "device-1"), "");
        assert_string_equal(last(hub, TOPIC_AVAILABILITY, "device-7"), "");
        assert_string_equal(last(hub, TOPIC_AVAILABILITY, "device-8"), "");
        assert_string_equal(last(hub, TOPIC_AVAILABILITY, "lamp"), "{\"state\":\"online\"}");
        assert_string_equal(last(hub, TOPIC_AVAILABILITY, "device-20"), "{\"state\":\"online\"}");
        assert_string_equal(last(hub, TOPIC_AVAILABILITY, "first"), "{\"state\":\"offline\"}");
        assert_string_equal(last(hub, TOPIC_AVAILABILITY, "last"), "{\"state\":\"offline\"}");
        forget(hub);
        devices_changed(hub);
        assert_int_equal(count(hub, TOPIC_AVAILABILITY), 0);
}

/* What a device was due that has gone meanwhile is not published. */
static void test_bridge_busy_broker_gets_nothing_of_what_is_gone(void **state)
{
        const struct reading reading = {.leaf = "count",
                                        .value = {.type = MESSAGE_INTEGER, .integer = 1}};
        struct hub *hub = *state;

        set_available(hub, 1, true);
        forget(hub);
        hub->client.busy = true;
        tell_readings(hub, 1, &reading, 1);
        assert_true(state_forget(hub->state, device_id(1)));
        devices_changed(hub);
        hub->client.busy = false;
        bridge_room(hub->bridge);
        assert_int_equal(count(hub, TOPIC_DEVICE), 0);
        assert_string_equal(last(hub, TOPIC_AVAILABILITY, "device-1"), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, hub_setup, hub_teardown)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(test_bridge_busy_broker_gets_the_newest_state),
                TEST(test_bridge_changes_are_found_among_many),
                TEST(test_bridge_busy_broker_gets_nothing_of_what_is_gone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
