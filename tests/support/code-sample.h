/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A code to test with: a known issuer, a known device and halves in diagnostic notation. */

#include <string.h>

#include <sodium.h>

#include "code/payload.h"
#include "code/envelope.h"
#include "code/issuer.h"
#include "code/text.h"
#include "support/diagnostic.h"

#define SAMPLE_HUB                                                                                 \
        "[[1,1,2,3],[2],[3,1,2,3,4],[4,1,\"temperature\",\"temperature\",\"\xc2\xb0\x43\",1,60],"  \
        "[4,2,\"identify\",\"\",\"\",2,0],[5,6,2]]"
#define SAMPLE_DEVICE "[[16,1,2,3],[17,1,[1],2,[2],3,[3]],[18,1,1,60],[19,1,2,3,4],[20,1]]"

struct sample {
        struct diagnostic hub, device, configuration;
        struct payload payload;
        uint8_t encoded[CODE_BYTES_MAX + 512];
        size_t n_encoded;
        uint8_t bytes[ENVELOPE_BYTES(CODE_BYTES_MAX + 512)];
        size_t n_bytes;
};

static const uint8_t sample_seed[ENVELOPE_KEY_BYTES] = {1, 2, 3, 4, 5};

/* The list of one issuer who may do everything. */
static inline struct issuers sample_issuers(struct issuer *issuer)
{
        uint8_t secret_key[crypto_sign_SECRETKEYBYTES];

        memset(issuer, 0, sizeof(*issuer));
        memcpy(issuer->name, "Nordlicht", sizeof("Nordlicht"));
        issuer->capabilities = CAPABILITY_ALL;
        crypto_sign_seed_keypair(issuer->key, secret_key, sample_seed);
        envelope_kid(issuer->key, issuer->kid);
        return (struct issuers){issuer, 1};
}

static inline void sample_init(struct sample *s)
{
        struct payload *p = &s->payload;

        memset(p, 0, sizeof(*p));
        memcpy(p->maker, "Nordlicht", sizeof("Nordlicht"));
        memcpy(p->model, "Thermo One", sizeof("Thermo One"));
        memset(p->public_key, 0xd1, sizeof(p->public_key));
        memset(p->secret, 0x5e, sizeof(p->secret));
        p->reach = PAYLOAD_REACH_BLE;
        p->capabilities = CAPABILITY_ALL;
        p->applications[0].hub = diagnostic(&s->hub, SAMPLE_HUB);
        p->applications[0].device = diagnostic(&s->device, SAMPLE_DEVICE);
        p->n_applications = 1;
}

/* Encodes the payload. */
static inline void sample_encode(struct sample *s)
{
        struct cbor_writer w;

        cbor_writer_init(&w, s->encoded, sizeof(s->encoded));
        payload_encode(&s->payload, &w);
        assert_true(cbor_writer_fits(&w));
        s->n_encoded = w.n_written;
}

/* Takes any item for the encoded payload. */
static inline void sample_payload(struct sample *s, const char *text)
{
        struct diagnostic d;
        struct cbor_span payload = diagnostic(&d, text);

        memcpy(s->encoded, payload.bytes, payload.n_bytes);
        s->n_encoded = payload.n_bytes;
}

static inline void sample_sign(struct sample *s)
{
        s->n_bytes = envelope_sign(s->encoded, s->n_encoded, sample_seed, s->bytes);
}
