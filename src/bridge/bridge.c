/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/bridge.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/devices.h"
#include "api/json.h"
#include "bridge/requests.h"
#include "api/status.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"

/* Enough digits for every decimal value of a device, few enough to hide the binary ones. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))

struct bridge {
        sd_event *event;
        struct mqtt_client *client;
        const struct api_backend *backend;
        void *userdata;
        struct requests *requests;
        sd_event_source *health;
        uint64_t started_us;
        char *info;     /* as published last */
        json_t *states; /* name -> what the device said last */
        json_t *online; /* name -> whether it can be reached */
        bool alerts[REASON_MAX];
};

/* Conditions of the hub. Their topics are cleared at every connection: an alert of an earlier life
 * of the daemon would stand for ever. */
static const enum reason known_alerts[] = {
        REASON_READER_UNAVAILABLE, REASON_CAMERA_MISSING, REASON_BLUETOOTH_DOWN,
        REASON_ADAPTER_MISSING,    REASON_ADAPTER_OFF,    REASON_ADAPTER_BLOCKED,
        REASON_PORT_UNAVAILABLE,   REASON_STORE_FULL,     REASON_STORE_READ_ONLY,
        REASON_STORE_FAILED,       REASON_BROKER_REFUSED, REASON_NO_SUBSCRIBER,
};

static uint64_t now_us(const struct bridge *bridge)
{
        uint64_t now = 0;

        (void)sd_event_now(bridge->event, CLOCK_MONOTONIC, &now);
        return now;
}

static void publish_text(struct bridge *bridge, enum topic topic, const char *name,
                         const char *text)
{
        int r = mqtt_client_publish(bridge->client, topic, name, text, strlen(text), NULL);

        if (r < 0 && r != -ENOTCONN)
                (void)log_errno(r, "MQTT: a message of the bridge cannot be published");
}

/* Consumes @json_take; NULL says that memory was short. */
static void publish_json(struct bridge *bridge, enum topic topic, const char *name,
                         json_t *json_take)
{
        _defer_(free) char *text = json_take ? json_dumps(json_take, DUMP_FLAGS) : NULL;

        if (text)
                publish_text(bridge, topic, name, text);
        else
                log_error("MQTT: a message of the bridge cannot be made");
        (void)json_free(json_take);
}

static void publish_info(struct bridge *bridge, bool always)
{
        struct api_status status = {.version = NULL};
        _defer_(json_free) json_t *info = NULL;
        _defer_(free) char *text = NULL;

        bridge->backend->status(bridge->userdata, &status);
        info = status_info(&status);
        text = info ? json_dumps(info, DUMP_FLAGS) : NULL;
        if (!text) {
                log_error("MQTT: a message of the bridge cannot be made");
                return;
        }
        if (!always && bridge->info && strcmp(bridge->info, text) == 0)
                return;
        publish_text(bridge, TOPIC_INFO, NULL, text);
        free(bridge->info);
        bridge->info = take(text);
}

static void publish_health(struct bridge *bridge)
{
        struct api_status status = {.version = NULL};

        bridge->backend->status(bridge->userdata, &status);
        publish_json(bridge, TOPIC_HEALTH, NULL,
                     status_health(&status, (now_us(bridge) - bridge->started_us) / 1000000));
}

static int bridge_on_health(sd_event_source *source, uint64_t now, void *userdata)
{
        struct bridge *bridge = userdata;

        (void)source;
        (void)now;
        loop_rearm_timer(bridge->health, BRIDGE_HEALTH_SEC * 1000);
        publish_health(bridge);
        return 0;
}

static void bridge_on_devices(void *userdata)
{
        struct bridge *bridge = userdata;

        bridge_devices_changed(bridge);
}

int bridge_new(sd_event *event, struct mqtt_client *client, const struct api_backend *backend,
               void *userdata, struct bridge **ret_bridge)
{
        _defer_(bridge_free) struct bridge *bridge = calloc(1, sizeof(*bridge));
        int r;

        if (!bridge)
                return -ENOMEM;
        bridge->event = sd_event_ref(event);
        bridge->client = client;
        bridge->backend = backend;
        bridge->userdata = userdata;
        bridge->started_us = now_us(bridge);
        bridge->states = json_object();
        bridge->online = json_object();
        if (!bridge->states || !bridge->online)
                return -ENOMEM;
        r = loop_add_timer(event, &bridge->health, bridge_on_health, bridge);
        if (r < 0)
                return r;
        r = requests_new(backend, userdata, bridge_on_devices, bridge, &bridge->requests);
        if (r < 0)
                return r;
        *ret_bridge = take(bridge);
        return 0;
}

struct bridge *bridge_free(struct bridge *bridge)
{
        if (!bridge)
                return NULL;
        loop_drop(&bridge->health);
        bridge->requests = requests_free(bridge->requests);
        (void)json_free(bridge->states);
        (void)json_free(bridge->online);
        free(bridge->info);
        bridge->event = sd_event_unref(bridge->event);
        free(bridge);
        return NULL;
}

static void publish_alert(struct bridge *bridge, enum reason reason)
{
        if (!bridge->alerts[reason]) {
                publish_text(bridge, TOPIC_ALERT, reason_code(reason), "");
                return;
        }
        publish_json(
                bridge, TOPIC_ALERT, reason_code(reason),
                json_from_failure(reason_code(reason), reason_text(reason), reason_remedy(reason)));
}

static void publish_availability(struct bridge *bridge, const char *name, bool online)
{
        publish_text(bridge, TOPIC_AVAILABILITY, name,
                     online ? "{\"state\":\"online\"}" : "{\"state\":\"offline\"}");
}

