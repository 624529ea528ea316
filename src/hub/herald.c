/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/herald.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <jansson.h>

#include "api/json.h"
#include "event/journal.h"
#include "mqtt/outbox.h"
#include "mqtt/topic.h"
#include "util/log.h"
#include "util/time.h"

/*
 * In the outbox, while there is no broker: some 200 KB. Readings are not kept at all, because the
 * last ones are published when it is back; keys are kept in any case, one or two for each device.
 */
#define KEPT_EVENTS_MAX 500

struct herald {
        struct herald_means means;
        struct face faces[HERALD_FACES_MAX];
        size_t n_faces;
        bool connected; /* to the broker */
        bool forgets;   /* since it was: events that it has missed */
};

int herald_new(const struct herald_means *means, struct herald **ret_herald)
{
        struct herald *h = calloc(1, sizeof(*h));

        if (!h)
                return -ENOMEM;
        h->means = *means;
        *ret_herald = h;
        return 0;
}

struct herald *herald_free(struct herald *herald)
{
        free(herald);
        return NULL;
}

void herald_add_face(struct herald *herald, struct face face)
{
        assert(herald->n_faces < HERALD_FACES_MAX);
        herald->faces[herald->n_faces++] = face;
}

void herald_set_broker(struct herald *herald, bool connected)
{
        herald->connected = connected;
        herald->forgets = false;
}

/* --- events --- */

/* The oldest events go first. 0 or -errno. */
static int herald_trim(struct herald *h)
{
        unsigned n_dropped;
        int r;

        r = store_outbox_trim(h->means.store, KEPT_EVENTS_MAX, &n_dropped);
        if (r < 0)
                return r;
        if (n_dropped > 0 && !h->forgets)
                log_warning("The MQTT broker has been away for %d events; the oldest are dropped "
                            "from now on. Keys are kept.",
                            KEPT_EVENTS_MAX);
        h->forgets = h->forgets || n_dropped > 0;
        return 0;
}

/* NULL says that memory was short. */
static int herald_keep(struct herald *h, json_t *json_take)
{
        _defer_(json_free) json_t *json = json_take;
        struct store_message message;
        char text[STORE_PAYLOAD_MAX];
        size_t n;
        int r;

        if (!json)
                return -ENOMEM;
        n = json_dumpb(json, text, sizeof(text), JSON_COMPACT);
        if (n == 0 || n > sizeof(text))
                return -EMSGSIZE;
        r = mqtt_outbox_message(TOPIC_EVENT, h->means.hub, NULL, NULL, text, n, &message);
        if (r == 0)
                r = store_outbox_add(h->means.store, &message);
        return r < 0 ? r : herald_trim(h);
}

/* While there is no broker the end of an enrollment waits in the outbox; steps are only of interest
 * live. */
static void herald_keep_end(struct herald *h, const struct event *event)
{
        json_t *joined;
        int r;

        if (!event_is_over(event))
                return;
        r = herald_keep(h, json_message_from_event(event));
        joined = r == 0 ? json_message_joined(event) : NULL;
        if (joined)
                r = herald_keep(h, joined);
        if (r < 0)
                (void)log_errno(r, "The end of an enrollment cannot be kept for the broker");
}

/* Whether codes that come this way are always read with the camera. */
static bool is_from_camera(enum event_source source)
{
        return source == EVENT_SOURCE_CAMERA || source == EVENT_SOURCE_BUTTON ||
               source == EVENT_SOURCE_DBUS;
}

/*
 * What only an enrollment finds out is a problem of the hub until one gets past it: a code from the
 * camera, the store's room (which is asked for before the preview).
 */
static void herald_alert_found(struct herald *h, const struct event *event)
{
        static const enum reason store[] = {REASON_STORE_FULL, REASON_STORE_READ_ONLY,
                                            REASON_STORE_FAILED};
        bool failed = event->status == EVENT_FAILED;
        bool good = event->status == EVENT_PREVIEW;

        for (size_t i = 0; i < ELEMENTSOF(store); i++)
                if (good || (failed && event->reason == store[i]))
                        herald_alert(h, store[i], failed);
        if ((good && is_from_camera(event->source)) ||
            (failed && event->reason == REASON_CAMERA_MISSING))
                herald_alert(h, REASON_CAMERA_MISSING, failed);
}

