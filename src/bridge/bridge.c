/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/bridge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/devices.h"
#include "api/json.h"
#include "api/status.h"
#include "bridge/broom.h"
#include "bridge/catalogue.h"
#include "bridge/echo.h"
#include "bridge/mirror.h"
#include "bridge/orders.h"
#include "bridge/readout.h"
#include "bridge/requests.h"
#include "bridge/shown.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define DUMP_FLAGS (JSON_COMPACT | JSON_DECIMALS)

struct bridge {
        sd_event *event;
        struct mqtt_client *client;
        struct api_backend backend;
        struct requests *requests;
        struct orders *orders;
        struct echo *echo;
        struct readout *readout;
        struct broom *broom;
        struct mirror *mirror;
        struct hass *hass;
        sd_event_source *health, *devices;
        uint64_t started_us;
        char *info; /* as published last */
        struct shown *shown;
        struct catalogue *catalogue;
};

static uint64_t now_us(const struct bridge *bridge)
{
        uint64_t now = 0;

        (void)sd_event_now(bridge->event, CLOCK_MONOTONIC, &now);
        return now;
}

/* True if the client has taken it. */
static bool publish(struct bridge *bridge, enum topic topic, const char *name, const char *text,
                    const struct mqtt_done *done)
{
        int r;

        if (topic_retained(topic) && text[0]) {
                mirror_note(bridge->mirror, topic, name);
                mirror_save(bridge->mirror);
        }
        r = mqtt_client_publish(bridge->client, topic, name, text, strlen(text), done);
        if (r < 0 && r != -ENOTCONN)
                (void)log_errno(r, "MQTT: a message of the bridge cannot be published");
        return r >= 0;
}

static bool publish_text(struct bridge *bridge, enum topic topic, const char *name,
                         const char *text)
{
        return publish(bridge, topic, name, text, NULL);
}

/* Consumes @json_take; NULL says that memory was short. True if the client has taken it. */
static bool publish_json(struct bridge *bridge, enum topic topic, const char *name,
                         json_t *json_take)
{
        _defer_(free) char *text = json_take ? json_dumps(json_take, DUMP_FLAGS) : NULL;

        (void)json_free(json_take);
        if (text)
                return publish_text(bridge, topic, name, text);
        log_error("MQTT: a message of the bridge cannot be made");
        return false;
}

static void publish_info(struct bridge *bridge, bool always)
{
        _defer_(json_free) json_t *info = status_info(&bridge->backend);
        _defer_(free) char *text = info ? json_dumps(info, DUMP_FLAGS) : NULL;

        if (!text) {
                log_error("MQTT: a message of the bridge cannot be made");
                return;
        }
        if (!always && bridge->info && strcmp(bridge->info, text) == 0)
                return;
        if (!publish_text(bridge, TOPIC_INFO, NULL, text))
                return;
        free(bridge->info);
        bridge->info = take(text);
}

