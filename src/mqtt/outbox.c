/* SPDX-License-Identifier: Apache-2.0 */

#include "mqtt/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mqtt_protocol.h>

#include "util/log.h"
#include "util/loop.h"
#include "util/time.h"

#define N_SLOTS          16 /* rows under way; below the 20 that brokers take by default */
#define N_LANES_AT_FIRST 16

_Static_assert(TOPIC_SIZE == STORE_TOPIC_SIZE, "a topic fits into its row");

static const struct mqtt_outbox_patience patience_default = {.first_msec = 30000,
                                                             .longest_msec = 240000};

struct lane {
        bool has_device;
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        bool informational;
};

/* A lane whose first row waits to be tried again. */
struct held {
        struct lane lane;
        enum reason why; /* REASON_NONE: its recipient has time to acknowledge it */
        uint64_t since;  /* as in time_now_usec() */
};

enum slot_state {
        SLOT_FREE = 0,
        SLOT_BUSY, /* its row is under way */
        SLOT_NEXT, /* its row is delivered, the next of its lane may follow */
};

struct slot {
        struct mqtt_outbox *outbox;
        enum slot_state state;
        struct lane lane;
        enum store_receipt receipt;
        struct mqtt_delivery delivery;
};

struct mqtt_outbox {
        sd_event *event;
        struct store *store;
        struct mqtt_client *client;
        const char *hub;
        struct mqtt_outbox_patience patience;
        const struct mqtt_outbox_handler *handler;
        void *userdata;

        struct slot slots[N_SLOTS];
        int64_t seen; /* rows up to this id are done, under way, behind one of their lane, or held
                       */
        struct held *held; /* in the order of lane_compare() */
        size_t n_held, n_held_allocated;
        bool wants_receipts;
        bool is_tried; /* on_tried() has been called since the last row */
        uint64_t retry_msec;
        sd_event_source *retry;
        sd_event_source *pump;
};

static struct lane lane_of(const struct store_message *m)
{
        struct lane lane = {.has_device = m->has_device, .informational = m->informational};

        if (m->has_device)
                memcpy(lane.device_id, m->device_id, sizeof(lane.device_id));
        return lane;
}

static int lane_compare(const struct lane *a, const struct lane *b)
{
        int difference = memcmp(a->device_id, b->device_id, sizeof(a->device_id));

        if (difference == 0)
                difference = (int)a->has_device - (int)b->has_device;
        return difference != 0 ? difference : (int)a->informational - (int)b->informational;
}

