/* SPDX-License-Identifier: Apache-2.0 */

#include "support/bridged-hub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/store-sample.h"

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

int mqtt_client_publish(struct mqtt_client *client, enum topic topic, const char *name,
                        const void *payload, size_t n_payload, const struct mqtt_done *done)
{
        char text[TOPIC_SIZE];

        assert_null(done);
        assert_int_equal(topic_build(topic, "home", name, text), 0);
        if (!client->connected)
                return -ENOTCONN;
        assert_true(client->n_messages < HUB_MESSAGES_MAX);
        client->messages[client->n_messages].topic = topic;
        (void)snprintf(client->messages[client->n_messages].name, TOPIC_NAME_SIZE, "%s",
                       name ? name : "");
        client->messages[client->n_messages].text = strndup(payload, n_payload);
        client->n_messages++;
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
        assert_true(client->connected);
        assert_string_equal(client->removing, "");
        (void)snprintf(client->removing, TOPIC_SIZE, "%s", text);
        client->removed = *done;
        return 0;
}

int mqtt_client_ask_hub(struct mqtt_client *client, const char *hub)
{
        (void)snprintf(client->asked, sizeof(client->asked), "%s", hub);
        client->n_asked++;
        return 0;
}

void mqtt_client_forget(struct mqtt_client *client, const void *userdata)
{
        assert_true(!client->removing[0] || client->removed.userdata == userdata);
        client->removing[0] = '\0';
}

int mqtt_client_reply(struct mqtt_client *client, const struct mqtt_return *to, const char *payload,
                      size_t n_payload)
{
        (void)snprintf(client->reply_verb, sizeof(client->reply_verb), "%s", to->verb);
        free(client->reply);
        client->reply = strndup(payload, n_payload);
        return 0;
}

bool mqtt_client_connected(const struct mqtt_client *client)
{
        return client->connected;
}

bool mqtt_client_is_busy(const struct mqtt_client *client)
{
        return client->busy || !client->connected;
}

static void hub_status(void *userdata, struct api_status *ret_status)
{
        struct hub *hub = userdata;

        *ret_status = (struct api_status){.version = "0.1.0",
                                          .hub = "home",
                                          .broker = "tcp:localhost:1883",
                                          .bluetooth_state = REASON_ADAPTER_OFF,
                                          .enrollments = {{.transaction = hub->running}},
                                          .n_enrollments = hub->running ? 1 : 0,
                                          .scan_until = hub->scan_until,
                                          .n_outbox = 3};
}

static const struct api_handler handler = {.on_status = hub_status};

int hub_set_up(void **state)
{
        static const struct hass_options hass = {.hub = "home", .form = NOTICE_OFF};
        struct hub *hub = calloc(1, sizeof(*hub));
        struct api_backend backend;

        assert_non_null(hub);
        sample_path(hub->store_path, sizeof(hub->store_path), "store");
        assert_int_equal(store_open(hub->store_path, &hub->store), 0);
        assert_int_equal(sd_event_new(&hub->event), 0);
        hub->client.connected = true;
        assert_int_equal(state_new(&hub->state), 0);
        backend = (struct api_backend){&handler,         hub,  hub->store, hub->state,
                                       &hub->conditions, NULL, NULL};
        assert_int_equal(bridge_new(hub->event, &hub->client, &hass, &backend, &hub->bridge), 0);
        hub->face = bridge_face(hub->bridge);
        *state = hub;
        return 0;
}

void hub_forget(struct hub *hub)
{
        for (size_t i = 0; i < hub->client.n_messages; i++)
                free(hub->client.messages[i].text);
        hub->client.n_messages = 0;
}

int hub_tear_down(void **state)
{
        struct hub *hub = *state;

        (void)bridge_free(hub->bridge);
        (void)state_free(hub->state);
        (void)store_free(hub->store);
        sample_clean(hub->store_path);
        (void)sd_event_unref(hub->event);
        hub_forget(hub);
        free(hub->client.reply);
        free(hub);
        return 0;
}

const uint8_t *hub_device_id(unsigned number)
{
        static uint8_t id[KDF_DEVICE_ID_BYTES];

        id[0] = (uint8_t)number;
        return id;
}

void hub_set_available(struct hub *hub, unsigned number, bool available)
{
        char name[16];

        (void)snprintf(name, sizeof(name), "device-%u", number);
        assert_int_equal(state_add(hub->state, hub_device_id(number), name), 0);
        if (state_reach(hub->state, hub_device_id(number),
                        &(const struct state_reach){.available = available, .now = 7}))
                hub->face.handler->on_device_available(
                        hub->face.userdata, state_find(hub->state, hub_device_id(number)));
}

void hub_tell_readings(struct hub *hub, unsigned number, const struct reading *readings, size_t n)
{
        assert_int_equal(state_readings(hub->state, hub_device_id(number), readings, n, 1769860800),
                         0);
        hub->face.handler->on_device_readings(hub->face.userdata,
                                              state_find(hub->state, hub_device_id(number)));
}

void hub_devices_changed(struct hub *hub)
{
        hub->face.handler->on_devices_changed(hub->face.userdata);
}

const char *hub_last(const struct hub *hub, enum topic topic, const char *name)
{
        for (size_t i = hub->client.n_messages; i-- > 0;)
                if (hub->client.messages[i].topic == topic &&
                    strcmp(hub->client.messages[i].name, name) == 0)
                        return hub->client.messages[i].text;
        fail_msg("nothing was published");
        return NULL;
}

size_t hub_count(const struct hub *hub, enum topic topic)
{
        size_t n = 0;

        for (size_t i = 0; i < hub->client.n_messages; i++)
                n += hub->client.messages[i].topic == topic;
        return n;
}