static void publish_health(struct bridge *bridge)
{
        uint64_t uptime_s = (now_us(bridge) - bridge->started_us) / 1000000;

        (void)publish_json(bridge, TOPIC_HEALTH, NULL, status_health(&bridge->backend, uptime_s));
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

/* The list says since when a device can be reached. It is long, and so it waits for others. */
static int bridge_on_devices(sd_event_source *source, uint64_t now, void *userdata)
{
        struct bridge *bridge = userdata;

        (void)source;
        (void)now;
        if (mqtt_client_connected(bridge->client))
                catalogue_change(bridge->catalogue);
        return 0;
}

static void publish_alert(struct bridge *bridge, enum reason reason)
{
        const struct conditions *conditions = bridge->backend.conditions;

        if (condition_is_open(conditions, reason))
                (void)publish_json(bridge, TOPIC_ALERT, reason_code(reason),
                                   status_condition(reason, condition_since(conditions, reason)));
        else
                (void)publish_text(bridge, TOPIC_ALERT, reason_code(reason), "");
}

/* Whether the broker has its availability, under its name. */
static bool is_shown(const struct shown_device *shown, const struct state_device *device)
{
        return strcmp(shown->name, device->name) == 0 && shown->available == device->available;
}

/* Unless the broker has it already. */
static void publish_availability(struct bridge *bridge, const struct state_device *device,
                                 struct shown_device *shown)
{
        if (is_shown(shown, device))
                return;
        if (!publish_json(bridge, TOPIC_AVAILABILITY, device->name, devices_availability(device)))
                return;
        memcpy(shown->name, device->name, sizeof(shown->name));
        shown->available = device->available;
}

/* What the devices are due, as long as the broker keeps up. */
static void publish_due(struct bridge *bridge)
{
        struct shown_device *shown;
        unsigned what;

        while (!mqtt_client_is_busy(bridge->client) &&
               (shown = shown_take_due(bridge->shown, &what))) {
                const struct state_device *device = state_find(bridge->backend.state, shown->id);

                if (device && what & SHOWN_AVAILABILITY)
                        publish_availability(bridge, device, shown);
                if (device && what & SHOWN_STATE)
                        readout_send(bridge->readout, device);
        }
}

static void add_due(struct bridge *bridge, const struct state_device *device, unsigned what)
{
        int r;

        r = shown_add_due(bridge->shown, device->id, what);
        if (r < 0)
                (void)log_errno(r, "MQTT: %s cannot be published", device->name);
}

static void show(struct bridge *bridge, const struct state_device *device, unsigned what)
{
        add_due(bridge, device, what);
        publish_due(bridge);
}

/* An event is not a last value, and cannot wait for a newer one. */
static void bridge_on_turn(void *userdata, const struct state_device *device, bool has_event)
{
        struct bridge *bridge = userdata;

        if (!mqtt_client_connected(bridge->client))
                return;
        if (has_event)
                readout_send(bridge->readout, device);
        else
                show(bridge, device, SHOWN_STATE);
}

static const struct readout_handler bridge_readout_handler = {.on_turn = bridge_on_turn};

/* What stands under a name that its device has no more goes, unless another one has that name. */
static void unpublish(struct bridge *bridge, struct shown_device *shown)
{
        if (state_find_name(bridge->backend.state, shown->name) ||
            publish_text(bridge, TOPIC_AVAILABILITY, shown->name, ""))
                shown->name[0] = '\0';
}

/* Both orders are the same: one step along each is enough to find which devices are in both. */
static int compare_ids(const struct shown_device *shown, const struct state_device *device)
{
        if (!shown || !device)
                return shown ? -1 : 1;
        return memcmp(shown->id, device->id, sizeof(shown->id));
}

/* A device that is gone, or has another name now, leaves nothing behind on the broker. */
static void unpublish_gone(struct bridge *bridge)
{
        struct shown_device *shown;
        size_t at = 0, i = 0;

        while ((shown = shown_at(bridge->shown, at))) {
                const struct state_device *device = state_at(bridge->backend.state, i);
                int order = compare_ids(shown, device);

                if (order > 0) {
                        i++;
                        continue;
                }
                if (shown->name[0] && (order < 0 || strcmp(shown->name, device->name) != 0))
                        unpublish(bridge, shown);
                if (order < 0 && !shown->name[0] && shown->due == 0)
                        shown_forget(bridge->shown, at);
                else
                        at++;
        }
}

/* Every device of which the broker has no availability, or another one. */
static void add_due_changed(struct bridge *bridge)
{
        const struct state_device *device;
        size_t at = 0;

        for (size_t i = 0; (device = state_at(bridge->backend.state, i)); i++) {
                while (compare_ids(shown_at(bridge->shown, at), device) < 0)
                        at++;
                if (compare_ids(shown_at(bridge->shown, at), device) != 0 ||
                    !is_shown(shown_at(bridge->shown, at), device))
                        add_due(bridge, device, SHOWN_AVAILABILITY);
        }
}

/* --- what happens --- */

/* Nothing, if the event has no such message. */
static void publish_about(struct bridge *bridge, json_t *message_take)
{
        if (message_take)
                (void)publish_json(bridge, TOPIC_EVENT, NULL, message_take);
}

static void publish_interview(struct bridge *bridge, const struct event *event)
{
        _defer_(json_free) json_t *device = NULL;

        if (event->status == EVENT_SUCCESSFUL && event->device_id)
                (void)devices_find(&bridge->backend, event->device_id, &device);
        publish_about(bridge, json_message_interview(event, json_object_get(device, "definition")));
}

static void bridge_on_event(void *userdata, const struct event *event)
{
        struct bridge *bridge = userdata;

        if (!mqtt_client_connected(bridge->client))
                return;
        (void)publish_json(bridge, TOPIC_EVENT, NULL, json_message_from_event(event));
        publish_about(bridge, json_message_joined(event));
        publish_interview(bridge, event);
}

static void bridge_on_devices_changed(void *userdata)
{
        struct bridge *bridge = userdata;

        readout_refresh(bridge->readout);
        if (!mqtt_client_connected(bridge->client))
                return;
        unpublish_gone(bridge);
        add_due_changed(bridge);
        publish_due(bridge);
        catalogue_change(bridge->catalogue);
        publish_info(bridge, false);
        hass_devices_changed(bridge->hass);
}

static void bridge_on_device_readings(void *userdata, const struct state_device *device)
{
        struct bridge *bridge = userdata;

        readout_offer(bridge->readout, device);
}

/* The row of a device, without what is secret in it. False if nobody has it any more. */
static bool read_row(const struct bridge *bridge, const struct state_device *device,
                     struct store_device *ret_row)
{
        bool found = store_find_id(bridge->backend.store, device->id, ret_row) == 0;

        explicit_bzero(&ret_row->ownership, sizeof(ret_row->ownership));
        return found;
}

static void bridge_on_device_available(void *userdata, const struct state_device *device)
{
        struct bridge *bridge = userdata;
        struct store_device row;

        if (!mqtt_client_connected(bridge->client))
                return;
        show(bridge, device, SHOWN_AVAILABILITY);
        if (!loop_is_armed(bridge->devices))
                loop_rearm_timer(bridge->devices, BRIDGE_DEVICES_MS);
        if (device->available && read_row(bridge, device, &row))
                publish_about(bridge, json_message_announced(&row, time(NULL)));
}

static void bridge_on_device_missed(void *userdata, const struct state_device *device, uint64_t n)
{
        struct bridge *bridge = userdata;
        struct store_device row;

        if (mqtt_client_connected(bridge->client) && read_row(bridge, device, &row))
                publish_about(bridge, json_message_missed(&row, n, time(NULL)));
}

static void bridge_on_device_left(void *userdata, const struct store_device *device)
{
        struct bridge *bridge = userdata;

        if (mqtt_client_connected(bridge->client))
                publish_about(bridge, json_message_left(device, time(NULL)));
}

static void bridge_on_device_replaced(void *userdata, const struct store_device *device,
                                      const struct store_device *former)
{
        struct bridge *bridge = userdata;

        if (mqtt_client_connected(bridge->client))
                publish_about(bridge, json_message_replaced(device, former, time(NULL)));
}

static void bridge_on_device_released(void *userdata,
                                      const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                                      const char *name)
{
        struct bridge *bridge = userdata;

        if (mqtt_client_connected(bridge->client))
                publish_about(bridge, json_message_released(device_id, name, time(NULL)));
}

static void bridge_on_adapter_recovery(void *userdata, const char *adapter, const char *recovery)
{
        struct bridge *bridge = userdata;

        if (mqtt_client_connected(bridge->client))
                publish_about(bridge, json_message_recovery(adapter, recovery, time(NULL)));
}

static void bridge_on_condition(void *userdata, enum reason reason, bool on)
{
        struct bridge *bridge = userdata;

        (void)on; /* the conditions say it, too, and since when */
        if (!condition_known(reason) || !mqtt_client_connected(bridge->client))
                return;
        publish_alert(bridge, reason);
        publish_info(bridge, false); /* it lists them */
}

static void bridge_on_info_changed(void *userdata)
{
        struct bridge *bridge = userdata;

        if (mqtt_client_connected(bridge->client))
                publish_info(bridge, false);
}

struct face bridge_face(struct bridge *bridge)
{
        static const struct face_handler handler = {
                .on_event = bridge_on_event,
                .on_devices_changed = bridge_on_devices_changed,
                .on_device_readings = bridge_on_device_readings,
                .on_device_available = bridge_on_device_available,
                .on_device_missed = bridge_on_device_missed,
                .on_device_left = bridge_on_device_left,
                .on_device_replaced = bridge_on_device_replaced,
                .on_device_released = bridge_on_device_released,
                .on_adapter_recovery = bridge_on_adapter_recovery,
                .on_condition = bridge_on_condition,
                .on_info_changed = bridge_on_info_changed,
        };

        return (struct face){&handler, bridge};
}

/* What is about to be published on a new connection, to be remembered in one go. */
static void bridge_note_all(struct bridge *bridge)
{
        static const enum topic always[] = {TOPIC_STATE, TOPIC_INFO, TOPIC_DEVICES, TOPIC_HEALTH};
        const struct state *state = bridge->backend.state;

        mirror_begin(bridge->mirror);
        for (size_t i = 0; i < ELEMENTSOF(always); i++)
                mirror_note(bridge->mirror, always[i], NULL);
        for (const struct state_device *d = state_next(state, NULL); d; d = state_next(state, d))
                mirror_note(bridge->mirror, TOPIC_AVAILABILITY, d->name);
        readout_note_all(bridge->readout);
        hass_begin(bridge->hass);
        mirror_save(bridge->mirror);
}

void bridge_connected(struct bridge *bridge)
{
        bridge_note_all(bridge);
        publish_info(bridge, true);
        unpublish_gone(bridge);
        shown_clear(bridge->shown);
        catalogue_begin(bridge->catalogue);
        bridge_on_devices_changed(bridge);
        /* All of them: an alert of an earlier life of the daemon would never be cleared. */
        for (enum reason reason = condition_next_known(REASON_NONE); reason != REASON_NONE;
             reason = condition_next_known(reason))
                publish_alert(bridge, reason);
        readout_publish_all(bridge->readout);
        loop_rearm_timer(bridge->health, BRIDGE_HEALTH_SEC * 1000);
        publish_health(bridge);
        mirror_sweep(bridge->mirror);
}

void bridge_room(struct bridge *bridge)
{
        publish_due(bridge);
}

void bridge_no_hub(struct bridge *bridge, const char *hub)
{
        mirror_no_hub(bridge->mirror, hub);
}

void bridge_clean(struct bridge *bridge, const struct api_request *request,
                  const struct api_later *later)
{
        broom_sweep(bridge->broom, request, later);
}

void bridge_stop(struct bridge *bridge)
{
        broom_stop(bridge->broom);
}

void bridge_close_requests(struct bridge *bridge, bool closed)
{
        requests_close(bridge->requests, closed);
        orders_close(bridge->orders, closed);
        hass_close_requests(bridge->hass, closed);
}

static void bridge_on_answer(void *userdata, const struct mqtt_return *to, const char *answer)
{
        struct bridge *bridge = userdata;
        int r;

        r = mqtt_client_reply(bridge->client, to, answer, strlen(answer));
        if (r < 0)
                (void)log_errno(r, "MQTT: a request cannot be answered");
}

static void bridge_on_commanded(void *userdata, const struct mqtt_return *to, const char *answer,
                                json_t *event)
{
        bridge_on_answer(userdata, to, answer);
        publish_about(userdata, json_incref(event));
}

void bridge_request(struct bridge *bridge, const struct mqtt_request *request)
{
        _defer_(free) char *answer = NULL;
        int r;

        if (request->topic == TOPIC_REQUEST)
                r = requests_answer(bridge->requests, &request->to, request->name,
                                    (const uint8_t *)request->payload, request->n_payload, &answer);
        else
                r = orders_take(bridge->orders, request);
        if (r < 0)
                (void)log_errno(r, "MQTT: a request cannot be answered");
        else if (answer)
                bridge_on_answer(bridge, &request->to, answer);
}

/* --- Home Assistant --- */

void bridge_birth(struct bridge *bridge, const char *payload, size_t n_payload)
{
        if (n_payload == strlen(HASS_BIRTH) && memcmp(payload, HASS_BIRTH, n_payload) == 0)
                hass_greet(bridge->hass);
}

static void bridge_on_name(void *userdata, const char *name)
{
        mirror_note(((struct bridge *)userdata)->mirror, TOPIC_DISCOVERY, name);
}

static void bridge_on_discovered(void *userdata, int result)
{
        hass_acknowledged(((struct bridge *)userdata)->hass, result);
}

static bool bridge_on_discovery(void *userdata, const char *name, const char *text)
{
        struct bridge *bridge = userdata;
        const struct mqtt_done done = {bridge_on_discovered, bridge};

        return publish(bridge, TOPIC_DISCOVERY, name, text, &done);
}

/* What was announced in another way is gone, and its entities can be announced again. */
static void bridge_on_swept(void *userdata)
{
        hass_start(((struct bridge *)userdata)->hass);
}

static const struct hass_handler bridge_hass_handler = {
        .on_name = bridge_on_name,
        .on_message = bridge_on_discovery,
        .on_state = bridge_on_device_readings,
};

static const struct mirror_handler bridge_mirror_handler = {.on_swept = bridge_on_swept};

/* --- making it --- */

static const struct requests_handler bridge_requests_handler = {
        .on_devices = bridge_on_devices_changed,
        .on_answer = bridge_on_answer,
};

static const struct orders_handler bridge_orders_handler = {
        .on_answered = bridge_on_commanded,
};

int bridge_new(sd_event *event, struct mqtt_client *client, const struct hass_options *hass,
               const struct api_backend *backend, struct bridge **ret_bridge)
{
        _defer_(bridge_free) struct bridge *bridge = calloc(1, sizeof(*bridge));
        int r;

        if (!bridge)
                return -ENOMEM;
        bridge->event = sd_event_ref(event);
        bridge->client = client;
        bridge->backend = *backend;
        bridge->started_us = now_us(bridge);
        r = shown_new(&bridge->shown);
        if (r < 0)
                return r;
        r = catalogue_new(event, client, &bridge->backend, &bridge->catalogue);
        if (r < 0)
                return r;
        r = loop_add_timer(event, &bridge->health, bridge_on_health, bridge);
        if (r < 0)
                return r;
        r = loop_add_timer(event, &bridge->devices, bridge_on_devices, bridge);
        if (r < 0)
                return r;
        r = requests_new(&bridge->backend, &bridge_requests_handler, bridge, &bridge->requests);
        if (r < 0)
                return r;
        r = orders_new(&bridge->backend, &bridge_orders_handler, bridge, &bridge->orders);
        if (r < 0)
                return r;
        r = echo_new(event, client, &bridge->echo);
        if (r < 0)
                return r;
        r = mirror_new(client, backend->store, hass->hub, &bridge_mirror_handler, bridge,
                       &bridge->mirror);
        if (r < 0)
                return r;
        r = hass_new(event, hass, &bridge->backend, &bridge_hass_handler, bridge, &bridge->hass);
        if (r < 0)
                return r;
        r = broom_new(event, client, bridge->mirror, hass->hub, hass->prefix, &bridge->broom);
        if (r < 0)
                return r;
        r = readout_new(event, client, bridge->mirror, backend, &bridge_readout_handler, bridge,
                        &bridge->readout);
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
        loop_drop(&bridge->devices);
        bridge->echo = echo_free(bridge->echo);
        bridge->orders = orders_free(bridge->orders);
        bridge->requests = requests_free(bridge->requests);
        bridge->readout = readout_free(bridge->readout);
        bridge->broom = broom_free(bridge->broom);
        bridge->mirror = mirror_free(bridge->mirror);
        mqtt_client_forget(bridge->client, bridge);
        bridge->hass = hass_free(bridge->hass);
        bridge->catalogue = catalogue_free(bridge->catalogue);
        bridge->shown = shown_free(bridge->shown);
        free(bridge->info);
        bridge->event = sd_event_unref(bridge->event);
        free(bridge);
        return NULL;
}
