/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Every key and tag that is derived from another: HKDF-SHA-256 (RFC 5869) and the key schedule.
 *
 *     S, in the code ------> psk         the pre-shared key of an enrollment's handshake
 *                       |--> K_adv       recognises the device's advertisement
 *                       '--> K_mac       guards the first message (mac1)
 *                              '-------> K_refuse, with X25519(d, e): guards the refusal of it
 *
 *     the hub's master ----> the hub's static key for one device
 *                       |--> psk_own     the pre-shared key of one ownership ---> K_mac of it
 *                       |--> the seed of the hub's signing key
 *                       |--> KEK         seals the secrets in the hub's store
 *                       '--> the store's mark, by which the hub recognises the store of its key
 *
 * Keys are separate so that the pre-shared keys have one use only (Noise rev 34, section 14).
 * Normative: doc/protocol.md sections 1, 2.2 and 4.
 */

#include <stddef.h>
#include <stdint.h>

#include "wire/crypto.h"

#define KDF_KEY_BYTES       32 /* every secret and every derived key */
#define KDF_DEVICE_ID_BYTES 16
#define KDF_NONCE_BYTES     5 /* the nonce a device advertises */
#define KDF_ADV_TAG_BYTES   5
#define KDF_MAC_BYTES       16
#define KDF_EXPAND_MAX      (255 * CRYPTO_HASH_BYTES)

/* HKDF-Extract. @ret_prk may be @salt or @ikm, which may be NULL where their length is 0. */
void kdf_extract(const uint8_t *salt, size_t n_salt, const uint8_t *ikm, size_t n_ikm,
                 uint8_t ret_prk[CRYPTO_HASH_BYTES]);

/* HKDF-Expand to @n bytes, at most KDF_EXPAND_MAX. @info may be NULL where @n_info is 0. */
void kdf_expand(const uint8_t prk[CRYPTO_HASH_BYTES], const void *info, size_t n_info, uint8_t *ret,
                size_t n);

/* A device's identity: the start of SHA-256 over its static public key. */
void kdf_device_id(const uint8_t device_public[CRYPTO_X25519_BYTES],
                   uint8_t ret_device_id[KDF_DEVICE_ID_BYTES]);

/* From S, the secret in the code. */
void kdf_psk(const uint8_t secret[KDF_KEY_BYTES], uint8_t ret_psk[KDF_KEY_BYTES]);
void kdf_adv_key(const uint8_t secret[KDF_KEY_BYTES], uint8_t ret_key[KDF_KEY_BYTES]);
void kdf_mac_key(const uint8_t secret[KDF_KEY_BYTES], uint8_t ret_key[KDF_KEY_BYTES]);

/* From psk_own: what K_mac is, for the connections of an owned device. */
void kdf_own_mac_key(const uint8_t psk_own[KDF_KEY_BYTES], uint8_t ret_key[KDF_KEY_BYTES]);

/*
 * From K_mac and @shared, which is X25519 of the device's static key and the ephemeral key in the
 * M1 that is refused: the code alone is not enough to make it.
 */
void kdf_refusal_key(const uint8_t mac_key[KDF_KEY_BYTES],
                     const uint8_t shared[CRYPTO_X25519_BYTES], uint8_t ret_key[KDF_KEY_BYTES]);

/* From the hub's master secret. @epoch counts the device's ownerships. */
void kdf_hub_static(const uint8_t hub_master[KDF_KEY_BYTES],
                    const uint8_t device_id[KDF_DEVICE_ID_BYTES],
                    uint8_t ret_private[CRYPTO_X25519_BYTES]);
void kdf_psk_own(const uint8_t hub_master[KDF_KEY_BYTES],
                 const uint8_t device_id[KDF_DEVICE_ID_BYTES], uint32_t epoch,
                 uint8_t ret_psk[KDF_KEY_BYTES]);
void kdf_hub_sign_seed(const uint8_t hub_master[KDF_KEY_BYTES], uint8_t ret_seed[KDF_KEY_BYTES]);
void kdf_hub_kek(const uint8_t hub_master[KDF_KEY_BYTES], uint8_t ret_kek[KDF_KEY_BYTES]);
void kdf_hub_store(const uint8_t hub_master[KDF_KEY_BYTES], uint8_t ret_key[KDF_KEY_BYTES]);

/*
 * Tags, to be compared with crypto_equal():
 *   in the advertisement, over the nonce and the state byte beside it, under K_adv;
 *   mac1, over the device's nonce, the message's type byte and Noise message A, under K_mac;
 *   in a refusal, over the nonce, the type 0x0f, the reason, the epoch and the refused message's
 *   mac1, under K_refuse.
 */
void kdf_adv_tag(const uint8_t adv_key[KDF_KEY_BYTES], const uint8_t nonce[KDF_NONCE_BYTES],
                 uint8_t state, uint8_t ret_tag[KDF_ADV_TAG_BYTES]);
void kdf_mac1(const uint8_t mac_key[KDF_KEY_BYTES], const uint8_t nonce[KDF_NONCE_BYTES],
              uint8_t type, const uint8_t *message, size_t n_message,
              uint8_t ret_mac[KDF_MAC_BYTES]);
void kdf_refusal_tag(const uint8_t refusal_key[KDF_KEY_BYTES], const uint8_t nonce[KDF_NONCE_BYTES],
                     uint8_t reason, uint32_t epoch, const uint8_t mac1[KDF_MAC_BYTES],
                     uint8_t ret_tag[KDF_MAC_BYTES]);
