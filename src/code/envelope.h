/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The envelope of a code: a tagged COSE_Sign1 with Ed25519 and nothing optional (doc/code.md,
 * section 2; RFC 9052, section 4.2).
 *
 * Taking a code apart goes envelope_parse(), find the issuer by kid, envelope_verify(); only then
 * may anybody look into the payload. Nothing here does.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reason/reason.h"
#include "wire/cbor.h"

#define ENVELOPE_KID_BYTES       8
#define ENVELOPE_KEY_BYTES       32 /* an Ed25519 public key, or a seed */
#define ENVELOPE_SIGNATURE_BYTES 64

/* What the envelope of a payload of @n bytes occupies, at most. */
#define ENVELOPE_BYTES(n) ((n) + 16 + 1 + 3 + 2 + ENVELOPE_SIGNATURE_BYTES)

/* The parts; the spans point into the code's bytes. */
struct envelope {
        uint8_t kid[ENVELOPE_KID_BYTES];
        struct cbor_span payload;
        struct cbor_span signature; /* empty: not signed */
};

/* The first eight bytes of SHA-256 of an issuer's public key. */
void envelope_kid(const uint8_t public_key[ENVELOPE_KEY_BYTES],
                  uint8_t ret_kid[ENVELOPE_KID_BYTES]);

/*
 * Checks the shape. REASON_CODE_NOT_ENROLLMENT: it does not begin like an envelope;
 * REASON_CODE_TRUNCATED: it ends too early; REASON_CODE_ALTERED: it is another shape than ours, or
 * something follows it.
 */
enum reason envelope_parse(const uint8_t *bytes, size_t n_bytes, struct envelope *ret_envelope);

/* REASON_CODE_UNSIGNED, REASON_CODE_ALTERED if the signature is wrong, or REASON_NONE. */
enum reason envelope_verify(const struct envelope *envelope,
                            const uint8_t public_key[ENVELOPE_KEY_BYTES]);

/*
 * Writes the envelope of a payload, signed with the key of this seed, into @ret_bytes of
 * ENVELOPE_BYTES(@n_payload) bytes and returns its length. envelope_wrap() leaves it unsigned, for
 * tests.
 */
size_t envelope_sign(const uint8_t *payload, size_t n_payload,
                     const uint8_t seed[ENVELOPE_KEY_BYTES], uint8_t *ret_bytes);
size_t envelope_wrap(const uint8_t *payload, size_t n_payload,
                     const uint8_t kid[ENVELOPE_KID_BYTES], uint8_t *ret_bytes);
