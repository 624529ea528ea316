/* SPDX-License-Identifier: Apache-2.0 */

/*
 * bench-growth STATE OPERATION ROUNDS: does one thing as a hub with the devices in STATE does it,
 * again and again, each time of another device. Made to be counted by callgrind, inside operate().
 * There is no broker: the client takes everything and acknowledges it in the next turn of the loop.
 *
 *     name, address   finds a device that is called so
 *     reading         keeps a reading, and publishes the state of its device
 *     rename          gives a device another name and publishes that; the list of all devices waits
 *                     (bridge/catalogue.h)
 *     list            makes the list of all devices
 *     info            publishes bridge/info, if it has changed
 *     connection      publishes everything on a new connection to the broker
 *     start           reads all devices, as the hub does when it starts
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-event.h>

#include "api/devices.h"
#include "bridge/bridge.h"
#include "store/device.h"
#include "store/outbox.h"
#include "util/hex.h"

/* --- a client without a broker --- */

struct mqtt_client {
        struct mqtt_done done; /* of what is not acknowledged */
        size_t n_messages;
};

int mqtt_client_publish(struct mqtt_client *client, enum topic topic, const char *name,
                        const void *payload, size_t n_payload, const struct mqtt_done *done)
{
        char text[TOPIC_SIZE];

        (void)payload;
        (void)n_payload;
        client->n_messages++;
        if (done)
                client->done = *done;
        return topic_build(topic, "home", name, text);
}

/* No device has the option to be kept, and nobody sweeps here. */
int mqtt_client_publish_kept(struct mqtt_client *client, enum topic topic, const char *name,
                             const void *payload, size_t n_payload)
{
        return mqtt_client_publish(client, topic, name, payload, n_payload, NULL);
}

const struct mqtt_options *mqtt_client_options(const struct mqtt_client *client)
{
        (void)client;
        return NULL;
}

int mqtt_client_remove(struct mqtt_client *client, const char *text, const struct mqtt_done *done)
{
        (void)text;
        client->done = *done;
        return 0;
}

int mqtt_client_ask_hub(struct mqtt_client *client, const char *hub)
{
        (void)client;
        (void)hub;
        return 0;
}

void mqtt_client_forget(struct mqtt_client *client, const void *userdata)
{
        if (client->done.userdata == userdata)
                client->done.on_done = NULL;
}

int mqtt_client_reply(struct mqtt_client *client, const struct mqtt_return *to, const char *payload,
                      size_t n_payload)
{
        (void)client;
        (void)to;
        (void)payload;
        (void)n_payload;
        return 0;
}

bool mqtt_client_connected(const struct mqtt_client *client)
{
        (void)client;
        return true;
}

bool mqtt_client_is_busy(const struct mqtt_client *client)
{
        (void)client;
        return false;
}

/* --- the hub --- */

struct hub {
        sd_event *event;
        struct mqtt_client client;
        struct store *store;
        struct state *state;
        struct conditions conditions;
        struct api_backend backend;
        struct bridge *bridge;
        struct face face;
        uint8_t (*ids)[STORE_DEVICE_ID_BYTES]; /* of the devices by number */
        size_t n_devices;
        size_t round;
};

static void hub_on_status(void *userdata, struct api_status *ret_status)
{
        uint64_t n_devices = 0, n_unsettled = 0, n_outbox = 0;
        struct hub *hub = userdata;

        (void)store_device_count(hub->store, &n_devices);
        (void)store_unsettled_count(hub->store, &n_unsettled);
        (void)store_outbox_count(hub->store, &n_outbox);
        *ret_status = (struct api_status){
                .version = "1",
                .hub = "home",
                .broker = "unix:/run/mosquitto.sock",
                .n_devices = (unsigned)n_devices,
                .n_unsettled = (unsigned)n_unsettled,
                .n_outbox = (unsigned)n_outbox,
        };
}

static const struct api_handler hub_api_handler = {.on_status = hub_on_status};

static int hub_on_row(void *userdata, const struct store_device *device)
{
        struct hub *hub = userdata;

        if (hub->ids)
                memcpy(hub->ids[hub->n_devices++], device->device_id, STORE_DEVICE_ID_BYTES);
        return state_add(hub->state, device->device_id, device->name);
}

/* Turns the loop until nothing is left to be done but wait. */
static void hub_settle(struct hub *hub)
{
        while (hub->client.done.on_done || sd_event_run(hub->event, 0) > 0) {
                struct mqtt_done done = hub->client.done;

                hub->client.done.on_done = NULL;
                if (done.on_done)
                        done.on_done(done.userdata, 0);
        }
}

