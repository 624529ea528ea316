/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The device's row in the store, made of its code, its report and what the hub supplied.
 *
 * Who has the last word is different for every field: the device for its serial number, public key
 * and versions, the hub for the name, the location and the owner. Neither overwrites the other.
 */

#include <stdint.h>

#include "code/payload.h"
#include "program/channel.h"
#include "store/device.h"
#include "wire/cbor.h"

enum {
        RECORD_E_SERIAL = 1, /* the device reports another serial number than its code has */
        RECORD_E_KEY,        /* it reports another public key or identity than its code has */
        RECORD_E_REPORT,     /* the report is not a map of items of the right types */
};

/* What the code alone says: everything but name, epoch, link, times and the report's items. */
void record_from_code(const struct payload *payload, const uint8_t device_id[16],
                      const char *issuer, struct store_device *ret_device);

/* Adds the device's report, after checking it against the code. */
int record_add_report(struct store_device *device, const struct payload *payload,
                      struct cbor_span report);

/* Adds what the hub supplied. */
void record_add_values(struct store_device *device, struct cbor_span values);

/* The words of a channel with blanks between them, cut where they do not fit. */
void record_words(char *text, size_t size, const struct program_channel *channel);

/* A text of @size bytes made of a span, cut where it does not fit. */
void record_text(char *text, size_t size, struct cbor_span span);

/* A name for topics made of a text: lower-case letters, digits and dashes, "device" if nothing
 * is left that may be a name. */
void record_name(const char *text, char ret_name[STORE_NAME_SIZE]);
