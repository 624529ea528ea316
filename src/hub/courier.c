/* SPDX-License-Identifier: Apache-2.0 */

#include "hub/courier.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include <jansson.h>
#include <sodium.h>

#include "api/devices.h"
#include "api/json.h"
#include "enrollment/forward.h"
#include "store/forwarded.h"
#include "util/hex.h"
#include "util/log.h"

/* --- receipts --- */

/* The ownership that a message is about; 0 if it is not readable. */
static uint32_t message_epoch(const struct store_message *message)
{
        _defer_(json_free) json_t *object =
                json_loadb((const char *)message->payload, message->n_payload, 0, NULL);

        return (uint32_t)json_integer_value(json_object_get(object, "epoch"));
}

/* Reads {"epoch": 1, "receipt": "0f7c..."}. */
static bool receipt_read(const char *payload, size_t n_payload, uint32_t *ret_epoch,
                         uint8_t ret_receipt[FORWARD_RECEIPT_BYTES])
{
        _defer_(json_free) json_t *object =
                json_loadb(payload, n_payload, JSON_REJECT_DUPLICATES, NULL);
        json_int_t epoch = json_integer_value(json_object_get(object, "epoch"));
        const char *text = json_string_value(json_object_get(object, "receipt"));

        if (epoch < 1 || epoch > UINT32_MAX || !text ||
            hex_decode(text, ret_receipt, FORWARD_RECEIPT_BYTES) != 0)
                return false;
        *ret_epoch = (uint32_t)epoch;
        return true;
}

/* 0 or -errno. */
static int courier_settle(const struct courier *c, const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                          uint32_t epoch)
{
        struct store_message message = {.has_device = true};
        bool is_new = false;
        int r;

        memcpy(message.device_id, device_id, STORE_DEVICE_ID_BYTES);
        while ((r = store_outbox_next_in_lane(c->store, &message, message.id, &message)) == 0) {
                if (message.receipt == STORE_RECEIPT_NONE || message_epoch(&message) != epoch)
                        continue;
                r = store_outbox_drop(c->store, message.id);
                if (r < 0)
                        return r;
                is_new = true;
        }
        if (is_new) /* and what waits behind it may go */
                mqtt_outbox_resume_device(c->outbox, device_id);
        return r == STORE_E_NONE ? 0 : r;
}

void courier_take_receipt(const struct courier *courier, const char *device_id, const char *payload,
                          size_t n_payload)
{
        uint8_t id[STORE_DEVICE_ID_BYTES];
        uint8_t receipt[FORWARD_RECEIPT_BYTES], expected[FORWARD_RECEIPT_BYTES];
        uint32_t epoch;
        int r;

        if (hex_decode(device_id, id, sizeof(id)) != 0 ||
            !receipt_read(payload, n_payload, &epoch, receipt)) {
                log_warning("MQTT: the receipt for %s cannot be read.", device_id);
                return;
        }
        forward_receipt(courier->master, id, epoch, expected);
        r = sodium_memcmp(receipt, expected, sizeof(expected));
        sodium_memzero(expected, sizeof(expected));
        if (r != 0) {
                log_warning("MQTT: the receipt for %s is not the one under the seal.", device_id);
                return;
        }
        r = courier_settle(courier, id, epoch);
        if (r < 0)
                (void)log_errno(r, "The receipt for %s cannot be noted", device_id);
        else
                log_info("The keys of %s have been acknowledged.", device_id);
}

/* --- once more --- */

/* Whether a message about this device is still to be delivered. 0, STORE_E_NONE, or -errno. */
static int courier_find_waiting(const struct courier *c, const struct store_device *device)
{
        struct store_message message = {.has_device = true};

        memcpy(message.device_id, device->device_id, sizeof(message.device_id));
        return store_outbox_next_in_lane(c->store, &message, 0, &message);
}

/* 0, STORE_E_NONE if nothing was forwarded, or -errno. */
static int courier_queue(const struct courier *c, const struct store_device *device)
{
        const struct forward forward = {.hub = c->hub, .master = c->master};
        struct store_message message = {.has_device = true, .created_at = time(NULL)};
        int r;

        memcpy(message.device_id, device->device_id, sizeof(message.device_id));
        r = store_forwarded(c->store, device->device_id, &message);
        if (r == 0)
                r = forward_readdress(&forward, device->name, &message);
        if (r != 0)
                return r;
        if (c->acknowledge && memmem(message.payload, message.n_payload, "\"sealed\":", 9))
                message.receipt = STORE_RECEIPT_WANTED;
        return store_outbox_add(c->store, &message);
}

struct api_answer courier_send_again(const struct courier *courier, const char *device)
{
        struct store_device row = {.name = ""};
        int r;

        r = devices_resolve(courier->store, device, &row);
        if (r == STORE_E_NONE)
                return api_refuse(REASON_NO_SUCH_DEVICE);
        if (r == 0)
                r = courier_find_waiting(courier, &row);
        if (r == STORE_E_NONE)
                r = courier_queue(courier, &row);
        sodium_memzero(&row.ownership, sizeof(row.ownership));
        if (r == STORE_E_NONE)
                return api_refuse(REASON_KEYS_MISSING);
        if (r < 0) {
                (void)log_errno(r, "%s: its keys cannot be sent again", device);
                return api_refuse(store_reason(r));
        }
        mqtt_outbox_resume_device(courier->outbox, row.device_id);
        return api_accept("");
}
