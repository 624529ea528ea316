/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * NDEF messages: the code in one, and one for a code (doc/code.md, section 1.2).
 *
 * A message may hold any records; the first one with a code counts. Chunked records are refused. A
 * smart poster is opened, but none within it.
 */

#include <stddef.h>
#include <stdint.h>

#include "code/text.h"
#include "tag/air.h"

#define NDEF_MIME_TYPE "application/vnd.enrolld.code"
#define NDEF_BASE_MAX  256 /* bytes of what stands before the code in a URI */

enum ndef_form {
        NDEF_FORM_MIME, /* the binary form */
        NDEF_FORM_TEXT, /* ENR1:... */
        NDEF_FORM_URI,  /* BASE#enr1.... */
};

/*
 * ndef_find() - find the code in a message
 * @code: receives the code, binary or text; it may hold more than a code, as pasted text may
 *
 * Return: 0, TAG_EMPTY, TAG_FOREIGN or TAG_BROKEN.
 */
int ndef_find(const uint8_t *message, size_t n_message, uint8_t code[TEXT_CHARS_MAX],
              size_t *ret_n_code);

/*
 * ndef_make() - write a message with one record
 * @code: the binary form, 1 to CODE_BYTES_MAX bytes
 * @base: of NDEF_FORM_URI: an absolute URI without a fragment
 * @message: receives at most TAG_MESSAGE_MAX bytes
 *
 * Return: 0, or -EINVAL for another @base.
 */
int ndef_make(enum ndef_form form, const uint8_t *code, size_t n_code, const char *base,
              uint8_t message[TAG_MESSAGE_MAX], size_t *ret_n_message);
