/* SPDX-License-Identifier: Apache-2.0 */

#include "bridge/readout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/action.h"
#include "api/devices.h"
#include "api/json.h"
#include "store/delivery.h"
#include "util/free.h"
#include "util/log.h"
#include "util/loop.h"

#define USEC_PER_SEC  UINT64_C(1000000)
#define USEC_PER_MSEC UINT64_C(1000)

/* A device with options of its own. */
struct lane {
        uint8_t id[KDF_DEVICE_ID_BYTES];
        struct store_delivery how;
        uint64_t last_us; /* when it was published last; 0: not yet */
        bool waits;       /* for its time */
};

struct readout {
        sd_event *event;
        struct mqtt_client *client;
        struct mirror *mirror;
        struct store *store;
        const struct state *state;
        const struct readout_handler *handler;
        void *userdata;
        sd_event_source *timer;
        json_t *kept;       /* names of the devices whose readings the broker keeps */
        struct lane *lanes; /* sorted by .id */
        size_t n_lanes;
};

static uint64_t now_us(const struct readout *readout)
{
        uint64_t now = 0;

        (void)sd_event_now(readout->event, CLOCK_MONOTONIC, &now);
        return now;
}

static int by_id(const void *id, const void *lane)
{
        return memcmp(id, ((const struct lane *)lane)->id, KDF_DEVICE_ID_BYTES);
}

/* NULL for a device without options. */
static struct lane *lane_find(const struct readout *readout, const uint8_t id[KDF_DEVICE_ID_BYTES])
{
        if (readout->n_lanes == 0)
                return NULL;
        return bsearch(id, readout->lanes, readout->n_lanes, sizeof(struct lane), by_id);
}

static uint64_t lane_due_us(const struct lane *lane)
{
        return lane->last_us == 0 ? 0 : lane->last_us + lane->how.throttle_s * USEC_PER_SEC;
}

/* --- publishing --- */

static bool has_event(const struct state_device *device)
{
        for (size_t i = 0; i < device->n_readings; i++)
                if (device->readings[i].is_event)
                        return true;
        return false;
}

static bool is_retained(const struct readout *readout, const struct state_device *device)
{
        const struct lane *lane = lane_find(readout, device->id);

        return lane && lane->how.retain;
}

static void note_kept(struct readout *readout, const char *name)
{
        mirror_note(readout->mirror, TOPIC_DEVICE, name);
        (void)json_object_set_new(readout->kept, name, json_true());
}

static int publish(struct readout *readout, const char *name, const json_t *state, bool kept)
{
        _defer_(free) char *text = state ? json_dumps(state, JSON_COMPACT | JSON_DECIMALS) : NULL;

        if (!text)
                return -ENOMEM;
        if (!kept)
                return mqtt_client_publish(readout->client, TOPIC_DEVICE, name, text, strlen(text),
                                           NULL);
        note_kept(readout, name);
        mirror_save(readout->mirror);
        return mqtt_client_publish_kept(readout->client, TOPIC_DEVICE, name, text, strlen(text));
}

/* What is left when the events of this device are over, of what it has reported. */
static void drop_events(const struct state_device *device, json_t *state)
{
        bool has_action = false;

        for (size_t i = 0; i < device->n_readings; i++) {
                const struct reading *reading = &device->readings[i];

                if (reading->is_event)
                        (void)json_object_del(state, reading->leaf);
                else if (strcmp(reading->leaf, ACTION_PROPERTY) == 0)
                        has_action = true; /* a channel that is called so */
        }
        if (!has_action)
                (void)json_object_del(state, ACTION_PROPERTY);
}

/* An event is never kept: a late subscriber would take it for something that happens now. What was
 * reported beside it is. */
void readout_send(struct readout *readout, const struct state_device *device)
{
        _defer_(json_free) json_t *state = devices_state(device);
        bool kept = is_retained(readout, device);
        int r = 0;

        if (!kept || has_event(device))
                r = publish(readout, device->name, state, false);
        if (kept && has_event(device) && state)
                drop_events(device, state);
        if (r == 0 && kept)
                r = publish(readout, device->name, state, true);
        if (r < 0 && r != -ENOTCONN)
                (void)log_errno(r, "%s: its readings cannot be published", device->name);
}

static void call(struct readout *readout, const struct state_device *device)
{
        readout->handler->on_turn(readout->userdata, device, has_event(device));
}

static void lane_publish(struct readout *readout, struct lane *lane,
                         const struct state_device *device)
{
        lane->waits = false;
        lane->last_us = now_us(readout);
        call(readout, device);
}

