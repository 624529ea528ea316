/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Type 4 tags (NFC Forum, Type 4 Tag 2.0): an application with two files, the capability container
 * and the NDEF file, behind the commands of ISO/IEC 7816-4. Phones that emulate a tag are of this
 * type.
 */

#include <stddef.h>
#include <stdint.h>

#include "tag/air.h"

#define TYPE4_HEAD_BYTES 2 /* of the NDEF file: the length of the message */

/*
 * Reads the message of the tag. 0 with at most TAG_MESSAGE_MAX bytes, TAG_SILENT, TAG_EMPTY,
 * TAG_BROKEN, TAG_UNSUPPORTED, or a negative errno of the reader.
 */
int type4_read(const struct air *air, uint8_t message[TAG_MESSAGE_MAX], size_t *ret_n_message);

/*
 * Writes a message in the place of the one that the tag has, and reads it back. The length is
 * written last. Outcomes as of type2_write().
 */
int type4_write(const struct air *air, const uint8_t *message, size_t n_message);