void herald_event(struct herald *herald, const struct event *event)
{
        herald_alert_found(herald, event);
        journal_event(event);
        for (size_t i = 0; i < herald->n_faces; i++)
                if (herald->faces[i].handler->on_event)
                        herald->faces[i].handler->on_event(herald->faces[i].userdata, event);
        if (!herald->connected)
                herald_keep_end(herald, event);
}

/* --- conditions --- */

static void herald_report_condition(struct herald *h, enum reason reason, bool on)
{
        for (size_t i = 0; i < h->n_faces; i++)
                if (h->faces[i].handler->on_condition)
                        h->faces[i].handler->on_condition(h->faces[i].userdata, reason, on);
}

void herald_condition(struct herald *herald, const char *what, enum reason *state, enum reason now)
{
        enum reason before = *state;

        if (!condition_replace(herald->means.conditions, state, now, time_now_usec()))
                return;
        journal_condition(what, now);
        if (before != REASON_NONE && before != now)
                herald_report_condition(herald, before, false);
        if (now != REASON_NONE)
                herald_report_condition(herald, now, true);
        herald_info_changed(herald);
}

void herald_alert(struct herald *herald, enum reason reason, bool on)
{
        if (condition_set(herald->means.conditions, reason, on, time_now_usec()))
                herald_report_condition(herald, reason, on);
}

void herald_clock_set(struct herald *herald)
{
        const struct conditions *conditions = herald->means.conditions;

        for (enum reason reason = condition_next_open(conditions, REASON_NONE);
             reason != REASON_NONE; reason = condition_next_open(conditions, reason))
                herald_report_condition(herald, reason, true);
        herald_info_changed(herald);
}

/* --- devices --- */

void herald_devices_changed(struct herald *herald)
{
        for (size_t i = 0; i < herald->n_faces; i++)
                if (herald->faces[i].handler->on_devices_changed)
                        herald->faces[i].handler->on_devices_changed(herald->faces[i].userdata);
}

static void herald_report_readings(struct herald *h, const struct state_device *device)
{
        for (size_t i = 0; i < h->n_faces; i++)
                if (h->faces[i].handler->on_device_readings)
                        h->faces[i].handler->on_device_readings(h->faces[i].userdata, device);
}

void herald_readings(struct herald *herald, const struct store_device *device,
                     const struct reading *readings, size_t n_readings)
{
        const struct state_device *known;
        int r;

        r = state_readings(herald->means.state, device->device_id, readings, n_readings,
                           time(NULL));
        if (r == -ENOENT)
                return; /* it was removed while it talked */
        if (r < 0)
                (void)log_errno(r, "%s: not every reading can be kept", device->name);
        known = state_find(herald->means.state, device->device_id);
        if (known)
                herald_report_readings(herald, known);
        state_events_over(herald->means.state, device->device_id);
}

void herald_missed(struct herald *herald, const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct numbering *numbering = state_numbering(herald->means.state, device_id);
        const struct state_device *known = state_find(herald->means.state, device_id);
        uint64_t n = numbering ? numbering_report(numbering) : 0;

        if (n == 0)
                return;
        log_warning("%s: readings lost on the way: %llu", known->name, (unsigned long long)n);
        for (size_t i = 0; i < herald->n_faces; i++)
                if (herald->faces[i].handler->on_device_missed)
                        herald->faces[i].handler->on_device_missed(herald->faces[i].userdata, known,
                                                                   n);
}

void herald_reach(struct herald *herald, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                  bool available, enum reason why)
{
        const struct state_reach reach = {available, why, time(NULL)};
        const struct state_device *known;

        if (!state_reach(herald->means.state, device_id, &reach))
                return;
        known = state_find(herald->means.state, device_id);
        if (!available)
                log_info("%s cannot be reached: %s", known->name,
                         why == REASON_NONE ? "it is not heard any more" : reason_text(why));
        for (size_t i = 0; i < herald->n_faces; i++)
                if (herald->faces[i].handler->on_device_available)
                        herald->faces[i].handler->on_device_available(herald->faces[i].userdata,
                                                                      known);
}

