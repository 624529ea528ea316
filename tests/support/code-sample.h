/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A code to test with: a known issuer, a known device and halves in diagnostic notation. */

#include <string.h>

#include <sodium.h>

#include "code/application.h"
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
        struct application application;
        uint8_t payload[CODE_BYTES_MAX + 512];
        size_t n_payload;
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
        issuer->capabilities = APPLICATION_CAPABILITIES;
        crypto_sign_seed_keypair(issuer->key, secret_key, sample_seed);
        envelope_kid(issuer->key, issuer->kid);
        return (struct issuers){issuer, 1};
}

static inline void sample_init(struct sample *s)
{
        struct application *a = &s->application;

        memset(a, 0, sizeof(*a));
        memcpy(a->maker, "Nordlicht", sizeof("Nordlicht"));
        memcpy(a->model, "Thermo One", sizeof("Thermo One"));
        memset(a->public_key, 0xd1, sizeof(a->public_key));
        memset(a->secret, 0x5e, sizeof(a->secret));
        a->reach = APPLICATION_REACH_BLE;
        a->capabilities = APPLICATION_CAPABILITIES;
        a->pairs[0].hub = diagnostic(&s->hub, SAMPLE_HUB);
        a->pairs[0].device = diagnostic(&s->device, SAMPLE_DEVICE);
        a->n_pairs = 1;
}

/* Encodes the application as the payload. */
static inline void sample_encode(struct sample *s)
{
        struct cbor_writer w;

        cbor_writer_init(&w, s->payload, sizeof(s->payload));
        application_encode(&s->application, &w);
        assert_true(cbor_writer_fits(&w));
        s->n_payload = w.n_written;
}

/* Takes any item for the payload. */
static inline void sample_payload(struct sample *s, const char *text)
{
        struct diagnostic d;
        struct cbor_span payload = diagnostic(&d, text);

        memcpy(s->payload, payload.bytes, payload.n_bytes);
        s->n_payload = payload.n_bytes;
}

static inline void sample_sign(struct sample *s)
{
        s->n_bytes = envelope_sign(s->payload, s->n_payload, sample_seed, s->bytes);
}
