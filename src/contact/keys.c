/* SPDX-License-Identifier: Apache-2.0 */

#include "contact/keys.h"

#include <string.h>

#include "wire/crypto.h"

void keys_begin(struct keys *keys, const uint8_t master[32], const uint8_t device_public[32])
{
        memcpy(keys->device_public, device_public, sizeof(keys->device_public));
        kdf_device_id(device_public, keys->device_id);
        kdf_hub_static(master, keys->device_id, keys->hub_private);
        crypto_x25519_base(keys->hub_private, keys->hub_public);
}

void keys_of_code(struct keys *keys, const uint8_t secret[32], const uint8_t nonce[KDF_NONCE_BYTES])
{
        keys->kind = KEYS_OF_CODE;
        memcpy(keys->nonce, nonce, sizeof(keys->nonce));
        kdf_psk(secret, keys->psk);
        kdf_mac_key(secret, keys->mac_key);
}

void keys_of_ownership(struct keys *keys, const uint8_t master[32], uint32_t epoch,
                       const uint8_t nonce[KDF_NONCE_BYTES])
{
        keys->kind = KEYS_OF_OWNERSHIP;
        memcpy(keys->nonce, nonce, sizeof(keys->nonce));
        kdf_psk_own(master, keys->device_id, epoch, keys->psk);
        kdf_own_mac_key(keys->psk, keys->mac_key);
}
