/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The payload of a code: a serialized enrollment application (doc/code.md, section 3).
 *
 * It is parsed only after its signature was verified, and checked down to the last step of both
 * halves before it counts as one. The hub's half stays with the hub: what goes to the device is
 * application_put_device(), and nothing else of this struct.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "program/program.h"
#include "reason/reason.h"
#include "wire/cbor.h"

#define APPLICATION_FORMAT         1
#define APPLICATION_LABEL_MAX      32 /* bytes of maker, model and serial */
#define APPLICATION_PAIRS_MAX      4
#define APPLICATION_KEY_BYTES      32
#define APPLICATION_SECRET_BYTES   32
#define APPLICATION_IDENTITY_BYTES 16

enum application_reach {
        APPLICATION_REACH_BLE = 1,
        APPLICATION_REACH_STREAM = 2,
};

/* Section 3.1. */
enum application_capability {
        APPLICATION_CHANNEL_PUBLISH = 1,
        APPLICATION_CHANNEL_COMMAND = 2,
        APPLICATION_KEY_FORWARD = 4,
        APPLICATION_CAPABILITIES = 7, /* all of them */
};

/* The payload's keys. */
enum application_key {
        APPLICATION_KEY_FORMAT = 1,
        APPLICATION_KEY_DAEMON,
        APPLICATION_KEY_COUNTER,
        APPLICATION_KEY_PRODUCT,
        APPLICATION_KEY_PUBLIC_KEY,
        APPLICATION_KEY_SECRET,
        APPLICATION_KEY_REACH,
        APPLICATION_KEY_CAPABILITIES,
        APPLICATION_KEY_APPLICATIONS,
        APPLICATION_KEY_SERIAL,
        APPLICATION_KEY_CONFIGURATION,
};

/* One application, split: two halves, each one encoded array, perhaps an empty one. */
struct application_pair {
        struct cbor_span hub, device;
};

/* The spans point into the bytes that were parsed. */
struct application {
        uint16_t daemon;  /* oldest version of the hub that will do, major * 256 + minor */
        uint32_t counter; /* the issuer's, for this product */
        char maker[APPLICATION_LABEL_MAX + 1], model[APPLICATION_LABEL_MAX + 1];
        char serial[APPLICATION_LABEL_MAX + 1]; /* empty: the code does not say */
        uint8_t public_key[APPLICATION_KEY_BYTES];
        uint8_t secret[APPLICATION_SECRET_BYTES];
        uint8_t identity[APPLICATION_IDENTITY_BYTES]; /* device_id, derived from public_key */
        unsigned reach;                               /* sum of enum application_reach */
        unsigned capabilities;                        /* sum of enum application_capability */
        struct application_pair pairs[APPLICATION_PAIRS_MAX];
        size_t n_pairs;
        struct cbor_span configuration; /* encoded map from parameter to value; empty: none */
};

/* Where a payload is wrong. */
struct application_fault {
        unsigned key;                 /* of the payload; 0 if it is none in particular */
        unsigned pair;                /* counted from 0, if program.error is set */
        struct program_fault program; /* what is wrong with a half, or PROGRAM_OK */
        unsigned lacks;  /* capabilities that a step needs but key 8 does not ask for */
        uint16_t daemon; /* key 2, which may explain what is not understood after it */
};

/*
 * REASON_CODE_FORMAT_NEWER, REASON_CODE_MALFORMED with @ret_fault, or REASON_NONE with
 * @ret_application, which application_done() wipes.
 */
enum reason application_parse(struct cbor_span payload, struct application *ret_application,
                              struct application_fault *ret_fault);

/* Wipes the secret; takes one that was never parsed, too, if it is all zero. */
void application_done(struct application *application);

/*
 * Writes the payload. The caller parses it again: nothing is checked here. @identity is not
 * written, optional keys are left out where their value is the default.
 */
void application_encode(const struct application *application, struct cbor_writer *w);

/* Writes the device half of a pair, raw as signed: the only part of a code a device ever gets. */
void application_put_device(const struct application *application, size_t pair,
                            struct cbor_writer *w);

/* SHA-256("enrolld devid" | D), its first 16 bytes. */
void application_identity(const uint8_t public_key[APPLICATION_KEY_BYTES],
                          uint8_t ret_identity[APPLICATION_IDENTITY_BYTES]);

/* The capabilities that the steps of a hub half need; one that is verified. */
unsigned application_needs(struct cbor_span hub);

/* "channel.publish" for APPLICATION_CHANNEL_PUBLISH, and back; NULL and 0 if there is none. */
const char *application_capability_name(unsigned capability);
unsigned application_capability_from_name(const char *name, size_t n_name);

/* True for text that may stand as maker, model or serial: 1 to 32 printable bytes. */
bool application_is_label(struct cbor_span text);

/* A sentence's worth on a fault, for makers of codes: "hub half, step 3 (channel): ...". */
void application_fault_text(const struct application_fault *fault, char *ret_text, size_t size);
