/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Type 2 tags (NFC Forum, Type 2 Tag 1.2): NTAG213, 215 and 216, MIFARE Ultralight and their like.
 * Pages of four bytes; page 3 is the capability container, and from page 4 on there are TLV blocks,
 * one of which holds the NDEF message. Only the first sector, 1,024 bytes, is used: no NTAG21x has
 * more.
 */

#include <stddef.h>
#include <stdint.h>

#include "tag/air.h"

#define TYPE2_PAGE_BYTES   4
#define TYPE2_DATA_OFFSET  16 /* of the first TLV block: page 4 */
#define TYPE2_MEMORY_BYTES 1024

/* The bytes that a message takes on a tag: head, message and, where there is room, an end. */
#define TYPE2_HEAD_BYTES(n_message) ((n_message) < 255 ? 2u : 4u)

/*
 * Reads the message of the tag. 0 with at most TAG_MESSAGE_MAX bytes, TAG_SILENT, TAG_EMPTY,
 * TAG_BROKEN, TAG_UNSUPPORTED, or a negative errno of the reader.
 */
int type2_read(const struct air *air, uint8_t message[TAG_MESSAGE_MAX], size_t *ret_n_message);

/*
 * Writes a message in the place of the one that the tag has, and reads it back. The length is
 * written last, so a tag that is taken away meanwhile is an empty one. 0, TAG_SILENT, TAG_FULL,
 * TAG_LOCKED, TAG_DIFFERENT, TAG_BROKEN, TAG_UNSUPPORTED, or a negative errno of the reader.
 */
int type2_write(const struct air *air, const uint8_t *message, size_t n_message);

/* The TLV blocks of a tag with this message: at most TAG_MESSAGE_MAX + 5 bytes. Returns how many.
 */
size_t type2_image(const uint8_t *message, size_t n_message, uint8_t *image);
