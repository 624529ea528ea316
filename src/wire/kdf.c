/* SPDX-License-Identifier: Apache-2.0 */

#include "wire/kdf.h"

#include <string.h>

#include "wire/hmac.h"

#define TYPE_REFUSAL 0x0f

#define LABEL_MAX   24
#define CONTEXT_MAX (KDF_DEVICE_ID_BYTES + 4)

void kdf_extract(const uint8_t *salt, size_t n_salt, const uint8_t *ikm, size_t n_ikm,
                 uint8_t ret_prk[CRYPTO_HASH_BYTES])
{
        struct hmac h;

        hmac_init(&h, salt, n_salt);
        hmac_update(&h, ikm, n_ikm);
        hmac_final(&h, ret_prk);
}

void kdf_expand(const uint8_t prk[CRYPTO_HASH_BYTES], const void *info, size_t n_info, uint8_t *ret,
                size_t n)
{
        struct hmac keyed, h;
        uint8_t block[HMAC_BYTES];
        size_t n_block;

        hmac_init(&keyed, prk, CRYPTO_HASH_BYTES);
        for (uint8_t i = 1; n > 0; i++) {
                h = keyed;
                if (i > 1)
                        hmac_update(&h, block, sizeof(block));
                hmac_update(&h, info, n_info);
                hmac_update(&h, &i, 1);
                hmac_final(&h, block);

                n_block = n < sizeof(block) ? n : sizeof(block);
                memcpy(ret, block, n_block);
                ret += n_block;
                n -= n_block;
        }
        crypto_wipe(&keyed, sizeof(keyed));
        crypto_wipe(block, sizeof(block));
}

/* HKDF without salt; the info is a label and, behind it, what the key is for. */
static void kdf_derive(const uint8_t secret[KDF_KEY_BYTES], const char *label,
                       const uint8_t *context, size_t n_context, uint8_t ret_key[KDF_KEY_BYTES])
{
        uint8_t prk[CRYPTO_HASH_BYTES], info[LABEL_MAX + CONTEXT_MAX];
        size_t n = 0;

        while (*label != '\0')
                info[n++] = (uint8_t)*label++;
        if (n_context > 0)
                memcpy(info + n, context, n_context);
        kdf_extract(NULL, 0, secret, KDF_KEY_BYTES, prk);
        kdf_expand(prk, info, n + n_context, ret_key, KDF_KEY_BYTES);
        crypto_wipe(prk, sizeof(prk));
}

void kdf_device_id(const uint8_t device_public[CRYPTO_X25519_BYTES],
                   uint8_t ret_device_id[KDF_DEVICE_ID_BYTES])
{
        static const char label[] = "enrolld devid";
        uint8_t digest[CRYPTO_HASH_BYTES];
        struct crypto_sha256 hash;

        crypto_sha256_init(&hash);
        crypto_sha256_update(&hash, label, sizeof(label) - 1);
        crypto_sha256_update(&hash, device_public, CRYPTO_X25519_BYTES);
        crypto_sha256_final(&hash, digest);
        memcpy(ret_device_id, digest, KDF_DEVICE_ID_BYTES);
}

void kdf_psk(const uint8_t secret[KDF_KEY_BYTES], uint8_t ret_psk[KDF_KEY_BYTES])
{
        kdf_derive(secret, "enrolld psk v1", NULL, 0, ret_psk);
}

void kdf_adv_key(const uint8_t secret[KDF_KEY_BYTES], uint8_t ret_key[KDF_KEY_BYTES])
{
        kdf_derive(secret, "enrolld adv v1", NULL, 0, ret_key);
}

void kdf_mac_key(const uint8_t secret[KDF_KEY_BYTES], uint8_t ret_key[KDF_KEY_BYTES])
{
        kdf_derive(secret, "enrolld mac1 v1", NULL, 0, ret_key);
}

void kdf_own_mac_key(const uint8_t psk_own[KDF_KEY_BYTES], uint8_t ret_key[KDF_KEY_BYTES])
{
        kdf_derive(psk_own, "enrolld own mac1 v1", NULL, 0, ret_key);
}

void kdf_refusal_key(const uint8_t mac_key[KDF_KEY_BYTES],
                     const uint8_t shared[CRYPTO_X25519_BYTES], uint8_t ret_key[KDF_KEY_BYTES])
{
        static const char label[] = "enrolld refuse v1";
        uint8_t prk[CRYPTO_HASH_BYTES];

        kdf_extract(mac_key, KDF_KEY_BYTES, shared, CRYPTO_X25519_BYTES, prk);
        kdf_expand(prk, label, sizeof(label) - 1, ret_key, KDF_KEY_BYTES);
        crypto_wipe(prk, sizeof(prk));
}

