/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Delivers the rows of the store's outbox to the broker, each at least once.
 *
 * A row is removed when the broker has accepted it (PUBACK 0x00; for informational rows also 0x10,
 * no subscriber). Any other answer keeps the row and holds its lane (store/outbox.h); the row is
 * tried again later and at every new connection. A row whose receipt is wanted is kept and tried
 * again in the same way, until its owner drops it. One row of a lane is in flight at a time, so
 * that the order holds whatever the broker answers; other lanes continue.
 */

#include <stddef.h>
#include <stdint.h>

#include "mqtt/client.h"
#include "store/outbox.h"

struct mqtt_outbox;

/* A row whose outcome is reported. */
struct mqtt_delivery {
        int64_t id;
        bool has_device;
        uint8_t device_id[STORE_DEVICE_ID_BYTES];
        enum topic topic;
        char name[TOPIC_NAME_SIZE];
};

struct mqtt_outbox_handler {
        /* The broker has accepted the row, and it is gone from the store. */
        void (*on_delivered)(void *userdata, const struct mqtt_delivery *delivery);
        /*
         * The row stays: REASON_NO_SUBSCRIBER, REASON_BROKER_REFUSED, or after the second try
         * REASON_KEY_NOT_ACKNOWLEDGED; called at each try.
         */
        void (*on_held)(void *userdata, const struct mqtt_delivery *delivery, enum reason reason);
        /* Everything has been tried, and what is left is held: see mqtt_outbox_holds(). */
        void (*on_tried)(void *userdata);
};

/* Milliseconds between tries of held rows; they double up to the second. */
struct mqtt_outbox_patience {
        uint64_t first_msec;
        uint64_t longest_msec;
};

/*
 * Borrows everything, @hub too, until it is freed; free it before @client and @store. @patience
 * NULL means 30 s and 240 s.
 */
int mqtt_outbox_new(sd_event *event, struct store *store, struct mqtt_client *client,
                    const char *hub, const struct mqtt_outbox_patience *patience,
                    const struct mqtt_outbox_handler *handler, void *userdata,
                    struct mqtt_outbox **ret_outbox);

/* Takes NULL, returns NULL; calls no callback, and may not be called from one. */
struct mqtt_outbox *mqtt_outbox_free(struct mqtt_outbox *outbox);

/*
 * Whether rows whose receipt is wanted stay until it has come, and is not only what was once asked
 * for. At first it is not.
 */
void mqtt_outbox_want_receipts(struct mqtt_outbox *outbox, bool wanted);

/* Call after rows have been added to the store. */
void mqtt_outbox_kick(struct mqtt_outbox *outbox);

/*
 * Call when the client reports REASON_NONE: what was held is tried at once.
 */
void mqtt_outbox_resume(struct mqtt_outbox *outbox);

/*
 * Call when rows of this device have been dropped from the store or added to it: its rows are tried
 * at once, and no other ones.
 */
void mqtt_outbox_resume_device(struct mqtt_outbox *outbox,
                               const uint8_t device_id[STORE_DEVICE_ID_BYTES]);

/* Whether a row is held for this reason. */
bool mqtt_outbox_holds(const struct mqtt_outbox *outbox, enum reason reason);

/*
 * Fills @ret_message for the store: on the row @topic and @name, in the lane of @device_id, NULL
 * for what belongs to no device. 0; -EINVAL; -EACCES for a row that the hub does not write;
 * -EMSGSIZE.
 */
int mqtt_outbox_message(enum topic topic, const char *hub, const char *name,
                        const uint8_t *device_id, const void *payload, size_t n_payload,
                        struct store_message *ret_message);

DEFINE_DEFER(struct mqtt_outbox *, mqtt_outbox_free);
