/* SPDX-License-Identifier: Apache-2.0 */

#include "code/envelope.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "code/text.h"

/* Tag 18, array of four, byte string of 13: {1: -8, 4: h'...'}; then the kid, and an empty map. */
static const uint8_t start[] = {0xd2, 0x84, 0x4d, 0xa2, 0x01, 0x27, 0x04, 0x48};
#define PROTECTED_AT    2 /* the byte string's head, which the signature covers too */
#define PROTECTED_BYTES (sizeof(start) - PROTECTED_AT + ENVELOPE_KID_BYTES)

/* "Signature1" and the heads around protected, the empty external data and the payload. */
#define SIGNED_BYTES(n_payload) (1 + 11 + PROTECTED_BYTES + 1 + 3 + (n_payload))

void envelope_kid(const uint8_t public_key[ENVELOPE_KEY_BYTES], uint8_t ret_kid[ENVELOPE_KID_BYTES])
{
        uint8_t hash[crypto_hash_sha256_BYTES];

        crypto_hash_sha256(hash, public_key, ENVELOPE_KEY_BYTES);
        memcpy(ret_kid, hash, ENVELOPE_KID_BYTES);
}

static enum reason shape_reason(enum cbor_error error)
{
        return error == CBOR_TRUNCATED ? REASON_CODE_TRUNCATED : REASON_CODE_ALTERED;
}

enum reason envelope_parse(const uint8_t *bytes, size_t n_bytes, struct envelope *ret_envelope)
{
        struct envelope envelope;
        struct cbor_reader r;
        struct cbor_map map;

        if (text_form_of(bytes, n_bytes) != TEXT_FORM_BINARY)
                return REASON_CODE_NOT_ENROLLMENT;
        if (memcmp(bytes, start, n_bytes < sizeof(start) ? n_bytes : sizeof(start)) != 0)
                return REASON_CODE_ALTERED;
        if (n_bytes < sizeof(start) + ENVELOPE_KID_BYTES)
                return REASON_CODE_TRUNCATED;
        memcpy(envelope.kid, bytes + sizeof(start), ENVELOPE_KID_BYTES);

        cbor_reader_init(&r, bytes + sizeof(start) + ENVELOPE_KID_BYTES,
                         n_bytes - sizeof(start) - ENVELOPE_KID_BYTES);
        cbor_get_map(&r, &map);
        if (map.n_left != 0)
                cbor_fail(&r, CBOR_UNEXPECTED);
        envelope.payload = cbor_get_bytes(&r);
        envelope.signature = cbor_get_bytes(&r);
        if (envelope.signature.n_bytes != ENVELOPE_SIGNATURE_BYTES &&
            envelope.signature.n_bytes != 0)
                cbor_fail(&r, CBOR_UNEXPECTED);
        if (cbor_finish(&r) || n_bytes > CODE_BYTES_MAX)
                return shape_reason(cbor_error(&r));

        *ret_envelope = envelope;
        return REASON_NONE;
}

/* Sig_structure, RFC 9052, section 4.4; it holds the secret S, so the caller wipes it. */
static size_t signed_bytes(const uint8_t kid[ENVELOPE_KID_BYTES], const uint8_t *payload,
                           size_t n_payload, uint8_t ret_bytes[SIGNED_BYTES(CODE_BYTES_MAX)])
{
        struct cbor_writer w;

        cbor_writer_init(&w, ret_bytes, SIGNED_BYTES(CODE_BYTES_MAX));
        cbor_put_array(&w, 4);
        cbor_put_text(&w, "Signature1", 10);
        cbor_put_raw(&w, start + PROTECTED_AT, sizeof(start) - PROTECTED_AT);
        cbor_put_raw(&w, kid, ENVELOPE_KID_BYTES);
        cbor_put_bytes(&w, NULL, 0);
        cbor_put_bytes(&w, payload, n_payload);
        assert(cbor_writer_fits(&w));
        return w.n_written;
}

enum reason envelope_verify(const struct envelope *envelope,
                            const uint8_t public_key[ENVELOPE_KEY_BYTES])
{
        uint8_t bytes[SIGNED_BYTES(CODE_BYTES_MAX)];
        size_t n_bytes;
        int r;

        if (envelope->signature.n_bytes == 0)
                return REASON_CODE_UNSIGNED;
        n_bytes = signed_bytes(envelope->kid, envelope->payload.bytes, envelope->payload.n_bytes,
                               bytes);
        r = crypto_sign_verify_detached(envelope->signature.bytes, bytes, n_bytes, public_key);
        sodium_memzero(bytes, n_bytes);
        return r == 0 ? REASON_NONE : REASON_CODE_ALTERED;
}

static size_t envelope_write(const uint8_t *payload, size_t n_payload,
                             const uint8_t kid[ENVELOPE_KID_BYTES], const uint8_t *signature,
                             size_t n_signature, uint8_t *ret_bytes)
{
        struct cbor_writer w;

        cbor_writer_init(&w, ret_bytes, ENVELOPE_BYTES(n_payload));
        cbor_put_raw(&w, start, sizeof(start));
        cbor_put_raw(&w, kid, ENVELOPE_KID_BYTES);
        cbor_put_map(&w, 0);
        cbor_put_bytes(&w, payload, n_payload);
        cbor_put_bytes(&w, signature, n_signature);
        assert(cbor_writer_fits(&w));
        return w.n_written;
}

size_t envelope_wrap(const uint8_t *payload, size_t n_payload,
                     const uint8_t kid[ENVELOPE_KID_BYTES], uint8_t *ret_bytes)
{
        return envelope_write(payload, n_payload, kid, NULL, 0, ret_bytes);
}

size_t envelope_sign(const uint8_t *payload, size_t n_payload,
                     const uint8_t seed[ENVELOPE_KEY_BYTES], uint8_t *ret_bytes)
{
        uint8_t public_key[crypto_sign_PUBLICKEYBYTES], secret_key[crypto_sign_SECRETKEYBYTES];
        uint8_t bytes[SIGNED_BYTES(CODE_BYTES_MAX)], signature[ENVELOPE_SIGNATURE_BYTES];
        uint8_t kid[ENVELOPE_KID_BYTES];
        size_t n_bytes;

        crypto_sign_seed_keypair(public_key, secret_key, seed);
        envelope_kid(public_key, kid);
        n_bytes = signed_bytes(kid, payload, n_payload, bytes);
        crypto_sign_detached(signature, NULL, bytes, n_bytes, secret_key);
        sodium_memzero(secret_key, sizeof(secret_key));
        sodium_memzero(bytes, n_bytes);
        return envelope_write(payload, n_payload, kid, signature, sizeof(signature), ret_bytes);
}
