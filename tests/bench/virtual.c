/* SPDX-License-Identifier: Apache-2.0 */

#include "virtual.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/channel.h"
#include "wire/crypto.h"

/* 32 bytes that nothing else is made of. */
static void derive(unsigned number, const char *what, uint8_t ret_bytes[KDF_KEY_BYTES])
{
        uint8_t seed[KDF_KEY_BYTES] = {0};

        memcpy(seed, &number, sizeof(number));
        kdf_expand(seed, what, strlen(what), ret_bytes, KDF_KEY_BYTES);
}

void virtual_make(const uint8_t master[KDF_KEY_BYTES], unsigned number, struct virtual *ret_device)
{
        uint8_t secret[KDF_KEY_BYTES], hub_private[KDF_KEY_BYTES];
        struct virtual *v = ret_device;

        (void)snprintf(v->name, sizeof(v->name), "virtual-%05u", number);
        derive(number, "private key", v->private_key);
        derive(number, "secret", secret);
        crypto_x25519_base(v->private_key, v->public_key);
        kdf_device_id(v->public_key, v->device_id);
        kdf_hub_static(master, v->device_id, hub_private);
        crypto_x25519_base(hub_private, v->hub_public);
        kdf_psk_own(master, v->device_id, VIRTUAL_EPOCH, v->psk_own);
        kdf_own_mac_key(v->psk_own, v->mac_key_own);
        kdf_adv_key(secret, v->adv_key);
}

void virtual_row(const struct virtual *device, struct store_device *ret_row)
{
        struct store_device *row = ret_row;
        struct store_ownership *own = &row->ownership;

        *row = (struct store_device){
                .kind = STORE_ENROLLED,
                .maker = "Nordlicht",
                .model = "Thermo One",
                .software = "1.0",
                .issuer = "nordlicht",
                .link = "stream",
                .location = "kitchen",
                .owner = "Andersson family",
                .n_functions = 2,
                .functions = {0x81, 0x01},
                .enrolled_at = time(NULL),
                .presence = STORE_MAINS,
        };
        memcpy(row->device_id, device->device_id, sizeof(row->device_id));
        (void)snprintf(row->name, sizeof(row->name), "%s", device->name);
        (void)snprintf(row->serial, sizeof(row->serial), "%s", device->name);
        memcpy(own->public_key, device->public_key, sizeof(own->public_key));
        memcpy(own->hub_public, device->hub_public, sizeof(own->hub_public));
        memcpy(own->adv_key, device->adv_key, sizeof(own->adv_key));
        own->epoch = VIRTUAL_EPOCH;
        own->settled = true;
}

void virtual_channels(struct store_channel ret_channels[VIRTUAL_CHANNELS])
{
        ret_channels[0] = (struct store_channel){.number = VIRTUAL_TEMPERATURE,
                                                 .leaf = "temperature",
                                                 .class = "temperature",
                                                 .unit = "°C",
                                                 .direction = STORE_PUBLISH,
                                                 .every_s = 60};
        ret_channels[1] = (struct store_channel){
                .number = VIRTUAL_LEVEL, .leaf = "level", .direction = STORE_BOTH};
}
