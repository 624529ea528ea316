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
        return (struct issuers){.list = issuer, .n_list = 1};
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

/* Puts texts of 64 bytes and one that fills up into the map or the step that @w is in. */
static inline void sample_fill(struct cbor_writer *w, unsigned parameter, size_t n_bytes)
{
        static const char text[] =
                "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

        for (size_t n; n_bytes > 0; n_bytes -= n) {
                n = n_bytes >= 68 + 28 ? 68 : n_bytes > 68 ? n_bytes - 28 : n_bytes;
                cbor_put_uint(w, parameter++);
                cbor_put_text(w, text, n - 4);
        }
}

/* Gives the code a configuration of this many bytes: 100 or more. */
static inline void sample_configure(struct sample *s, size_t n_bytes)
{
        size_t n = n_bytes - 1;
        struct cbor_writer w;

        cbor_writer_init(&w, s->configuration.bytes, sizeof(s->configuration.bytes));
        cbor_put_map(&w, n / 68 + (n % 68 > 0));
        sample_fill(&w, 90, n);
        assert_int_equal(w.n_written, n_bytes);
        s->payload.configuration = (struct cbor_span){s->configuration.bytes, n_bytes};
}

/* Makes the device's half as long as halves may be. */
static inline void sample_lengthen(struct sample *s)
{
        static const char first[] = "\x86\x84\x10\1\2\3\x85\x13\1\2\3\4"; /* 6 steps; two of them */
        size_t n = PROGRAM_BYTES_MAX - (sizeof(first) - 1) - 4 * 2;
        struct cbor_writer w;

        cbor_writer_init(&w, s->device.bytes, sizeof(s->device.bytes));
        cbor_put_raw(&w, (const uint8_t *)first, sizeof(first) - 1);
        for (unsigned i = 0; i < 4; i++) {
                size_t n_step = i < 3 ? 4 * 68 : n - 3 * 4 * 68;

                cbor_put_array(&w, 1 + 2 * (n_step / 68 + (n_step % 68 > 0)));
                cbor_put_uint(&w, PROGRAM_SET);
                sample_fill(&w, 64, n_step);
        }
        assert_int_equal(w.n_written, PROGRAM_BYTES_MAX);
        s->payload.applications[0].device = (struct cbor_span){s->device.bytes, w.n_written};
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
