/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The message that tells the IoT system who a device is: its identity and public key, signed by the
 * hub. A secret key of the device is in it only sealed for the recipient, and so is the receipt by
 * which the recipient shows that it has opened the seal.
 *
 * It goes to the key topic, once for each ownership, and can be delivered twice without harm:
 * device and epoch name it. Another one follows when the hub removes the device. Normative:
 * doc/mqtt.md, "Keys".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/device.h"
#include "store/outbox.h"

struct forward {
        const char *hub;       /* the hub's name */
        const uint8_t *master; /* 32 bytes, for the signing key */
        bool identity;         /* serial number, maker, model, software; else only the identifier */
        bool public_key;
        const uint8_t *recipient;  /* an X25519 key, 32 bytes; NULL: nothing is sealed */
        const uint8_t *secret_key; /* of the device, 32 bytes, for the recipient; or NULL */
        bool acknowledge;          /* the recipient is to send the receipt back */
};

#define FORWARD_RECEIPT_BYTES 16

/*
 * Makes the outbox row for an enrolled @device. 0; -ENOMEM; -EINVAL for a hub name that is not
 * valid, or a recipient whose key is not valid.
 */
int forward_message(const struct forward *forward, const struct store_device *device,
                    struct store_message *ret_message);

/*
 * Makes the outbox row which says that this hub removed an enrolled @device at @now, Unix time; of
 * @forward only the name and the key count. As forward_message().
 */
int forward_removal(const struct forward *forward, const struct store_device *device, int64_t now,
                    struct store_message *ret_message);

/*
 * The same if there is anybody to tell, because the code of @device lets its key be forwarded:
 * @ret_n_messages is 1, or 0. 0 or -errno.
 */
int forward_end(const struct forward *forward, const struct store_device *device, int64_t now,
                struct store_message *ret_message, size_t *ret_n_messages);

/*
 * Makes the payload of a message, of either kind and perhaps of a hub with another name, a message
 * of this hub, signed again; of @forward only the name and the key count. @name is the device's by
 * now; NULL: it is left as it is. 0; -EBADMSG if it is no such message; -EINVAL; -EMSGSIZE.
 */
int forward_readdress(const struct forward *forward, const char *name,
                      struct store_message *message);

/* What only the recipient of the message about this ownership can know, and the hub. */
void forward_receipt(const uint8_t master[32], const uint8_t device_id[STORE_DEVICE_ID_BYTES],
                     uint32_t epoch, uint8_t ret_receipt[FORWARD_RECEIPT_BYTES]);

/* The hub's public signing key (Ed25519), the `system_key` that devices are given. */
void forward_public_key(const uint8_t master[32], uint8_t ret_key[32]);
