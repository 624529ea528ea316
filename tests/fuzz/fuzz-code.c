/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Any bytes as a code. No fuzzer forges a signature, so the payload is also parsed without one:
 * what is accepted must be encoded to a payload that is accepted and the same.
 */

#include <stdlib.h>
#include <string.h>

#include "code/code.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct cbor_span payload)
{
        static uint8_t out[2][CODE_BYTES_MAX];
        struct payload_fault fault = {0};
        struct payload a, b;
        struct cbor_writer w[2];
        enum reason reason = payload_parse(payload, &a, &fault);
        char text[160];

        if (reason) {
                payload_fault_text(&fault, text, sizeof(text));
                return;
        }
        cbor_writer_init(&w[0], out[0], sizeof(out[0]));
        payload_encode(&a, &w[0]);
        if (!cbor_writer_fits(&w[0]) ||
            payload_parse((struct cbor_span){out[0], w[0].n_written}, &b, &fault))
                abort();
        cbor_writer_init(&w[1], out[1], sizeof(out[1]));
        payload_encode(&b, &w[1]);
        if (w[1].n_written != w[0].n_written || memcmp(out[0], out[1], w[0].n_written) != 0)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct code code;
        struct issuer nobody = {.name = "fuzz"};
        const struct issuers issuers = {.list = &nobody, .n_list = 1};
        enum reason reason;

        reason = code_unpack(&code, data, size, &issuers);
        if (reason == REASON_NONE) {
                check(code.envelope.payload);
                memcpy(nobody.kid, code.envelope.kid, sizeof(nobody.kid));
        }
        code_done(&code);
        if (code_open(&code, data, size, &issuers, 1) == REASON_NONE)
                abort();
        code_done(&code);
        if (size <= CODE_BYTES_MAX)
                check((struct cbor_span){data, size});
        return 0;
}