void herald_heard(struct herald *herald, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                  const int *rssi)
{
        state_heard(herald->means.state, device_id, rssi, time(NULL));
}

void herald_device(struct herald *herald, const struct store_device *device, bool available)
{
        int r;

        r = state_add(herald->means.state, device->device_id, device->name);
        if (r < 0)
                (void)log_errno(r, "%s: its state cannot be kept", device->name);
        herald_reach(herald, device->device_id, available, REASON_NONE);
}

void herald_new_device(struct herald *herald, const struct store_device *device)
{
        (void)state_forget(herald->means.state, device->device_id);
        herald_device(herald, device, true);
        herald_devices_changed(herald);
}

void herald_rename(struct herald *herald, const struct store_device *device, const char *name)
{
        const struct state_device *known;

        (void)state_rename(herald->means.state, device->device_id, name);
        herald_devices_changed(herald);
        known = state_find(herald->means.state, device->device_id);
        if (known && known->n_readings > 0)
                herald_report_readings(herald, known);
}

void herald_forget(struct herald *herald, const struct store_device *device)
{
        int r;

        (void)state_forget(herald->means.state, device->device_id);
        herald_devices_changed(herald);
        for (size_t i = 0; i < herald->n_faces; i++)
                if (herald->faces[i].handler->on_device_left)
                        herald->faces[i].handler->on_device_left(herald->faces[i].userdata, device);
        r = herald->connected ? 0 : herald_keep(herald, json_message_left(device, time(NULL)));
        if (r < 0)
                (void)log_errno(r, "%s: its end cannot be kept for the broker", device->name);
}

/* Nothing is taken off the broker: the new device has the same name. */
void herald_replace(struct herald *herald, const struct store_device *device,
                    const struct store_device *former)
{
        int r = 0;

        (void)state_forget(herald->means.state, former->device_id);
        for (size_t i = 0; i < herald->n_faces; i++)
                if (herald->faces[i].handler->on_device_replaced)
                        herald->faces[i].handler->on_device_replaced(herald->faces[i].userdata,
                                                                     device, former);
        if (!herald->connected)
                r = herald_keep(herald, json_message_replaced(device, former, time(NULL)));
        if (r < 0)
                (void)log_errno(r, "%s: its replacement cannot be kept for the broker",
                                device->name);
}

void herald_released(struct herald *herald, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                     const char *name)
{
        int r = 0;

        for (size_t i = 0; i < herald->n_faces; i++)
                if (herald->faces[i].handler->on_device_released)
                        herald->faces[i].handler->on_device_released(herald->faces[i].userdata,
                                                                     device_id, name);
        if (!herald->connected)
                r = herald_keep(herald, json_message_released(device_id, name, time(NULL)));
        if (r < 0)
                (void)log_errno(r, "%s: its release cannot be kept for the broker", name);
}

void herald_recovery(struct herald *herald, const char *adapter, const char *recovery)
{
        for (size_t i = 0; i < herald->n_faces; i++)
                if (herald->faces[i].handler->on_adapter_recovery)
                        herald->faces[i].handler->on_adapter_recovery(herald->faces[i].userdata,
                                                                      adapter, recovery);
}

void herald_info_changed(struct herald *herald)
{
        for (size_t i = 0; i < herald->n_faces; i++)
                if (herald->faces[i].handler->on_info_changed)
                        herald->faces[i].handler->on_info_changed(herald->faces[i].userdata);
}

void herald_window_changed(struct herald *herald, int64_t until)
{
        for (size_t i = 0; i < herald->n_faces; i++)
                if (herald->faces[i].handler->on_window_changed)
                        herald->faces[i].handler->on_window_changed(herald->faces[i].userdata,
                                                                    until);
        herald_info_changed(herald);
}
