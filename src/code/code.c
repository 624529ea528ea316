/* SPDX-License-Identifier: Apache-2.0 */

#include "code/code.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "code/foreign.h"
#include "code/paste.h"

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

/* Nothing of the payload is looked at before this has returned REASON_NONE. */
static enum reason code_verify(const struct code *code, const struct issuers *issuers)
{
        const struct issuer *issuer;

        if (code->envelope.signature.n_bytes == 0)
                return REASON_CODE_UNSIGNED;
        issuer = issuers_find(issuers, code->envelope.kid);
        if (!issuer)
                return REASON_CODE_ISSUER_UNKNOWN;
        return envelope_verify(&code->envelope, issuer->key);
}

/*
 * How much speaks for a reading. One that is not signed may be a wrong one, which by chance has the
 * head of an empty signature.
 */
static int code_rank(const struct code *code)
{
        return code->signature == REASON_NONE ? 2 : code->signature != REASON_CODE_UNSIGNED;
}

/*
 * Takes the reading of a text whose signature is good, or else the best one, so it checks at most
 * PASTE_READINGS_MAX signatures. That one is wrong says that the text was miscopied, if copying has
 * left traces in it.
 */
static enum reason code_unpack_text(struct code *code, struct paste *paste, const uint8_t *input,
                                    size_t n_input, const struct issuers *issuers)
{
        enum reason reason, signature = REASON_NONE;
        int n = 0, best = 0, rank = -1;

        paste_begin(paste, input, n_input);
        while (rank < 2) {
                reason = paste_next(paste, code->bytes, &code->n_bytes, &code->envelope);
                if (reason)
                        break;
                code->signature = code_verify(code, issuers);
                n++;
                if (code_rank(code) > rank) {
                        rank = code_rank(code);
                        signature = code->signature;
                        best = n;
                }
        }
        if (rank == 2)
                return REASON_NONE;
        if (rank < 0 || paste->is_cut)
                return rank < 0 ? reason : REASON_CODE_TRUNCATED;

        paste_begin(paste, input, n_input);
        for (n = 0; n < best; n++)
                (void)paste_next(paste, code->bytes, &code->n_bytes, &code->envelope);
        code->signature = signature == REASON_CODE_ALTERED && paste_is_mended(paste)
                                  ? REASON_CODE_MISCOPIED
                                  : signature;
        return REASON_NONE;
}

static enum reason code_unpack_binary(struct code *code, const uint8_t *input, size_t n_input,
                                      const struct issuers *issuers)
{
        enum reason reason;

        if (n_input > CODE_BYTES_MAX)
                return REASON_CODE_ALTERED;
        memcpy(code->bytes, input, n_input);
        code->n_bytes = n_input;
        reason = envelope_parse(code->bytes, code->n_bytes, &code->envelope);
        if (!reason)
                code->signature = code_verify(code, issuers);
        return reason;
}

enum reason code_unpack(struct code *code, const uint8_t *input, size_t n_input,
                        const struct issuers *issuers)
{
        struct paste paste;
        enum reason reason;

        memset(code, 0, sizeof(*code));
        if (text_form_of(input, n_input) == TEXT_FORM_BINARY) {
                reason = code_unpack_binary(code, input, n_input, issuers);
        } else {
                reason = code_unpack_text(code, &paste, input, n_input, issuers);
                paste_done(&paste);
        }
        if (reason == REASON_CODE_NOT_ENROLLMENT)
                reason = foreign_reason(input, n_input);
        return reason ? code_refuse(code, reason) : REASON_NONE;
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
        enum reason reason = code_unpack(code, input, n_input, issuers);

        if (!reason)
                reason = code->signature;
        if (!reason)
                reason = code_parse(code, issuers_find(issuers, code->envelope.kid), hub_version);
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
