/* SPDX-License-Identifier: Apache-2.0 */

/* Vectors of doc/code.md: CBOR, Base45, and codes from what a reader delivers to their content. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "code/code.h"
#include "code/text.h"
#include "tool/listing.h"
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

static int run_text(json_t *vector,
                    void (*encode)(const uint8_t *bytes, size_t n_bytes, char *ret_text),
                    enum text_outcome (*decode)(const char *text, size_t n_text, uint8_t *ret_bytes,
                                                size_t size, size_t *ret_n_bytes))
{
        const char *text = vector_text(vector, "text");
        char encoded[BASE45_CHARS(VECTOR_BYTES_MAX) + 1];
        uint8_t decoded[VECTOR_BYTES_MAX];
        struct bytes bytes;
        size_t n;

        vector_bytes(vector, "bytes", &bytes);
        encode(bytes.bytes, bytes.n, encoded);
        if (strcmp(encoded, text) != 0)
                return complain("encoded it is %s, not %s", encoded, text);
        if (decode(text, strlen(text), decoded, sizeof(decoded), &n) != TEXT_DONE)
                return complain("%s is not decoded", text);
        return expect_bytes("decoded it", decoded, n, json_object_get(vector, "bytes"));
}

int run_base45(json_t *vector)
{
        return run_text(vector, base45_encode, base45_decode);
}

int run_base64url(json_t *vector)
{
        return run_text(vector, base64url_encode, base64url_decode);
}

static int expect_text(const char *what, const char *text, json_t *content)
{
        const char *expected = vector_text(content, what);

        return strcmp(text, expected) == 0 ? 0 : complain("%s is %s, not %s", what, text, expected);
}

static int expect_numbers(const struct payload *p, json_t *content)
{
        const struct {
                const char *name;
                uint64_t number;
        } numbers[] = {
                {"capabilities", p->capabilities},
                {"daemon", p->daemon},
                {"counter", p->counter},
                {"reach", p->reach},
        };

        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
                if (expect_number(numbers[i].name, numbers[i].number,
                                  vector_number(content, numbers[i].name)))
                        return -1;
        return 0;
}

static int expect_halves(const struct payload *p, json_t *content)
{
        json_t *applications = vector_array(content, "applications"), *halves;
        size_t i;

        if (expect_number("applications", p->n_applications, json_array_size(applications)))
                return -1;
        json_array_foreach(applications, i, halves)
        {
                const struct application *application = &p->applications[i];

                if (expect_bytes("hub half", application->hub.bytes, application->hub.n_bytes,
                                 json_array_get(halves, 0)) ||
                    expect_bytes("device half", application->device.bytes,
                                 application->device.n_bytes, json_array_get(halves, 1)))
                        return -1;
        }
        return 0;
}

static int expect_content(const struct code *code, json_t *content)
{
        const struct payload *p = &code->payload;
        const struct {
                const char *name;
                const uint8_t *bytes;
                size_t n;
        } fields[] = {
                {"public_key", p->public_key, sizeof(p->public_key)},
                {"secret", p->secret, sizeof(p->secret)},
                {"device_id", p->identity, sizeof(p->identity)},
                {"hash", code->payload_hash, sizeof(code->payload_hash)},
        };

        for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
                if (expect_bytes(fields[i].name, fields[i].bytes, fields[i].n,
                                 json_object_get(content, fields[i].name)))
                        return -1;
        if (expect_text("maker", p->maker, content) || expect_text("model", p->model, content) ||
            expect_text("serial", p->serial, content))
                return -1;
        return expect_numbers(p, content) || expect_halves(p, content) ? -1 : 0;
}

/* The payload written anew, with every default left out, must be the payload that was read. */
static int expect_written(const struct code *code)
{
        const struct cbor_span payload = code->envelope.payload;
        uint8_t bytes[CODE_BYTES_MAX];
        struct cbor_writer w;

        cbor_writer_init(&w, bytes, sizeof(bytes));
        payload_encode(&code->payload, &w);
        if (w.n_written == payload.n_bytes && memcmp(bytes, payload.bytes, payload.n_bytes) == 0)
                return 0;
        return complain("written anew the payload is another one");
}

/*
 * Its source, as enroll-code show --source writes it, must say the same; but for a limit that has
 * more digits than a source may have.
 */
static int expect_source(const struct code *code)
{
        static struct errors errors;
        char *text = NULL;
        size_t n = 0;
        FILE *file = open_memstream(&text, &n);
        int r = file ? listing_write(&code->payload, file) : -1;

        if (!file || fclose(file) != 0 || r != 0) {
                free(text);
                return complain("its source cannot be written");
        }
        r = listing_check(&code->payload, text, n, &errors);
        free(text);
        if (r == 0 || (r == LISTING_E_INVALID && strstr(errors.list[0].text, "18 digits")))
                return 0;
        return complain("its source says something else%s%s", r == LISTING_E_INVALID ? ": " : "",
                        r == LISTING_E_INVALID ? errors.list[0].text : "");
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
        if (vector_has(vector, "content") &&
            (expect_content(code, json_object_get(vector, "content")) || expect_written(code)))
                return -1;
        return expect_source(code);
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
