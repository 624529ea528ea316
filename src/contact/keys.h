/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The keys of one session with a device, as the hub makes them. There are two kinds: the session of
 * a code is keyed by the code's secret, the session of an ownership by the hub's master key
 * (doc/protocol.md section 1).
 *
 * The holder of a struct keys wipes it.
 */

#include <stdint.h>

#include "wire/kdf.h"

enum keys_kind {
        KEYS_OF_CODE,      /* XKpsk3: an enrollment */
        KEYS_OF_OWNERSHIP, /* KKpsk2: every later session */
};

struct keys {
        enum keys_kind kind;
        uint8_t hub_private[32], hub_public[32];
        uint8_t device_public[32];
        uint8_t device_id[KDF_DEVICE_ID_BYTES];
        uint8_t nonce[KDF_NONCE_BYTES]; /* as advertised */
        uint8_t psk[32], mac_key[32];   /* of the code, or of the ownership */
};

/* The hub's part, which is the same in every session with this device. */
void keys_begin(struct keys *keys, const uint8_t master[32], const uint8_t device_public[32]);

/* The part of one session, for the nonce that the device advertises now. */
void keys_of_code(struct keys *keys, const uint8_t secret[32],
                  const uint8_t nonce[KDF_NONCE_BYTES]);
void keys_of_ownership(struct keys *keys, const uint8_t master[32], uint32_t epoch,
                       const uint8_t nonce[KDF_NONCE_BYTES]);