static int hub_open(struct hub *hub, const char *directory)
{
        static const struct hass_options hass = {.hub = "home", .form = NOTICE_OFF};
        uint64_t n_devices;
        char path[4096];
        int r;

        (void)snprintf(path, sizeof(path), "%s/enrolld.db", directory);
        r = store_reopen(path, &hub->store);
        if (r == 0)
                r = store_device_count(hub->store, &n_devices);
        if (r != 0 || n_devices == 0)
                return -ENOENT;
        hub->ids = calloc(n_devices, sizeof(*hub->ids));
        if (!hub->ids || sd_event_new(&hub->event) < 0 || state_new(&hub->state) < 0)
                return -ENOMEM;
        r = store_each_device(hub->store, hub_on_row, hub);
        if (r != 0)
                return r;
        hub->backend = (struct api_backend){&hub_api_handler, hub,  hub->store, hub->state,
                                            &hub->conditions, NULL, NULL};
        r = bridge_new(hub->event, &hub->client, &hass, &hub->backend, &hub->bridge);
        if (r < 0)
                return r;
        hub->face = bridge_face(hub->bridge);
        return 0;
}

static void hub_close(struct hub *hub)
{
        (void)bridge_free(hub->bridge);
        (void)state_free(hub->state);
        (void)store_free(hub->store);
        (void)sd_event_unref(hub->event);
        free(hub->ids);
}

/* --- the operations --- */

/* Another device each time, and no neighbour of the last one. */
static const struct state_device *next_device(struct hub *hub)
{
        return state_find(hub->state, hub->ids[hub->round++ * 7919 % hub->n_devices]);
}

static int find_by_name(struct hub *hub)
{
        struct store_device row;

        return devices_resolve(hub->store, next_device(hub)->name, &row);
}

static int find_by_address(struct hub *hub)
{
        char address[DEVICES_ADDRESS_SIZE];
        struct store_device row;

        return devices_resolve(hub->store, devices_address(next_device(hub)->id, address), &row);
}

static int take_reading(struct hub *hub)
{
        const struct state_device *device = next_device(hub);
        const struct reading reading = {
                .leaf = "temperature",
                .value = {.type = MESSAGE_INTEGER, .channel = 1, .integer = (int64_t)hub->round}};
        int r;

        r = state_readings(hub->state, device->id, &reading, 1, 1700000000);
        hub->face.handler->on_device_readings(hub->face.userdata, device);
        return r;
}

static int hub_on_unsettled(void *userdata, const struct store_device *device)
{
        (void)userdata;
        (void)device;
        return 0;
}

static int rename_device(struct hub *hub)
{
        const struct state_device *device = next_device(hub);
        char name[STORE_NAME_SIZE];
        int r;

        (void)snprintf(name, sizeof(name), "lamp-%zu", hub->round);
        r = store_rename(hub->store, device->id, name);
        if (r != 0)
                return r;
        (void)state_rename(hub->state, device->id, name);
        hub->face.handler->on_devices_changed(hub->face.userdata);
        return store_each_unsettled(hub->store, hub_on_unsettled, NULL);
}

static int on_listed(void *userdata, const char *name, json_t *device)
{
        char *text = json_dumps(device, JSON_COMPACT);

        (void)userdata;
        (void)name;
        free(text);
        return text ? 0 : -ENOMEM;
}

static int list_devices(struct hub *hub)
{
        return devices_each(&hub->backend, "", on_listed, hub);
}

static int publish_info(struct hub *hub)
{
        hub->face.handler->on_info_changed(hub->face.userdata);
        return 0;
}

static int connect_again(struct hub *hub)
{
        bridge_connected(hub->bridge);
        hub_settle(hub);
        return 0;
}

static int start_again(struct hub *hub)
{
        struct hub other = {.store = hub->store};
        int r;

        r = state_new(&other.state);
        if (r == 0)
                r = store_each_device(other.store, hub_on_row, &other);
        (void)state_free(other.state);
        return r;
}

struct operation {
        const char *name;
        int (*run)(struct hub *hub);
        bool on_connection; /* on which everything has been published */
};

static const struct operation operations[] = {
        {"name", find_by_name, false},        {"address", find_by_address, false},
        {"reading", take_reading, true},      {"rename", rename_device, true},
        {"list", list_devices, false},        {"info", publish_info, true},
        {"connection", connect_again, false}, {"start", start_again, false},
};

/* What is counted. */
__attribute__((noinline)) static int operate(struct hub *hub, const struct operation *operation,
                                             unsigned long rounds)
{
        int r = 0;

        for (; r == 0 && rounds > 0; rounds--)
                r = operation->run(hub);
        return r;
}

static int measure(const char *directory, const struct operation *operation, unsigned long rounds)
{
        struct hub hub = {.n_devices = 0};
        int r;

        r = hub_open(&hub, directory);
        if (r == 0 && operation->on_connection)
                (void)connect_again(&hub);
        if (r == 0)
                r = operate(&hub, operation, rounds);
        hub_close(&hub);
        return r;
}

int main(int argc, char **argv)
{
        int r = -EINVAL;

        if (argc != 4)
                return 2;
        for (size_t i = 0; i < ELEMENTSOF(operations); i++)
                if (strcmp(operations[i].name, argv[2]) == 0)
                        r = measure(argv[1], &operations[i], strtoul(argv[3], NULL, 10));
        if (r != 0)
                (void)fprintf(stderr, "bench-growth: %s: %s\n", argv[2], strerror(-r));
        return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
