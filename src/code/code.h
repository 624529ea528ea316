/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A code, from what a reader delivered to a verified payload: classify, unpack, check the
 * envelope, find the issuer, verify the signature, and only then look inside (doc/code.md,
 * section 2).
 *
 * struct code holds the one-time secret: code_done() wipes it, nothing prints it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/payload.h"
#include "code/envelope.h"
#include "code/issuer.h"
#include "code/text.h"
#include "reason/reason.h"

#define CODE_PAYLOAD_HASH_BYTES 32

/*
 * It must stay where it is while it is used, because the payload's spans point into bytes[].
 */
struct code {
        uint8_t bytes[CODE_BYTES_MAX]; /* the binary form */
        size_t n_bytes;
        struct envelope envelope;
        enum reason signature; /* REASON_NONE: it was verified; what code_open() refuses it with */
        struct payload payload;
        uint8_t payload_hash[CODE_PAYLOAD_HASH_BYTES]; /* SHA-256 of the payload */
        char issuer_name[ISSUER_NAME_MAX + 1];
        unsigned issuer_capabilities; /* the issuer's ceiling */
        bool issuer_allows;           /* the issuer may sign for this product */
        char detail[160];             /* what exactly is wrong, after a refusal; may be empty */
};

/*
 * Opens what a reader delivered or a person pasted, in any form. @hub_version is the hub's own,
 * major * 256 + minor.
 *
 * Returns REASON_NONE, or the first of these that applies, in the order of section 2:
 * REASON_CODE_NOT_ENROLLMENT or what foreign_reason() says instead, _FORMAT_NEWER, _TRUNCATED,
 * _ALTERED (binary), _MISCOPIED (text), _UNSIGNED, _ISSUER_UNKNOWN, _ALTERED or _MISCOPIED
 * (signature), _FORMAT_NEWER (payload), _MALFORMED, _DAEMON_TOO_OLD. After a refusal nothing but
 * the detail is left in @code. code_done() in either case.
 */
enum reason code_open(struct code *code, const uint8_t *input, size_t n_input,
                      const struct issuers *issuers, unsigned hub_version);

/*
 * The rest of section 2's order, which needs what the hub knows: REASON_CODE_SUPERSEDED if the
 * code's counter is below @highest_counter, the highest enrolled for this issuer and product;
 * REASON_CODE_NOT_PERMITTED if it asks for more than the issuer's ceiling and @hub_capabilities
 * allow, or the issuer may not sign for the product.
 */
enum reason code_permit(struct code *code, uint32_t highest_counter, unsigned hub_capabilities);

/*
 * Unpacks any form into its bytes and parts, whether or not its signature is good: for tools that
 * show codes. The refusals of code_open() before _UNSIGNED. @issuers help to tell what a text was
 * before somebody copied it.
 */
enum reason code_unpack(struct code *code, const uint8_t *input, size_t n_input,
                        const struct issuers *issuers);

void code_done(struct code *code);