/* Where the lane is among those that are held, or would be. */
static size_t outbox_held_at(const struct mqtt_outbox *o, const struct lane *lane)
{
        size_t low = 0, high = o->n_held;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (lane_compare(&o->held[middle].lane, lane) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static bool outbox_is_held_at(const struct mqtt_outbox *o, size_t at, const struct lane *lane)
{
        return at < o->n_held && lane_compare(&o->held[at].lane, lane) == 0;
}

static bool outbox_lane_blocked(const struct mqtt_outbox *o, const struct lane *lane)
{
        for (size_t i = 0; i < N_SLOTS; i++)
                if (o->slots[i].state != SLOT_FREE && lane_compare(&o->slots[i].lane, lane) == 0)
                        return true;
        return outbox_is_held_at(o, outbox_held_at(o, lane), lane);
}

static struct slot *outbox_find_slot(struct mqtt_outbox *o)
{
        for (size_t i = 0; i < N_SLOTS; i++)
                if (o->slots[i].state == SLOT_FREE)
                        return &o->slots[i];
        return NULL;
}

static int outbox_hold_lane(struct mqtt_outbox *o, const struct lane *lane, enum reason why)
{
        size_t n = o->n_held_allocated ? o->n_held_allocated * 2 : N_LANES_AT_FIRST;
        size_t at = outbox_held_at(o, lane);
        struct held *held;

        if (o->n_held == o->n_held_allocated) {
                held = reallocarray(o->held, n, sizeof(*held));
                if (!held)
                        return -ENOMEM;
                o->held = held;
                o->n_held_allocated = n;
        }
        memmove(&o->held[at + 1], &o->held[at], (o->n_held - at) * sizeof(*o->held));
        o->held[at] = (struct held){*lane, why, time_now_usec()};
        o->n_held++;
        return 0;
}

void mqtt_outbox_kick(struct mqtt_outbox *outbox)
{
        loop_rearm(outbox->pump);
}

static void outbox_arm_retry(struct mqtt_outbox *o)
{
        if (loop_is_armed(o->retry))
                return;
        loop_rearm_timer(o->retry, o->retry_msec);
        o->retry_msec *= 2;
        if (o->retry_msec > o->patience.longest_msec)
                o->retry_msec = o->patience.longest_msec;
}

/* The row of @slot was not accepted, or is not known to have arrived: it and its lane wait. */
static void outbox_hold(struct slot *slot, enum reason reason)
{
        struct mqtt_outbox *o = slot->outbox;
        int r;

        slot->state = SLOT_FREE;
        r = outbox_hold_lane(o, &slot->lane, reason);
        if (r < 0)
                (void)log_errno(r, "Cannot postpone an MQTT message");
        outbox_arm_retry(o);
        if (reason != REASON_NONE)
                o->handler->on_held(o->userdata, &slot->delivery, reason);
}

static void outbox_delivered(struct slot *slot)
{
        struct mqtt_outbox *o = slot->outbox;
        int r;

        r = store_outbox_drop(o->store, slot->delivery.id);
        if (r < 0) {
                (void)log_errno(r, "Cannot remove a delivered MQTT message; it will be sent twice");
                outbox_hold(slot, store_reason(r));
                return;
        }
        slot->state = SLOT_NEXT;
        if (!slot->lane.informational)
                o->retry_msec = o->patience.first_msec;
        o->handler->on_delivered(o->userdata, &slot->delivery);
}

/* The broker has it. The first time, the recipient gets time to say so, too. */
static void outbox_await(struct slot *slot)
{
        int r = store_outbox_note_sent(slot->outbox->store, slot->delivery.id);

        if (r == STORE_E_NONE) /* it was acknowledged before the broker had answered */
                outbox_delivered(slot);
        else if (r < 0)
                outbox_hold(slot, store_reason(r));
        else
                outbox_hold(slot, slot->receipt == STORE_RECEIPT_AWAITED
                                          ? REASON_KEY_NOT_ACKNOWLEDGED
                                          : REASON_NONE);
}

static void outbox_on_done(void *userdata, int result)
{
        struct slot *slot = userdata;

        mqtt_outbox_kick(slot->outbox);
        if (result < 0) /* the connection went; mqtt_outbox_resume() starts over */
                slot->state = SLOT_FREE;
        else if (result == MQTT_RC_SUCCESS && slot->receipt != STORE_RECEIPT_NONE &&
                 slot->outbox->wants_receipts)
                outbox_await(slot);
        else if (result == MQTT_RC_SUCCESS ||
                 (result == MQTT_RC_NO_MATCHING_SUBSCRIBERS && slot->lane.informational))
                outbox_delivered(slot);
        else if (result == MQTT_RC_NO_MATCHING_SUBSCRIBERS)
                outbox_hold(slot, REASON_NO_SUBSCRIBER);
        else
                outbox_hold(slot, REASON_BROKER_REFUSED);
}

/* Sends the row @m in @slot; -ENOTCONN when there is no point in going on. */
static int outbox_send(struct slot *slot, const struct store_message *m)
{
        const struct mqtt_done done = {.on_done = outbox_on_done, .userdata = slot};
        struct mqtt_outbox *o = slot->outbox;
        struct mqtt_delivery *d = &slot->delivery;
        int r;

        slot->lane = lane_of(m);
        slot->receipt = m->receipt;
        *d = (struct mqtt_delivery){.id = m->id, .has_device = m->has_device};
        memcpy(d->device_id, slot->lane.device_id, sizeof(d->device_id));
        slot->state = SLOT_BUSY;
        o->is_tried = false;

        r = topic_parse(o->hub, m->topic, &d->topic, d->name) ? -EINVAL : 0;
        if (r == 0)
                r = mqtt_client_publish(o->client, d->topic, d->name, m->payload, m->n_payload,
                                        &done);
        if (r == -ENOTCONN) {
                slot->state = SLOT_FREE;
                return r;
        }
        if (r < 0) {
                (void)log_errno(r, "Cannot publish the queued message for %s", m->topic);
                outbox_hold(slot, REASON_INTERNAL);
        }
        return 0;
}

/* Continues with the lanes that have just had a row delivered. 0 or -errno. */
static int outbox_follow_lanes(struct mqtt_outbox *o)
{
        struct store_message m = {.id = 0};
        int r;

        for (size_t i = 0; i < N_SLOTS; i++) {
                struct slot *slot = &o->slots[i];

                if (slot->state != SLOT_NEXT)
                        continue;
                m.has_device = slot->lane.has_device;
                memcpy(m.device_id, slot->lane.device_id, sizeof(m.device_id));
                m.informational = slot->lane.informational;
                slot->state = SLOT_FREE;
                r = store_outbox_next_in_lane(o->store, &m, slot->delivery.id, &m);
                if (r == 0 && m.id <= o->seen)
                        r = outbox_send(slot, &m);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Starts lanes that have not been checked yet. 0, STORE_E_NONE when there is no more, or -errno. */
static int outbox_start_lanes(struct mqtt_outbox *o)
{
        struct store_message m;
        struct slot *slot;
        int r;

        while ((slot = outbox_find_slot(o))) {
                struct lane lane;

                r = store_outbox_next(o->store, o->seen, &m);
                if (r)
                        return r;
                lane = lane_of(&m);
                if (!outbox_lane_blocked(o, &lane)) {
                        r = outbox_send(slot, &m);
                        if (r < 0)
                                return r;
                }
                o->seen = m.id;
        }
        return 0;
}

static bool outbox_is_idle(const struct mqtt_outbox *o)
{
        for (size_t i = 0; i < N_SLOTS; i++)
                if (o->slots[i].state != SLOT_FREE)
                        return false;
        return true;
}

static void outbox_pump(struct mqtt_outbox *o)
{
        int r;

        if (!mqtt_client_connected(o->client))
                return;
        r = outbox_follow_lanes(o);
        if (r == 0)
                r = outbox_start_lanes(o);
        if (r == -ENOTCONN)
                return;
        if (r < 0) {
                (void)log_errno(r, "Cannot read the outbox");
                outbox_arm_retry(o);
                return;
        }
        if (r == STORE_E_NONE && outbox_is_idle(o) && !o->is_tried) {
                o->is_tried = true;
                o->handler->on_tried(o->userdata);
        }
}

static int outbox_on_pump(sd_event_source *source, void *userdata)
{
        (void)source;
        outbox_pump(userdata);
        return 0;
}

/* Everything from the first row on, except what is under way. */
static void outbox_start_over(struct mqtt_outbox *o)
{
        o->n_held = 0;
        o->seen = 0;
        for (size_t i = 0; i < N_SLOTS; i++)
                if (o->slots[i].state == SLOT_NEXT)
                        o->slots[i].state = SLOT_FREE;
        mqtt_outbox_kick(o);
}

/* Whether its recipient has had no time yet: it was sent for the first time just now. */
static bool held_is_young(const struct held *held, const struct mqtt_outbox *o)
{
        return held->why == REASON_NONE &&
               time_now_usec() - held->since < o->patience.first_msec * 1000;
}

static int outbox_on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
        struct mqtt_outbox *o = userdata;
        size_t n_young = 0;

        (void)source;
        (void)usec;
        for (size_t i = 0; i < o->n_held; i++)
                if (held_is_young(&o->held[i], o))
                        o->held[n_young++] = o->held[i];
        outbox_start_over(o);
        o->n_held = n_young;
        if (n_young > 0)
                outbox_arm_retry(o);
        return 0;
}

int mqtt_outbox_new(sd_event *event, struct store *store, struct mqtt_client *client,
                    const char *hub, const struct mqtt_outbox_patience *patience,
                    const struct mqtt_outbox_handler *handler, void *userdata,
                    struct mqtt_outbox **ret_outbox)
{
        _defer_(mqtt_outbox_free) struct mqtt_outbox *o = NULL;
        int r;

        o = calloc(1, sizeof(*o));
        if (!o)
                return -ENOMEM;
        o->event = sd_event_ref(event);
        o->store = store;
        o->client = client;
        o->hub = hub;
        o->patience = patience ? *patience : patience_default;
        o->retry_msec = o->patience.first_msec;
        o->handler = handler;
        o->userdata = userdata;
        for (size_t i = 0; i < N_SLOTS; i++)
                o->slots[i].outbox = o;
        r = loop_add_timer(event, &o->retry, outbox_on_retry, o);
        if (r < 0)
                return r;
        r = loop_arm_defer(event, &o->pump, outbox_on_pump, o);
        if (r < 0)
                return r;

        *ret_outbox = take(o);
        return 0;
}

struct mqtt_outbox *mqtt_outbox_free(struct mqtt_outbox *outbox)
{
        if (!outbox)
                return NULL;
        for (size_t i = 0; i < N_SLOTS; i++)
                mqtt_client_forget(outbox->client, &outbox->slots[i]);
        loop_drop(&outbox->retry);
        loop_drop(&outbox->pump);
        outbox->event = sd_event_unref(outbox->event);
        free(outbox->held);
        free(outbox);
        return NULL;
}

void mqtt_outbox_want_receipts(struct mqtt_outbox *outbox, bool wanted)
{
        outbox->wants_receipts = wanted;
}

void mqtt_outbox_resume(struct mqtt_outbox *outbox)
{
        outbox->retry_msec = outbox->patience.first_msec;
        outbox_start_over(outbox);
}

void mqtt_outbox_resume_device(struct mqtt_outbox *outbox,
                               const uint8_t device_id[STORE_DEVICE_ID_BYTES])
{
        struct store_message m = {.has_device = true};
        struct lane lane = {.has_device = true};
        size_t at;
        int r;

        memcpy(lane.device_id, device_id, sizeof(lane.device_id));
        memcpy(m.device_id, device_id, sizeof(m.device_id));
        at = outbox_held_at(outbox, &lane);
        if (outbox_is_held_at(outbox, at, &lane)) {
                outbox->n_held--;
                memmove(&outbox->held[at], &outbox->held[at + 1],
                        (outbox->n_held - at) * sizeof(*outbox->held));
        }
        /* The rows from its first one on are looked at again; the lanes of the others block them.
         */
        r = store_outbox_next_in_lane(outbox->store, &m, 0, &m);
        if (r < 0)
                (void)log_errno(r, "Cannot read the outbox");
        else if (r == 0 && m.id <= outbox->seen)
                outbox->seen = m.id - 1;
        outbox->is_tried = false;
        mqtt_outbox_kick(outbox);
}

bool mqtt_outbox_holds(const struct mqtt_outbox *outbox, enum reason reason)
{
        for (size_t i = 0; i < outbox->n_held; i++)
                if (outbox->held[i].why == reason)
                        return true;
        return false;
}

int mqtt_outbox_message(enum topic topic, const char *hub, const char *name,
                        const uint8_t *device_id, const void *payload, size_t n_payload,
                        struct store_message *ret_message)
{
        struct timespec now;
        int r;

        if (n_payload > sizeof(ret_message->payload))
                return -EMSGSIZE;
        r = topic_build(topic, hub, name, ret_message->topic);
        if (r < 0)
                return r;
        if (!topic_outbound(topic))
                return -EACCES;
        (void)clock_gettime(CLOCK_REALTIME, &now);
        ret_message->id = 0;
        ret_message->has_device = device_id != NULL;
        if (device_id)
                memcpy(ret_message->device_id, device_id, sizeof(ret_message->device_id));
        ret_message->informational = topic_informational(topic);
        ret_message->created_at = now.tv_sec;
        ret_message->receipt = STORE_RECEIPT_NONE;
        ret_message->n_payload = n_payload;
        if (n_payload > 0)
                memcpy(ret_message->payload, payload, n_payload);
        return 0;
}