void kdf_hub_static(const uint8_t hub_master[KDF_KEY_BYTES],
                    const uint8_t device_id[KDF_DEVICE_ID_BYTES],
                    uint8_t ret_private[CRYPTO_X25519_BYTES])
{
        kdf_derive(hub_master, "enrolld hub static v1", device_id, KDF_DEVICE_ID_BYTES,
                   ret_private);
}

void kdf_psk_own(const uint8_t hub_master[KDF_KEY_BYTES],
                 const uint8_t device_id[KDF_DEVICE_ID_BYTES], uint32_t epoch,
                 uint8_t ret_psk[KDF_KEY_BYTES])
{
        uint8_t context[CONTEXT_MAX];

        memcpy(context, device_id, KDF_DEVICE_ID_BYTES);
        for (size_t i = 0; i < 4; i++)
                context[KDF_DEVICE_ID_BYTES + i] = (uint8_t)(epoch >> (24 - 8 * i));
        kdf_derive(hub_master, "enrolld psk own v1", context, sizeof(context), ret_psk);
}

void kdf_hub_sign_seed(const uint8_t hub_master[KDF_KEY_BYTES], uint8_t ret_seed[KDF_KEY_BYTES])
{
        kdf_derive(hub_master, "enrolld hub sign v1", NULL, 0, ret_seed);
}

void kdf_hub_kek(const uint8_t hub_master[KDF_KEY_BYTES], uint8_t ret_kek[KDF_KEY_BYTES])
{
        kdf_derive(hub_master, "enrolld hub kek v1", NULL, 0, ret_kek);
}

void kdf_hub_store(const uint8_t hub_master[KDF_KEY_BYTES], uint8_t ret_key[KDF_KEY_BYTES])
{
        kdf_derive(hub_master, "enrolld hub store v1", NULL, 0, ret_key);
}

/* Every tag is an HMAC that starts with the device's nonce and is cut short. */
static void kdf_tag_start(struct hmac *h, const uint8_t key[KDF_KEY_BYTES],
                          const uint8_t nonce[KDF_NONCE_BYTES])
{
        hmac_init(h, key, KDF_KEY_BYTES);
        hmac_update(h, nonce, KDF_NONCE_BYTES);
}

static void kdf_tag_end(struct hmac *h, uint8_t *ret_tag, size_t n_tag)
{
        uint8_t code[HMAC_BYTES];

        hmac_final(h, code);
        memcpy(ret_tag, code, n_tag);
        crypto_wipe(code, sizeof(code));
}

void kdf_adv_tag(const uint8_t adv_key[KDF_KEY_BYTES], const uint8_t nonce[KDF_NONCE_BYTES],
                 uint8_t state, uint8_t ret_tag[KDF_ADV_TAG_BYTES])
{
        struct hmac h;

        kdf_tag_start(&h, adv_key, nonce);
        hmac_update(&h, &state, 1);
        kdf_tag_end(&h, ret_tag, KDF_ADV_TAG_BYTES);
}

void kdf_mac1(const uint8_t mac_key[KDF_KEY_BYTES], const uint8_t nonce[KDF_NONCE_BYTES],
              uint8_t type, const uint8_t *message, size_t n_message,
              uint8_t ret_mac[KDF_MAC_BYTES])
{
        struct hmac h;

        kdf_tag_start(&h, mac_key, nonce);
        hmac_update(&h, &type, 1);
        hmac_update(&h, message, n_message);
        kdf_tag_end(&h, ret_mac, KDF_MAC_BYTES);
}

void kdf_refusal_tag(const uint8_t refusal_key[KDF_KEY_BYTES], const uint8_t nonce[KDF_NONCE_BYTES],
                     uint8_t reason, uint32_t epoch, const uint8_t mac1[KDF_MAC_BYTES],
                     uint8_t ret_tag[KDF_MAC_BYTES])
{
        const uint8_t bytes[] = {TYPE_REFUSAL,           reason,
                                 (uint8_t)(epoch >> 24), (uint8_t)(epoch >> 16),
                                 (uint8_t)(epoch >> 8),  (uint8_t)epoch};
        struct hmac h;

        kdf_tag_start(&h, refusal_key, nonce);
        hmac_update(&h, bytes, sizeof(bytes));
        hmac_update(&h, mac1, KDF_MAC_BYTES);
        kdf_tag_end(&h, ret_tag, KDF_MAC_BYTES);
}
