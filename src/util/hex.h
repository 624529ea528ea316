/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Bytes as lower-case hexadecimal text and back. */

#include <stddef.h>
#include <stdint.h>

/* Writes 2 * @n_bytes digits and a NUL; @text must hold that many. Returns @text. */
char *hex_encode(const uint8_t *bytes, size_t n_bytes, char *text);

/* Reads exactly 2 * @n_bytes digits of either case; 0, or -EINVAL if @text is anything else. */
int hex_decode(const char *text, uint8_t *ret_bytes, size_t n_bytes);