/* What the broker keeps and should not any more. */
static void unpublish(struct readout *readout)
{
        const char *name;
        json_t *value;
        void *next;

        json_object_foreach_safe(readout->kept, next, name, value)
        {
                const struct state_device *device = state_find_name(readout->state, name);

                if (device && is_retained(readout, device))
                        continue;
                if (mqtt_client_publish_kept(readout->client, TOPIC_DEVICE, name, "", 0) == 0)
                        (void)json_object_del(readout->kept, name);
        }
}

/* --- waiting --- */

/* Publishes what is due, and waits for the next. */
static void readout_flush(struct readout *readout)
{
        uint64_t now = now_us(readout), next = UINT64_MAX;

        for (size_t i = 0; i < readout->n_lanes; i++) {
                struct lane *lane = &readout->lanes[i];
                const struct state_device *device;
                uint64_t due = lane_due_us(lane);

                if (!lane->waits)
                        continue;
                if (due > now) {
                        next = due < next ? due : next;
                        continue;
                }
                lane->waits = false;
                device = state_find(readout->state, lane->id);
                if (device)
                        lane_publish(readout, lane, device);
        }
        if (next == UINT64_MAX)
                loop_disarm(readout->timer);
        else
                loop_rearm_timer(readout->timer, (next - now) / USEC_PER_MSEC + 1);
}

static int readout_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        (void)source;
        (void)usec;
        readout_flush(userdata);
        return 0;
}

/* A new array of what the store says; what lies behind the devices is remembered. */
static int readout_read(const struct readout *readout, struct lane **ret_lanes, size_t *ret_n_lanes)
{
        _defer_(free) struct lane *lanes = NULL;
        struct lane lane = {.waits = false};
        size_t n = 0;
        int r;

        r = store_delivery_after(readout->store, NULL, lane.id, &lane.how);
        for (; r == 0; r = store_delivery_after(readout->store, lane.id, lane.id, &lane.how)) {
                const struct lane *before = lane_find(readout, lane.id);
                struct lane *more = realloc(lanes, (n + 1) * sizeof(*lanes));

                if (!more)
                        return -ENOMEM;
                lanes = more;
                lane.last_us = before ? before->last_us : 0;
                lane.waits = before && before->waits;
                lanes[n++] = lane;
        }
        if (r < 0)
                return r;
        *ret_lanes = take(lanes);
        *ret_n_lanes = n;
        return 0;
}

static int readout_reread(struct readout *readout)
{
        struct lane *lanes;
        size_t n_lanes;
        int r;

        r = readout_read(readout, &lanes, &n_lanes);
        if (r < 0)
                return r;
        free(readout->lanes);
        readout->lanes = lanes;
        readout->n_lanes = n_lanes;
        return 0;
}

void readout_refresh(struct readout *readout)
{
        int r;

        r = readout_reread(readout);
        if (r < 0)
                (void)log_errno(r, "MQTT: the options of devices cannot be read");
        unpublish(readout);
        readout_flush(readout);
}

void readout_offer(struct readout *readout, const struct state_device *device)
{
        struct lane *lane = lane_find(readout, device->id);

        if (!lane) {
                call(readout, device);
        } else if (has_event(device) || lane_due_us(lane) <= now_us(readout)) {
                lane_publish(readout, lane, device);
        } else {
                lane->waits = true;
                readout_flush(readout);
        }
}

void readout_note_all(struct readout *readout)
{
        const struct state *state = readout->state;

        for (const struct state_device *d = state_next(state, NULL); d; d = state_next(state, d))
                if (is_retained(readout, d))
                        note_kept(readout, d->name);
}

void readout_publish_all(struct readout *readout)
{
        const struct state *state = readout->state;

        for (const struct state_device *d = state_next(state, NULL); d; d = state_next(state, d))
                if (d->n_readings > 0)
                        call(readout, d);
}

int readout_new(sd_event *event, struct mqtt_client *client, struct mirror *mirror,
                const struct api_backend *backend, const struct readout_handler *handler,
                void *userdata, struct readout **ret_readout)
{
        _defer_(readout_free) struct readout *readout = calloc(1, sizeof(*readout));
        int r;

        if (!readout)
                return -ENOMEM;
        readout->event = sd_event_ref(event);
        readout->client = client;
        readout->mirror = mirror;
        readout->store = backend->store;
        readout->state = backend->state;
        readout->handler = handler;
        readout->userdata = userdata;
        readout->kept = json_object();
        if (!readout->kept)
                return -ENOMEM;
        r = loop_add_timer(event, &readout->timer, readout_on_timer, readout);
        if (r >= 0)
                r = readout_reread(readout);
        if (r < 0)
                return r;
        *ret_readout = take(readout);
        return 0;
}

struct readout *readout_free(struct readout *readout)
{
        if (!readout)
                return NULL;
        loop_drop(&readout->timer);
        readout->event = sd_event_unref(readout->event);
        (void)json_free(readout->kept);
        free(readout->lanes);
        free(readout);
        return NULL;
}
