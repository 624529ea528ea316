/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The payload of a code (doc/code.md, section 3): the device's key and secret, what the code asks
 * for, and the applications that it holds, each split into the hub's half and the device's.
 *
 * It is parsed only after its signature was verified, and checked down to the last step of every
 * half before it counts as one. Which of the applications is run is for the policy to say. The
 * hub's half stays with the hub: what goes to the device is application_put_device(), and nothing
 * else of these structs.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "code/capability.h"
#include "program/program.h"
#include "reason/reason.h"
#include "wire/cbor.h"

#define PAYLOAD_FORMAT           1
#define PAYLOAD_LABEL_MAX        32 /* bytes of maker, model and serial */
#define PAYLOAD_APPLICATIONS_MAX 4
#define PAYLOAD_KEY_BYTES        32
#define PAYLOAD_SECRET_BYTES     32
#define PAYLOAD_IDENTITY_BYTES   16

enum payload_reach {
        PAYLOAD_REACH_BLE = 1,
        PAYLOAD_REACH_STREAM = 2,
};

/* The payload's keys. */
enum payload_key {
        PAYLOAD_KEY_FORMAT = 1,
        PAYLOAD_KEY_DAEMON,
        PAYLOAD_KEY_COUNTER,
        PAYLOAD_KEY_PRODUCT,
        PAYLOAD_KEY_PUBLIC_KEY,
        PAYLOAD_KEY_SECRET,
        PAYLOAD_KEY_REACH,
        PAYLOAD_KEY_CAPABILITIES,
        PAYLOAD_KEY_APPLICATIONS,
        PAYLOAD_KEY_SERIAL,
        PAYLOAD_KEY_CONFIGURATION,
};

/* One application: two halves, each an encoded array, of which one may be empty. */
struct application {
        struct cbor_span hub, device;
};

/* The spans point into the bytes that were parsed. */
struct payload {
        uint16_t daemon;  /* oldest version of the hub that will do, major * 256 + minor */
        uint32_t counter; /* the issuer's, for this product */
        char maker[PAYLOAD_LABEL_MAX + 1], model[PAYLOAD_LABEL_MAX + 1];
        char serial[PAYLOAD_LABEL_MAX + 1]; /* empty: the code does not say */
        uint8_t public_key[PAYLOAD_KEY_BYTES];
        uint8_t secret[PAYLOAD_SECRET_BYTES];
        uint8_t identity[PAYLOAD_IDENTITY_BYTES]; /* device_id, derived from public_key */
        unsigned reach;                           /* sum of enum payload_reach */
        unsigned capabilities;                    /* sum of enum capability */
        struct application applications[PAYLOAD_APPLICATIONS_MAX];
        size_t n_applications;
        struct cbor_span configuration; /* encoded map from parameter to value; empty: none */
};

/* Where a payload is wrong. */
struct payload_fault {
        unsigned key;                 /* of the payload; 0 if no key in particular is wrong */
        unsigned application;         /* counted from 0; if .program or .lacks says something */
        struct program_fault program; /* what is wrong with a half, or PROGRAM_OK */
        unsigned lacks;          /* capabilities that a step needs but key 8 does not ask for */
        uint16_t daemon;         /* key 2, which may explain what is not understood after it */
        size_t n_half, n_values; /* bytes of a device half, and at least of the values for it, if
                                    they do not fit into STAGE; else 0 */
};

/*
 * Parses @bytes. REASON_NONE with @ret_payload, which payload_done() wipes;
 * REASON_CODE_FORMAT_NEWER; or REASON_CODE_MALFORMED with @ret_fault.
 */
enum reason payload_parse(struct cbor_span bytes, struct payload *ret_payload,
                          struct payload_fault *ret_fault);

/* Wipes the secret; also takes a payload that was never parsed, if it is all zero. */
void payload_done(struct payload *payload);

/*
 * Writes the payload. Nothing is checked here; the caller parses it again. @identity is not
 * written, and optional keys are left out where their value is the default.
 */
void payload_encode(const struct payload *payload, struct cbor_writer *w);

/* SHA-256("enrolld devid" | D), its first 16 bytes. */
void payload_identity(const uint8_t public_key[PAYLOAD_KEY_BYTES],
                      uint8_t ret_identity[PAYLOAD_IDENTITY_BYTES]);

/* True for text that may stand as maker, model or serial: 1 to 32 printable bytes. */
bool payload_is_label(struct cbor_span text);

/* A sentence's worth on a fault, for makers of codes: "application 1, hub half, step 3: ...". */
void payload_fault_text(const struct payload_fault *fault, char *ret_text, size_t size);

/* Writes the device's half, raw as signed: the only part of a code that a device ever gets. */
void application_put_device(const struct application *application, struct cbor_writer *w);

/* The capabilities that the steps of the hub's half need; it is verified. */
unsigned application_needs(const struct application *application);