void bridge_connected(struct bridge *bridge)
{
        const char *name;
        json_t *value;

        publish_info(bridge, true);
        bridge_devices_changed(bridge);
        for (size_t i = 0; i < ELEMENTSOF(known_alerts); i++)
                publish_alert(bridge, known_alerts[i]);
        json_object_foreach(bridge->online, name, value)
        {
                publish_availability(bridge, name, json_is_true(value));
        }
        json_object_foreach(bridge->states, name, value)
        {
                publish_json(bridge, TOPIC_DEVICE, name, json_incref(value));
        }
        loop_rearm_timer(bridge->health, BRIDGE_HEALTH_SEC * 1000);
        publish_health(bridge);
}

void bridge_request(struct bridge *bridge, const struct mqtt_request *request)
{
        _defer_(free) char *answer = NULL;
        int r;

        r = requests_answer(bridge->requests, request->name, (const uint8_t *)request->payload,
                            request->n_payload, &answer);
        if (r == 0)
                r = mqtt_client_reply(bridge->client, &request->to, answer, strlen(answer));
        if (r < 0)
                (void)log_errno(r, "MQTT: a request cannot be answered");
}

json_t *bridge_event_json(const struct event *event)
{
        return json_pack("{s:s, s:o}", "type", "device_enrollment", "data", json_from_event(event));
}

void bridge_event(struct bridge *bridge, const struct event *event)
{
        publish_json(bridge, TOPIC_EVENT, NULL, bridge_event_json(event));
        if (event->status == EVENT_SUCCESSFUL && event->device && event->device_id)
                publish_json(bridge, TOPIC_EVENT, NULL,
                             json_pack("{s:s, s:{s:s, s:s}}", "type", "device_joined", "data",
                                       "friendly_name", event->device, "device_id",
                                       event->device_id));
}

void bridge_info_changed(struct bridge *bridge)
{
        if (mqtt_client_connected(bridge->client))
                publish_info(bridge, false);
}

static bool is_listed(const json_t *devices, const char *name)
{
        json_t *device;
        size_t i;

        json_array_foreach(
                devices, i,
                device) if (strcmp(json_string_value(json_object_get(device, "friendly_name")),
                                   name) == 0) return true;
        return false;
}

/* A device that is gone, or has another name now, leaves nothing behind on the broker. */
static void forget_others(struct bridge *bridge, const json_t *devices)
{
        const char *name;
        json_t *value;
        void *next;

        json_object_foreach_safe(bridge->online, next, name, value)
        {
                if (is_listed(devices, name))
                        continue;
                publish_text(bridge, TOPIC_AVAILABILITY, name, "");
                (void)json_object_del(bridge->states, name);
                (void)json_object_del(bridge->online, name);
        }
}

void bridge_devices_changed(struct bridge *bridge)
{
        json_t *devices = NULL;
        int r;

        if (!mqtt_client_connected(bridge->client))
                return;
        r = devices_list(bridge->backend->store(bridge->userdata), &devices);
        if (r != 0) {
                log_error("MQTT: the devices cannot be published: %s",
                          reason_code(store_reason(r)));
                return;
        }
        forget_others(bridge, devices);
        publish_json(bridge, TOPIC_DEVICES, NULL, devices);
        publish_info(bridge, false);
}

/* The shortest exact way from mantissa and exponent to a number is its decimal text. */
static json_t *decimal_json(int64_t mantissa, int exponent)
{
        char text[40];

        (void)snprintf(text, sizeof(text), "%lldE%d", (long long)mantissa, exponent);
        return json_real(strtod(text, NULL));
}

static json_t *value_json(const struct message_value *value)
{
        switch ((enum message_value_type)value->type) {
        case MESSAGE_INTEGER:
                return json_integer(value->integer);
        case MESSAGE_DECIMAL:
                return decimal_json(value->integer, value->exponent);
        case MESSAGE_BOOLEAN:
                return json_boolean(value->integer);
        case MESSAGE_TEXT:
                return json_stringn((const char *)value->text.bytes, value->text.n_bytes);
        }
        return NULL;
}

void bridge_device_values(struct bridge *bridge, const char *name,
                          const struct bridge_value *values, size_t n_values)
{
        json_t *state = json_object_get(bridge->states, name);
        char when[TIME_TEXT_SIZE];

        if (!state) {
                state = json_object();
                if (json_object_set_new(bridge->states, name, state) < 0)
                        return;
        }
        for (size_t i = 0; i < n_values; i++)
                (void)json_object_set_new(state, values[i].leaf, value_json(values[i].value));
        (void)json_object_set_new(state, "last_seen", json_string(time_text(time(NULL), when)));
        publish_json(bridge, TOPIC_DEVICE, name, json_incref(state));
}

void bridge_device_available(struct bridge *bridge, const char *name, bool online)
{
        const json_t *before = json_object_get(bridge->online, name);

        if (before && json_is_true(before) == online)
                return;
        (void)json_object_set_new(bridge->online, name, json_boolean(online));
        publish_availability(bridge, name, online);
}

bool bridge_alert_known(enum reason reason)
{
        for (size_t i = 0; i < ELEMENTSOF(known_alerts); i++)
                if (known_alerts[i] == reason)
                        return true;
        return false;
}

void bridge_alert(struct bridge *bridge, enum reason reason, bool on)
{
        assert(bridge_alert_known(reason));
        if (bridge->alerts[reason] == on)
                return;
        bridge->alerts[reason] = on;
        publish_alert(bridge, reason);
}
