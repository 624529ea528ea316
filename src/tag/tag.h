/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A tag on the reader, of either type: the code on it, and writing one. */

#include <stddef.h>
#include <stdint.h>

#include "code/text.h"
#include "reason/reason.h"
#include "tag/air.h"

enum tag_kind {
        TAG_KIND_OTHER, /* nothing that holds NDEF as we know it: MIFARE Classic, for instance */
        TAG_KIND_TYPE2,
        TAG_KIND_TYPE4,
};

/*
 * The kind by what the tag answers to its selection (NXP AN10833): bit 6 of @sak says that it
 * speaks ISO/IEC 14443-4, and a MIFARE Classic has bit 4.
 */
enum tag_kind tag_kind_of(unsigned sak);

/*
 * Reads the code of a tag that was just selected. 0, an outcome of air.h up to TAG_UNSUPPORTED, or
 * a negative errno of the reader.
 */
int tag_read(enum tag_kind kind, const struct air *air, uint8_t code[TEXT_CHARS_MAX],
             size_t *ret_n_code);

/* Writes an NDEF message and reads it back: type2_write(), type4_write(). */
int tag_write(enum tag_kind kind, const struct air *air, const uint8_t *message, size_t n_message);

/* What is said of a tag that gave no code; TAG_SILENT: it is still there and cannot be read. */
enum reason tag_reason(int outcome);
