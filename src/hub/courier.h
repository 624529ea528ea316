/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The keys of devices on their way to those who need them: receipts, by which a recipient shows
 * that it has opened what was sealed for it, and messages that are sent once more.
 *
 * Normative: doc/mqtt.md, "Keys".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/backend.h"
#include "mqtt/outbox.h"

/* What it works with; everything outlives it. */
struct courier {
        struct store *store;
        struct mqtt_outbox *outbox;
        const char *hub;       /* its name */
        const uint8_t *master; /* 32 bytes */
        bool acknowledge;      /* the recipient is to acknowledge keys */
};

/*
 * The receipt for what was forwarded of the device with this identifier, 32 hexadecimal digits: if
 * it is the one that was under the seal, the message counts as delivered.
 */
void courier_take_receipt(const struct courier *courier, const char *device_id, const char *payload,
                          size_t n_payload);

/*
 * As api_handler.on_send_keys() says: what was forwarded of the device when it was enrolled is
 * queued again, unless it still waits.
 */
struct api_answer courier_send_again(const struct courier *courier, const char *device);
