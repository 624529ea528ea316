/* SPDX-License-Identifier: Apache-2.0 */

#include "code/code.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

void code_done(struct code *code)
{
        sodium_memzero(code, sizeof(*code));
}

/* Wipes everything but the detail. */
static enum reason code_refuse(struct code *code, enum reason reason)
{
        char detail[sizeof(code->detail)];

        memcpy(detail, code->detail, sizeof(detail));
        code_done(code);
        memcpy(code->detail, detail, sizeof(detail));
        return reason;
}

/*
 * Text that was cut within a group of Base45 is a truncated code if the groups before it are one,
 * else it is damaged.
 */
static enum reason code_unpack_text(struct code *code, const char *text, size_t n_text)
{
        enum reason reason;

        switch (text_decode(text, n_text, code->bytes, &code->n_bytes)) {
        case TEXT_DONE:
                return REASON_NONE;
        case TEXT_CUT:
                reason = REASON_CODE_TRUNCATED;
                if (code->n_bytes > 0)
                        reason = envelope_parse(code->bytes, code->n_bytes, &code->envelope);
                return reason == REASON_CODE_TRUNCATED ? reason : REASON_CODE_ALTERED;
        case TEXT_WRONG:
                (void)snprintf(code->detail, sizeof(code->detail),
                               "its characters are not those of a code");
                break;
        case TEXT_TOO_LONG:
                (void)snprintf(code->detail, sizeof(code->detail), "the code is too long");
                break;
        }
        return REASON_CODE_ALTERED;
}

static enum reason code_unpack_any(struct code *code, const uint8_t *input, size_t n_input)
{
        enum reason reason = REASON_NONE;

        switch (text_form_of(input, n_input)) {
        case TEXT_FORM_OTHER:
                return REASON_CODE_NOT_ENROLLMENT;
        case TEXT_FORM_NEWER:
                return REASON_CODE_FORMAT_NEWER;
        case TEXT_FORM_QR:
        case TEXT_FORM_PASTE:
                reason = code_unpack_text(code, (const char *)input, n_input);
                if (!reason && code->n_bytes == 0)
                        reason = REASON_CODE_TRUNCATED;
                break;
        case TEXT_FORM_BINARY:
                if (n_input > CODE_BYTES_MAX)
                        return REASON_CODE_ALTERED;
                memcpy(code->bytes, input, n_input);
                code->n_bytes = n_input;
                break;
        }
        return reason ? reason : envelope_parse(code->bytes, code->n_bytes, &code->envelope);
}

enum reason code_unpack(struct code *code, const uint8_t *input, size_t n_input)
{
        enum reason reason;

        memset(code, 0, sizeof(*code));
        reason = code_unpack_any(code, input, n_input);
        return reason ? code_refuse(code, reason) : REASON_NONE;
}

/* Nothing of the payload is looked at before this has returned REASON_NONE. */
static enum reason code_verify(struct code *code, const struct issuers *issuers,
                               const struct issuer **ret_issuer)
{
        const struct issuer *issuer;

        if (code->envelope.signature.n_bytes == 0)
                return REASON_CODE_UNSIGNED;
        issuer = issuers_find(issuers, code->envelope.kid);
        if (!issuer)
                return REASON_CODE_ISSUER_UNKNOWN;
        *ret_issuer = issuer;
        return envelope_verify(&code->envelope, issuer->key);
}

static enum reason code_parse(struct code *code, const struct issuer *issuer, unsigned hub_version)
{
        struct payload_fault fault = {0};
        struct payload *p = &code->payload;
        enum reason reason;

        reason = payload_parse(code->envelope.payload, p, &fault);
        if (reason == REASON_NONE)
                fault.daemon = p->daemon;
        /* What is malformed to us may be what the newer daemon is needed for. */
        if (fault.daemon > hub_version) {
                (void)snprintf(code->detail, sizeof(code->detail), "it needs version %u.%u",
                               (unsigned)fault.daemon >> 8, (unsigned)fault.daemon & 0xff);
                return REASON_CODE_DAEMON_TOO_OLD;
        }
        if (reason == REASON_CODE_MALFORMED)
                payload_fault_text(&fault, code->detail, sizeof(code->detail));
        if (reason)
                return reason;
        crypto_hash_sha256(code->payload_hash, code->envelope.payload.bytes,
                           code->envelope.payload.n_bytes);
        (void)snprintf(code->issuer_name, sizeof(code->issuer_name), "%s", issuer->name);
        code->issuer_capabilities = issuer->capabilities;
        code->issuer_allows = issuer_allows_product(issuer, p->maker, p->model);
        return REASON_NONE;
}

enum reason code_open(struct code *code, const uint8_t *input, size_t n_input,
                      const struct issuers *issuers, unsigned hub_version)
{
        const struct issuer *issuer;
        enum reason reason = code_unpack(code, input, n_input);

        if (!reason)
                reason = code_verify(code, issuers, &issuer);
        if (!reason)
                reason = code_parse(code, issuer, hub_version);
        return reason ? code_refuse(code, reason) : REASON_NONE;
}

enum reason code_permit(struct code *code, uint32_t highest_counter, unsigned hub_capabilities)
{
        const struct payload *p = &code->payload;
        unsigned denied = p->capabilities & ~(code->issuer_capabilities & hub_capabilities);

        if (p->counter < highest_counter)
                return REASON_CODE_SUPERSEDED;
        if (!code->issuer_allows) {
                (void)snprintf(code->detail, sizeof(code->detail), "%s may not sign for %s %s",
                               code->issuer_name, p->maker, p->model);
                return REASON_CODE_NOT_PERMITTED;
        }
        if (denied) {
                (void)snprintf(code->detail, sizeof(code->detail), "it asks for %s",
                               capability_name(denied & -denied));
                return REASON_CODE_NOT_PERMITTED;
        }
        return REASON_NONE;
}
