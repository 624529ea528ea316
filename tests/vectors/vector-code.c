/* SPDX-License-Identifier: Apache-2.0 */

/* Vectors of doc/code.md: CBOR, Base45, and codes from what a reader delivers to their content. */

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "code/code.h"
#include "code/text.h"
#include "vectors/vector.h"

int run_cbor(json_t *vector)
{
        struct cbor_reader r;
        struct bytes item;

        vector_bytes(vector, "bytes", &item);
        cbor_reader_init(&r, item.bytes, item.n);
        (void)cbor_get_item(&r);
        if ((cbor_finish(&r) == CBOR_OK) == vector_bool(vector, "valid"))
                return 0;
        return complain("%s is found %s", vector_text(vector, "bytes"),
                        cbor_error(&r) ? "malformed" : "fine");
}

int run_base45(json_t *vector)
{
        const char *text = vector_text(vector, "text");
        char encoded[BASE45_CHARS(VECTOR_BYTES_MAX) + 1];
        uint8_t decoded[VECTOR_BYTES_MAX];
        struct bytes bytes;
        size_t n;

        vector_bytes(vector, "bytes", &bytes);
        base45_encode(bytes.bytes, bytes.n, encoded);
        if (strcmp(encoded, text) != 0)
                return complain("encoded it is %s, not %s", encoded, text);
        if (base45_decode(text, strlen(text), decoded, sizeof(decoded), &n) != TEXT_DONE)
                return complain("%s is not decoded", text);
        return expect_bytes("decoded it", decoded, n, json_object_get(vector, "bytes"));
}

static int expect_text(const char *what, const char *text, json_t *content)
{
        const char *expected = vector_text(content, what);

        return strcmp(text, expected) == 0 ? 0 : complain("%s is %s, not %s", what, text, expected);
}

static int expect_numbers(const struct application *a, json_t *content)
{
        const struct {
                const char *name;
                uint64_t number;
        } numbers[] = {
                {"capabilities", a->capabilities},
                {"daemon", a->daemon},
                {"counter", a->counter},
                {"reach", a->reach},
        };

        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
                if (expect_number(numbers[i].name, numbers[i].number,
                                  vector_number(content, numbers[i].name)))
                        return -1;
        return 0;
}

static int expect_halves(const struct application *a, json_t *content)
{
        json_t *pairs = vector_array(content, "applications"), *pair;
        size_t i;

        if (expect_number("applications", a->n_pairs, json_array_size(pairs)))
                return -1;
        json_array_foreach(pairs, i, pair)
        {
                const struct application_pair *p = &a->pairs[i];

                if (expect_bytes("hub half", p->hub.bytes, p->hub.n_bytes,
                                 json_array_get(pair, 0)) ||
                    expect_bytes("device half", p->device.bytes, p->device.n_bytes,
                                 json_array_get(pair, 1)))
                        return -1;
        }
        return 0;
}

static int expect_content(const struct code *code, json_t *content)
{
        const struct application *a = &code->application;
        const struct {
                const char *name;
                const uint8_t *bytes;
                size_t n;
        } fields[] = {
                {"public_key", a->public_key, sizeof(a->public_key)},
                {"secret", a->secret, sizeof(a->secret)},
                {"device_id", a->identity, sizeof(a->identity)},
                {"hash", code->payload_hash, sizeof(code->payload_hash)},
        };

        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
                if (expect_bytes(fields[i].name, fields[i].bytes, fields[i].n,
                                 json_object_get(content, fields[i].name)))
                        return -1;
        if (expect_text("maker", a->maker, content) || expect_text("model", a->model, content) ||
            expect_text("serial", a->serial, content))
                return -1;
        return expect_numbers(a, content) || expect_halves(a, content) ? -1 : 0;
}

/* The payload written anew, with every default left out, must be the payload that was read. */
static int expect_written(const struct code *code)
{
        const struct cbor_span payload = code->envelope.payload;
        uint8_t bytes[CODE_BYTES_MAX];
        struct cbor_writer w;

        cbor_writer_init(&w, bytes, sizeof(bytes));
        application_encode(&code->application, &w);
        if (w.n_written == payload.n_bytes && memcmp(bytes, payload.bytes, payload.n_bytes) == 0)
                return 0;
        return complain("written anew the payload is another one");
}

static int judge(json_t *vector, struct code *code, struct issuers *issuers)
{
        json_t *hub = json_object_get(vector, "hub");
        const char *expected = vector_text(vector, "reason");
        struct bytes input = {.n = 0};
        enum reason reason;

        if (vector_has(vector, "text")) {
                input.n = strlen(vector_text(vector, "text"));
                memcpy(input.bytes, vector_text(vector, "text"), input.n);
        } else {
                vector_bytes(vector, "binary", &input);
        }
        reason = code_open(code, input.bytes, input.n, issuers,
                           (unsigned)vector_number(hub, "daemon"));
        if (reason == REASON_NONE)
                reason = code_permit(code, (uint32_t)vector_number(hub, "counter"),
                                     (unsigned)vector_number(hub, "capabilities"));
        if (reason == REASON_NONE ? strcmp(expected, "none")
                                  : strcmp(expected, reason_code(reason)))
                return complain("it is refused with %s, not %s", reason_code(reason), expected);
        if (reason != REASON_NONE)
                return 0;
        return expect_content(code, json_object_get(vector, "content")) || expect_written(code) ? -1
                                                                                                : 0;
}

int run_code(json_t *vector)
{
        static struct code code;
        json_t *from = json_object_get(vector, "issuer");
        struct issuer issuer = {.name = "the vector's",
                                .capabilities = (unsigned)vector_number(from, "capabilities")};
        struct issuers issuers = {.list = &issuer, .n_list = 1};
        int r;

        vector_fixed(from, "public_key", issuer.key, sizeof(issuer.key));
        envelope_kid(issuer.key, issuer.kid);
        issuer.products = strdup(vector_text(from, "products"));
        r = judge(vector, &code, &issuers);
        code_done(&code);
        free(issuer.products);
        return r;
}
