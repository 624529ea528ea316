/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A device that a hub owns and nobody has built: everything in it, and the hub's row of it, follow
 * from the hub's master key and a number.
 */

#include <stdint.h>

#include "store/device.h"
#include "wire/kdf.h"

#define VIRTUAL_EPOCH 1

/* Its channels; what it says of the first is a number that counts. */
enum { VIRTUAL_TEMPERATURE = 1, VIRTUAL_LEVEL = 2 };
#define VIRTUAL_CHANNELS 2

struct virtual
{
        char name[STORE_NAME_SIZE];
        uint8_t private_key[KDF_KEY_BYTES], public_key[KDF_KEY_BYTES];
        uint8_t device_id[KDF_DEVICE_ID_BYTES];
        uint8_t hub_public[KDF_KEY_BYTES];
        uint8_t psk_own[KDF_KEY_BYTES], mac_key_own[KDF_KEY_BYTES], adv_key[KDF_KEY_BYTES];
};

void virtual_make(const uint8_t master[KDF_KEY_BYTES], unsigned number, struct virtual *ret_device);

/* The row of a device whose enrollment is over; and its channels. */
void virtual_row(const struct virtual *device, struct store_device *ret_row);
void virtual_channels(struct store_channel ret_channels[VIRTUAL_CHANNELS]);
